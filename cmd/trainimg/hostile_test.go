package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// hostile DIR: writes into DIR what people's folders and attackers have in store
// for a decoder, and the file DIR.reasons: for each that must be skipped its name and
// a part of the reason. Those that must be read have names that begin with "ok".
func hostile(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	put := func(name string, data []byte) { ts.Check(os.WriteFile(filepath.Join(dir, name), data, 0o666)) }
	var reasons strings.Builder
	for _, f := range hostileFiles() {
		put(f.name, f.data)
		if f.reason != "" {
			fmt.Fprintf(&reasons, "%s\t%s\n", f.name, f.reason)
		}
	}
	special, err := specialFiles(dir)
	ts.Check(err)
	reasons.WriteString(special)
	put("sparse.png", nil)
	if os.Truncate(filepath.Join(dir, "sparse.png"), 100<<30) == nil {
		reasons.WriteString("sparse.png\tthe limit is\n")
	} else {
		ts.Check(os.Remove(filepath.Join(dir, "sparse.png")))
	}
	ts.Check(os.WriteFile(dir+".reasons", []byte(reasons.String()), 0o666))
}

type hostileFile struct {
	name   string
	data   []byte
	reason string // "" for those that must be read
}

func hostileFiles() []hostileFile {
	encoded := func(encode func(b *bytes.Buffer) error) []byte {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			panic(err)
		}
		return b.Bytes()
	}
	gray := image.NewGray(image.Rect(0, 0, 40, 30))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i * 7)
	}
	jpg := encoded(func(b *bytes.Buffer) error { return jpeg.Encode(b, gray, nil) })
	pic := encoded(func(b *bytes.Buffer) error { return png.Encode(b, gray) })
	dot := encoded(func(b *bytes.Buffer) error { return gif.Encode(b, gray, nil) })
	raw := encoded(func(b *bytes.Buffer) error { return bmp.Encode(b, gray) })
	tif := encoded(func(b *bytes.Buffer) error { return tiff.Encode(b, gray, nil) })
	deep := encoded(func(b *bytes.Buffer) error { return png.Encode(b, image.NewNRGBA64(image.Rect(0, 0, 3000, 2000))) })

	// with returns data in which the bytes from at on are others.
	with := func(data []byte, at int, others ...byte) []byte {
		out := bytes.Clone(data)
		copy(out[at:], others)
		return out
	}
	sof := bytes.Index(jpg, []byte{0xff, 0xc0})
	// head is a PNG's header with other numbers, and some megabytes that could be pixels.
	head := func(w, h uint32, depth, kind, interlaced byte) []byte {
		out := bytes.Clone(pic[:33])
		binary.BigEndian.PutUint32(out[16:], w)
		binary.BigEndian.PutUint32(out[20:], h)
		copy(out[24:], []byte{depth, kind, 0, 0, interlaced})
		binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
		return append(out, chunk("IDAT", make([]byte, 4<<20))...)
	}
	exif := func(tiff string) []byte {
		body := "Exif\x00\x00" + tiff
		seg := append([]byte{0xff, 0xe1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
		return append(append(bytes.Clone(jpg[:2]), seg...), jpg[2:]...)
	}
	orientation := func(v byte) string {
		return "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\xff" + string([]byte{v}) + "\x00\x00\x00\x00\x00\x00"
	}
	// scans is a progressive JPEG that refines nothing so many times.
	scans := func(w, h uint16, n int) []byte {
		out := bytes.Clone(jpg[:sof])
		out = append(out, 0xff, 0xc2, 0, 11, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 1, 1, 0x11, 0)
		out = append(out, jpg[sof+13:bytes.Index(jpg, []byte{0xff, 0xda})]...)
		for range n {
			out = append(out, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0x10)
		}
		return append(append(out, make([]byte, 1<<20)...), 0xff, 0xd9)
	}
	webp := func(w, h int, chunks string) []byte {
		bits := uint32(w-1) | uint32(h-1)<<14
		body := binary.LittleEndian.AppendUint32([]byte("\x2f"), bits)
		body = append(body, "\x88\x88\x08\x07\x10\x11\x11\x88\x88\xfe\x07\x00\x00"...) // golang/go#80254
		vp8l := append(binary.LittleEndian.AppendUint32([]byte("VP8L"), uint32(len(body))), body...)
		all := append([]byte("WEBP"+chunks), vp8l...)
		return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(all))), all...)
	}
	return []hostileFile{
		{"webp-28-bytes.webp", webp(16384, 16384, ""), "WebP too large"},
		{"webp-two-sizes.webp", webp(16, 16, "VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x07\x00\x00"), "a picture of 16×16 on a canvas of 16×8"},
		{"tiff-8-bytes.tif", []byte("II*\x00\xff\xff\xff\xff"), "TIFF"},
		{"tiff-offsets.tif", with(tif, 4, 0xff, 0xff, 0xff, 0x7f), "TIFF"},
		{"tiff-cut.tif", tif[:len(tif)/2], "TIFF"},
		{"bmp-palette.bmp", with(raw, 46, 2), "BMP"}, // two colours for 256 values
		{"bmp-large.bmp", with(raw, 18, 0, 0, 1, 0, 0, 0, 1, 0), "BMP too large"},
		{"png-1-bit.png", head(30000, 30000, 1, 0, 0), "PNG too large"},
		{"png-16-bits.png", head(7000, 7000, 16, 6, 0), "MiB to decode"},
		{"png-interlaced.png", head(9000, 9000, 8, 6, 1), "MiB to decode"},
		{"png-sum.png", with(pic, 29, 1, 2, 3, 4), "corrupt PNG"},
		{"png-cut.png", pic[:len(pic)/2], "truncated PNG"},
		{"jpeg-500-scans.jpg", scans(7000, 7000, 500), "JPEG"},
		{"jpeg-20000-scans.jpg", scans(64, 64, 20000), "more than 256 scans"},
		{"jpeg-49-megapixels.jpg", scans(7000, 7000, 3), "MiB to decode"},
		{"jpeg-65535.jpg", with(jpg, sof+5, 0xff, 0xff, 0xff, 0xff), "JPEG too large"},
		{"jpeg-12-bits.jpg", with(jpg, sof+4, 12), "12 bits a channel"},
		{"jpeg-arithmetic.jpg", with(jpg, sof+1, 0xc9), "arithmetic coding"},
		{"jpeg-lossless.jpg", with(jpg, sof+1, 0xc3), "lossless coding"},
		{"jpeg-0-high.jpg", with(jpg, sof+5, 0, 0), "pixels"},
		{"jpeg-5-channels.jpg", with(jpg, sof+9, 5), "JPEG"},
		{"jpeg-cut.jpg", jpg[:len(jpg)*2/3], "truncated JPEG"},
		{"jpeg-header.jpg", jpg[:sof+6], "truncated JPEG"},
		{"gif-canvas.gif", with(dot, 6, 0xff, 0xff, 0xff, 0xff), "GIF too large"},
		{"gif-cut.gif", dot[:len(dot)/2], "truncated GIF"},
		{"html.jpg", []byte("<!DOCTYPE html><html>404"), "looks like HTML"},
		{"svg.png", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), "looks like SVG"},
		{"elf.jpg", []byte("\x7fELF\x02\x01\x01"), "looks like a program"},
		{"zip.jpg", []byte("PK\x03\x04 and so on"), "looks like a zip archive"},
		{"phone.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "HEIC is not supported: convert it"},
		{"web.avif", []byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf"), "AVIF is not supported: convert it"},
		{"zeros.jpg", make([]byte, 5000), "only zero bytes"},
		{"empty.jpg", nil, "empty file"},
		{"png-signature.png", bytes.ReplaceAll(pic[:60], []byte("\r\n"), []byte("\n")), "signature is damaged"},

		{"ok-exif-0.jpg", exif(orientation(0)), ""},
		{"ok-exif-9.jpg", exif(orientation(9)), ""},
		{"ok-exif-offset.jpg", exif("MM\x00*\xff\xff\xff\xff"), ""},
		{"ok-exif-cycle.jpg", exif("MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x08"), ""},
		{"ok-film-behind.jpg", append(bytes.Clone(jpg), "\x00\x00\x00\x18ftypmp42"...), ""},
		{"ok-no-end.jpg", jpg[:len(jpg)-2], ""},
		{"ok-tiny-chunks.png", append(append(bytes.Clone(pic[:33]), bytes.Repeat(chunk("zTXt", []byte("x\x00\x00garbage")), 100_000)...), pic[33:]...), ""},
		{"ok-named-wrong.jpg", pic, ""},
		{"ok.tiff", tif, ""},
		{"ok-large-1.png", deep, ""}, // 70 MiB each to decode, and not to be held at once
		{"ok-large-2.png", deep, ""},
	}
}

func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// skipped REPORT.json PREFIX FILE.reasons: the report lists exactly these files,
// with PREFIX before their names, each with its reason.
func skipped(ts *testscript.TestScript, _ bool, args []string) {
	got := map[string]string{}
	for _, s := range readReport(ts, args[0]).Skipped {
		got[s.File] = s.Reason
	}
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		name, want, _ := strings.Cut(strings.TrimSpace(line), "\t")
		reason, ok := got[args[1]+name]
		if !ok || !strings.Contains(reason, want) {
			ts.Logf("%s: %q, want …%s…", name, reason, want)
			defer ts.Fatalf("not as they should be")
		}
		delete(got, args[1]+name)
	}
	if len(got) > 0 {
		ts.Fatalf("also skipped: %v", got)
	}
}

// within MIB COMMAND…: runs a command that is killed if it takes more memory; where
// nobody may say so, it runs as it is.
func within(ts *testscript.TestScript, neg bool, args []string) {
	mib, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	group, procs := memoryGroup(mib << 20)
	if group == "" {
		ts.Logf("no memory cgroup: without a limit")
		ts.Check(ts.Exec(args[1], args[2:]...))
		return
	}
	defer os.Remove(group)
	err = ts.Exec("sh", append([]string{"-c", `echo $$ > "$0" && exec "$@"`, procs}, args[1:]...)...)
	if neg != (err != nil) {
		ts.Fatalf("with %d MiB: %v", mib, err)
	}
	peak, _ := os.ReadFile(filepath.Join(group, "memory.max_usage_in_bytes"))
	ts.Logf("of %d bytes at most %s", mib<<20, strings.TrimSpace(string(peak)))
}

// memoryGroup makes a cgroup, of version 1 or 2, for processes that together
// take at most so many bytes, and answers "" where it cannot.
func memoryGroup(most int64) (dir, procs string) {
	for _, v := range []struct{ root, limit string }{
		{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}, {"/sys/fs/cgroup", "memory.max"},
	} {
		dir, err := os.MkdirTemp(v.root, "squint-test-")
		if err != nil {
			continue
		}
		procs := filepath.Join(dir, "cgroup.procs") // which the kernel made, or this is no group
		if _, err := os.Stat(procs); err == nil && os.WriteFile(filepath.Join(dir, v.limit), []byte(strconv.FormatInt(most, 10)), 0o644) == nil {
			return dir, procs
		}
		os.Remove(dir)
	}
	return "", ""
}

func TestMemoryGroupKills(t *testing.T) {
	if dir, _ := memoryGroup(64 << 20); dir == "" {
		t.Skip("no memory cgroup")
	} else {
		os.Remove(dir)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{"testdata/killed.txtar"},
		Cmds:  map[string]func(*testscript.TestScript, bool, []string){"within": within},
	})
}
