package imageio

import (
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// A format is a kind of file that is read. To add one: a row in formats, and a
// file with its header function, which must bound what decoding costs without
// trusting anything else in the file.
type format struct {
	name  string                            // Info.Format
	title string                            // in errors
	match func(data []byte) bool            // by the first bytes
	head  func(data []byte) (header, error) // data matches; everything else about it is unknown
	// config is the decoder's own reading of the size, for a second opinion.
	config func(io.Reader) (image.Config, error)
	// decode runs once the header has passed the limits. Its result has the
	// header's size, and memory that nobody else holds.
	decode func(s source) (image.Image, error)
}

var formats = []*format{
	{"jpeg", "JPEG", magic("\xff\xd8\xff"), jpegHeader, jpeg.DecodeConfig, jpegDecode},
	{"png", "PNG", magic("\x89PNG\r\n\x1a\n"), pngHeader, png.DecodeConfig, pngDecode},
	{"gif", "GIF", anyOf(magic("GIF87a"), magic("GIF89a")), gifHeader, gif.DecodeConfig, gifDecode},
	{"webp", "WebP", magic("RIFF????WEBP"), webpHeader, webp.DecodeConfig, webpDecode},
	{"bmp", "BMP", magic("BM????\x00\x00\x00\x00"), bmpHeader, bmp.DecodeConfig, bmpDecode},
	{tiffName, "TIFF", anyOf(magic("II*\x00"), magic("MM\x00*")), tiffHeader, tiff.DecodeConfig, tiffDecode},
}

// sniff finds the format of data, or says what else it looks like.
func sniff(data []byte, lim Limits) (*format, error) {
	if len(data) == 0 {
		return nil, errEmpty
	}
	for _, f := range formats {
		if f.match(data) && (f.name != tiffName || lim.TIFF) {
			return f, nil
		}
	}
	return nil, refusal(data)
}

// header is head behind a recover: it walks bytes that anybody may have written.
func (f *format) header(data []byte) (h header, err error) {
	defer func() {
		if r := recover(); r != nil {
			h, err = header{}, fmt.Errorf("the header reader gave up: %v", r)
		}
	}()
	return f.head(data)
}

// magic matches data that begins with pattern, in which '?' is any byte.
func magic(pattern string) func([]byte) bool {
	return func(data []byte) bool {
		if len(data) < len(pattern) {
			return false
		}
		for i := range len(pattern) {
			if pattern[i] != '?' && pattern[i] != data[i] {
				return false
			}
		}
		return true
	}
}

func anyOf(ms ...func([]byte) bool) func([]byte) bool {
	return func(data []byte) bool {
		for _, m := range ms {
			if m(data) {
				return true
			}
		}
		return false
	}
}

// fault words an error from any of the decoders in one way: truncated, too
// large, unsupported or corrupt, and the format.
func (f *format) fault(err error) error {
	var halt stopped
	if errors.As(err, &halt) {
		return fmt.Errorf("%s not decoded to its end: %w", f.title, halt.error)
	}
	var large overLimit
	if errors.As(err, &large) {
		return fmt.Errorf("%s too large: %w", f.title, err)
	}
	if isTruncated(err) {
		return fmt.Errorf("truncated %s", f.title)
	}
	msg := err.Error()
	for _, p := range []string{
		"invalid JPEG format: ", "unsupported JPEG feature: ",
		"png: invalid format: ", "png: unsupported feature: ",
		"gif: ", "webp: ", "vp8: ", "vp8l: ", "riff: ", "bmp: ",
		"tiff: invalid format: ", "tiff: unsupported feature: ",
	} {
		msg = strings.TrimPrefix(msg, p)
	}
	if isUnsupported(err) {
		return fmt.Errorf("unsupported %s: %s", f.title, msg)
	}
	return fmt.Errorf("corrupt %s: %s", f.title, msg)
}

// isTruncated tells whether a decoder stopped because its input did. Half of
// them only say so in words.
func isTruncated(err error) bool {
	if errors.Is(err, errTruncated) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return true
	}
	msg := err.Error()
	for _, end := range []string{"unexpected EOF", "short Huffman data", "not enough image data", "not enough pixel data", "short chunk data"} {
		if strings.HasSuffix(msg, end) {
			return true
		}
	}
	return false
}

func isUnsupported(err error) bool {
	var ours unsupported
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	var t tiff.UnsupportedError
	return errors.As(err, &ours) || errors.As(err, &t) || errors.As(err, &j) || errors.As(err, &p) || errors.Is(err, bmp.ErrUnsupported)
}
