package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"math"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

// bombs are small files that claim, or would take, far more than they weigh.
// Each must be refused by its header: the test measures what refusing costs.
func bombs(t testing.TB) map[string]struct {
	data []byte
	want string
} {
	colour := []byte{0x22, 0x11, 0x11}
	// Enough entropy bytes that the file could be whole: only the limits refuse it.
	long := bytes.Repeat([]byte{0x55}, 8<<20)
	idat := pngChunk("IDAT", long)
	type bomb = struct {
		data []byte
		want string
	}
	head := func(f flatJPEG) []byte { f.noEntropy = true; f.trailing = long; return f.bytes() }
	return map[string]bomb{
		"JPEG 65535²":               {head(flatJPEG{w: 65535, h: 65535, sampling: colour}), "JPEG too large: 65535×65535 pixels"},
		"progressive JPEG 16000²":   {head(flatJPEG{frame: jpegSOF2, w: 16000, h: 16000, sampling: colour}), "MiB to decode"},
		"4:4:4 progressive 10000²":  {head(flatJPEG{frame: jpegSOF2, w: 10000, h: 10000, sampling: []byte{0x11, 0x11, 0x11}}), "MiB to decode"},
		"CMYK JPEG 14000²":          {head(flatJPEG{w: 14000, h: 14000, sampling: []byte{0x11, 0x11, 0x11, 0x11}, adobe: 1}), "MiB to decode"},
		"PNG 30000² of 1 bit":       {append(pngHead(30000, 30000, 1, pngGray, 0), idat...), "PNG too large"},
		"PNG 2³¹ wide":              {append(pngHead(1<<31-1, 1, 1, pngGray, 0), idat...), "PNG too large"},
		"PNG 2³² wide and high":     {append(pngHead(1<<32-1, 1<<32-1, 16, pngRGBA, 1), idat...), "PNG too large"},
		"PNG 100000×1":              {append(pngHead(100000, 1, 8, pngGray, 0), idat...), "65535 a side"},
		"PNG 12600² of 16 bits":     {append(pngHead(12600, 12600, 16, pngRGBA, 0), idat...), "MiB to decode"},
		"interlaced PNG 13000²":     {append(pngHead(13000, 13000, 8, pngRGBA, 1), idat...), "MiB to decode"},
		"PNG that cannot be whole":  {append(pngHead(16000, 16000, 8, pngRGB, 0), pngChunk("IDAT", long[:500<<10])...), "truncated PNG"},
		"GIF canvas 65535²":         {gifDot(65535, 65535), "GIF too large"},
		"WebP of 28 bytes":          {riff(vp8l(16384, 16384, 0, 0, 0, 255)), "WebP too large"}, // golang/go#80254
		"WebP 13000²":               {riff(vp8l(13000, 13000, 0, 0, 0, 255)), "MiB to decode"},
		"BMP 16000²":                {bmpHead(16000, 16000, 24), "truncated BMP"},
		"BMP 2³¹ wide":              {bmpHead(math.MaxInt32, 1, 24), "BMP too large"},
		"BMP 2³¹ high, upside down": {bmpHead(1, -math.MaxInt32, 24), "BMP too large"},
		"JPEG of 257 scans":         {flatJPEG{frame: jpegSOF2, w: 64, h: 64, sampling: []byte{0x11}, scans: maxScans}.bytes(), "more than 256 scans"},
		"JPEG of 20000 scans":       {flatJPEG{frame: jpegSOF2, w: 64, h: 64, sampling: []byte{0x11}, scans: 20000}.bytes(), "more than 256 scans"},
	}
}

func TestBombs(t *testing.T) {
	for name, b := range bombs(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		img, _, err := Decode(b.data, Limits{})
		runtime.ReadMemStats(&after)
		if err == nil || img != nil || !strings.Contains(err.Error(), b.want) {
			t.Errorf("%s (%d bytes): %v, want %q", name, len(b.data), err, b.want)
		}
		// A decoder's own state is below 64 KiB; the smallest of these pictures takes megabytes.
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%s: %d KiB allocated before refusing", name, got>>10)
		}
	}
}

// TestScansUpToTheLimit: the bound on scans refuses nothing below it.
func TestScansUpToTheLimit(t *testing.T) {
	decode(t, flatJPEG{frame: jpegSOF2, w: 64, h: 64, sampling: []byte{0x11}, scans: maxScans - 1}.bytes())
}

// TestBlankPicturesDecode: the best that deflate can do is not taken for a cut.
func TestBlankPicturesDecode(t *testing.T) {
	decode(t, encode(t, "png", image.NewGray(image.Rect(0, 0, 3000, 3000))))
}

// TestTinyChunks: a million chunks, and text that would inflate a thousandfold,
// cost a walk over the file.
func TestTinyChunks(t *testing.T) {
	whole := encode(t, "png", scene(4, 4))
	tiny := bytes.Repeat(pngChunk("zTXt", []byte("x\x00\x00garbage")), 100_000)
	data := append(append(append([]byte{}, whole[:33]...), tiny...), whole[33:]...)
	decode(t, data)
}

// TestCostIsWhatDecodingTakes: the estimate is what the limit compares, so it
// must not be less than what is really allocated, nor so much more that sound
// pictures are refused.
func TestCostIsWhatDecodingTakes(t *testing.T) {
	const w, h = 900, 700
	opaque, alpha := scene(w, h), scene(w, h)
	alpha.Pix[3] = 7
	deep := image.NewNRGBA64(image.Rect(0, 0, w, h))
	deepGray := image.NewGray16(image.Rect(0, 0, w, h))
	colour := []byte{0x22, 0x11, 0x11}
	turn := exifBlock(binary.LittleEndian, 3, 6)
	for name, data := range map[string][]byte{
		"jpeg":               flatJPEG{w: w, h: h, sampling: colour}.bytes(),
		"jpeg turned":        flatJPEG{w: w, h: h, sampling: colour, exif: turn}.bytes(),
		"jpeg grey turned":   flatJPEG{w: w, h: h, sampling: []byte{0x11}, exif: turn}.bytes(),
		"jpeg progressive":   flatJPEG{frame: jpegSOF2, w: w, h: h, sampling: colour, scans: 1}.bytes(),
		"jpeg rgb":           flatJPEG{w: w, h: h, sampling: []byte{0x11, 0x11, 0x11}, adobe: 1}.bytes(),
		"jpeg cmyk":          flatJPEG{w: w, h: h, sampling: []byte{0x11, 0x11, 0x11, 0x11}, adobe: 1}.bytes(),
		"jpeg cmyk turned":   flatJPEG{w: w, h: h, sampling: []byte{0x22, 0x11, 0x11, 0x22}, adobe: 1, exif: turn}.bytes(),
		"png":                encode(t, "png", opaque),
		"png alpha":          encode(t, "png", alpha),
		"png 16":             encode(t, "png", deep),
		"png 16 grey":        encode(t, "png", deepGray),
		"png grey":           encode(t, "png", grayScene(w, h)),
		"gif":                encode(t, "gif", image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})),
		"gif of a dot":       gifDot(w, h),
		"bmp":                encode(t, "bmp", opaque),
		"bmp grey":           encode(t, "bmp", grayScene(w, h)),
		"webp lossless":      riff(vp8l(w, h, 1, 2, 3, 255)),
		"webp lossless turn": riff(vp8x(8, w, h), vp8l(w, h, 1, 2, 3, 255), append([]byte("EXIF"), turn...)),
	} {
		f, err := sniff(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		hd, err := f.header(data)
		if err != nil {
			t.Fatal(name, err)
		}
		cost := hd.cost
		if hd.copied || hd.orientation != 1 {
			cost += map[bool]int64{true: 1, false: 4}[hd.gray] * w * h
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, _, err := Decode(data, Limits{DecodedBytes: cost}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		runtime.ReadMemStats(&after)
		took := int64(after.TotalAlloc - before.TotalAlloc)
		// Inflating, LZW and one row take up to 200 KiB more.
		if took > cost+200<<10 {
			t.Errorf("%s: %d bytes allocated, estimated %d", name, took, cost)
		}
		if cost > 2*took+200<<10 {
			t.Errorf("%s: estimated %d bytes, more than twice the %d allocated", name, cost, took)
		}
		if _, _, err := Decode(data, Limits{DecodedBytes: cost - 1}); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("%s: a byte under its cost: %v", name, err)
		}
	}
}

func TestLimits(t *testing.T) {
	data := encode(t, "png", scene(20, 10))
	for _, c := range []struct {
		lim Limits
		ok  bool
	}{
		{Limits{}, true},
		{Limits{Pixels: 200}, true},
		{Limits{Pixels: 199}, false},
		{Limits{FileBytes: int64(len(data))}, true},
		{Limits{FileBytes: int64(len(data)) - 1}, false},
	} {
		if _, _, err := Decode(data, c.lim); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.lim, err)
		}
	}
}

// TestStop: a decoder that would go on for minutes ends within a few kilobytes of
// its file, and the reason given is in the error.
func TestStop(t *testing.T) {
	reason := errors.New("five seconds are over")
	large := scene(600, 400)
	for name, data := range map[string][]byte{
		"jpeg":               encode(t, "jpeg", large),
		"jpeg of many scans": flatJPEG{frame: jpegSOF2, w: 600, h: 400, sampling: []byte{0x11}, scans: 200}.bytes(),
		"jpeg without end":   flatJPEG{w: 600, h: 400, sampling: []byte{0x11}, noEnd: true}.bytes(),
		"png":                encode(t, "png", large),
		"gif":                encode(t, "gif", large),
		"bmp":                encode(t, "bmp", large),
		"tiff":               encodeTIFF(t, large, tiff.Uncompressed),
		"webp":               riff(vp8l(60, 40, 1, 2, 3, 255)),
	} {
		for _, after := range []int{0, 1, 3} {
			asked := 0
			lim := Limits{TIFF: true, Stop: func() error {
				if asked++; asked > after {
					return reason
				}
				return nil
			}}
			img, _, err := Decode(data, lim)
			if (name == "webp" || name == "tiff") && err == nil && after > 0 {
				continue // so few bytes, or so large strips, that they are read at once
			}
			if img != nil || !errors.Is(err, reason) || !strings.Contains(err.Error(), "not decoded to its end") {
				t.Errorf("%s, stopped after %d: %v", name, after, err)
			}
			if asked > after+3 { // some decoders ask once more for what lies behind
				t.Errorf("%s: asked %d times more", name, asked-after)
			}
		}
		if _, _, err := Decode(data, Limits{TIFF: true, Stop: func() error { return nil }}); err != nil {
			t.Errorf("%s, not stopped: %v", name, err)
		}
	}
}

// TestCost is what Decode compares with its limit.
func TestCost(t *testing.T) {
	for name, data := range map[string][]byte{
		"jpeg": encode(t, "jpeg", scene(90, 70)), "gif": gifDot(40, 30), "turned": flatJPEG{
			w: 90, h: 70, sampling: []byte{0x22, 0x11, 0x11}, exif: exifBlock(binary.LittleEndian, 3, 6),
		}.bytes(),
	} {
		cost, err := Cost(data, Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		if _, _, err := Decode(data, Limits{DecodedBytes: cost}); err != nil {
			t.Errorf("%s within its cost: %v", name, err)
		}
		if _, err := Cost(data, Limits{DecodedBytes: cost - 1}); err == nil {
			t.Errorf("%s: Cost over the limit is no error", name)
		}
	}
	for name, b := range bombs(t) {
		if strings.Contains(name, "scans") {
			continue // found on the way
		}
		if _, err := Cost(b.data, Limits{}); err == nil {
			t.Errorf("%s has a cost", name)
		}
	}
	if _, err := Cost([]byte("<html>"), Limits{}); err == nil {
		t.Error("HTML has a cost")
	}
}
