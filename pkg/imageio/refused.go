package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

var errEmpty = errors.New("empty file")

// refused are the kinds of file that are recognised and not read. The first
// row that matches words the error; to name one more, add a row.
var refused = []struct {
	match func(data []byte) bool
	say   string
}{
	// Pictures that are not read.
	{brand("avif", "avis"), "AVIF is not supported: convert it to JPEG or PNG (avifdec IN.avif OUT.png)"},
	{brand("heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "msf1"), "HEIC is not supported: convert it to JPEG or PNG (heif-convert IN.heic OUT.jpg, or on a Mac: sips -s format jpeg IN.heic --out OUT.jpg)"},
	{anyOf(magic("II*\x00"), magic("MM\x00*"), magic("II+\x00"), magic("MM\x00+")), "TIFF and camera raw files are not supported: convert it to JPEG or PNG"},
	{anyOf(magic("\xff\x0a"), magic("\x00\x00\x00\x0cJXL ")), "JPEG XL is not supported: convert it to JPEG or PNG"},
	{anyOf(magic("\x00\x00\x00\x0cjP  "), magic("\xff\x4f\xff\x51")), "JPEG 2000 is not supported: convert it to JPEG or PNG"},
	{magic("8BPS"), "Photoshop files are not supported: convert it to JPEG or PNG"},
	{magic("\x00\x00\x01\x00?\x00"), "icons are not supported: convert it to PNG"},
	{anyOf(magic("P1"), magic("P2"), magic("P3"), magic("P4"), magic("P5"), magic("P6")), "PNM is not supported: convert it to PNG"},

	// Pictures that were damaged on their way.
	{damagedPNG, "corrupt PNG: its signature is damaged, as by a transfer in text mode"},
	{magic("\xff\xd8"), "corrupt JPEG: nothing follows its first marker"},
	{zeros, "not a picture: only zero bytes, as after a crash or an unfinished download"},
	{magic("version https://git-lfs"), "not a picture: a Git LFS pointer (git lfs pull fetches the file)"},
	{anyOf(magic("\x00\x05\x16\x07"), magic("\x00\x05\x16\x00")), "not a picture: macOS metadata (AppleDouble)"},

	// Everything else that ends up with a picture's name.
	{tag("<svg"), "not a picture: looks like SVG"},
	{anyOf(tag("<!doctype html"), tag("<html"), tag("<head"), tag("<body")), "not a picture: looks like HTML"},
	{tag("<?xml"), "not a picture: looks like XML"},
	{tag("{"), "not a picture: looks like JSON"},
	{magic("%PDF"), "not a picture: looks like PDF"},
	{anyOf(magic("PK\x03\x04"), magic("PK\x05\x06")), "not a picture: looks like a zip archive"},
	{magic("\x1f\x8b"), "not a picture: looks like gzip"},
	{anyOf(magic("Rar!\x1a\x07"), magic("7z\xbc\xaf\x27\x1c"), magic("\xfd7zXZ\x00"), magic("\x28\xb5\x2f\xfd")), "not a picture: looks like an archive"},
	{anyOf(magic("\x7fELF"), magic("MZ"), magic("\xcf\xfa\xed\xfe"), magic("\xca\xfe\xba\xbe")), "not a picture: looks like a program"},
	{anyOf(magic("????ftyp"), magic("\x1aE\xdf\xa3"), magic("RIFF????AVI ")), "not a picture: looks like a film"},
	{anyOf(magic("RIFF????WAVE"), magic("ID3"), magic("OggS"), magic("fLaC")), "not a picture: looks like sound"},
	{magic("SQLite format 3\x00"), "not a picture: looks like a database"},
	{text, "not a picture: looks like text"},
}

// refusal says why data, which no row of formats matches, is not read.
func refusal(data []byte) error {
	for _, r := range refused {
		if r.match(data) {
			return errors.New(r.say)
		}
	}
	return fmt.Errorf("not a picture: begins with %q", data[:min(len(data), 8)])
}

// brand matches ISO media files (ISO/IEC 14496-12, section 4.3) that state one
// of these brands, as their own or among those that they are compatible with.
func brand(names ...string) func([]byte) bool {
	return func(data []byte) bool {
		if len(data) < 12 || string(data[4:8]) != "ftyp" {
			return false
		}
		for i := 8; i+4 <= min(len(data), int(data[3])); i += 4 { // a box of a few dozen bytes
			if slices.Contains(names, string(data[i:i+4])) {
				return true
			}
		}
		return false
	}
}

// tag matches text that begins so, after white space and a byte order mark and
// whatever the case; for markup also after a leading comment or declaration, if
// the tag follows soon.
func tag(name string) func([]byte) bool {
	return func(data []byte) bool {
		head := bytes.ToLower(data[:min(len(data), 512)])
		head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
		if bytes.HasPrefix(head, []byte(name)) {
			return true
		}
		declared := bytes.HasPrefix(head, []byte("<?")) || bytes.HasPrefix(head, []byte("<!"))
		return name[0] == '<' && declared && bytes.Contains(head, []byte(name))
	}
}

// damagedPNG finds the header that follows a PNG's signature.
func damagedPNG(data []byte) bool { return bytes.Contains(data[:min(len(data), 24)], []byte("IHDR")) }

func zeros(data []byte) bool {
	for _, b := range data[:min(len(data), 4096)] {
		if b != 0 {
			return false
		}
	}
	return true
}

func text(data []byte) bool {
	head := data[:min(len(data), 512)]
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 && len(head) >= utf8.UTFMax {
			return false
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
		head = head[n:]
	}
	return true
}
