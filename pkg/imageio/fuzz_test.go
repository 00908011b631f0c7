package imageio

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"slices"
	"testing"

	"golang.org/x/image/tiff"

	"squint/pkg/tensor"
)

// One target a format, because a fuzzer that has six kinds of header to learn
// spends its time on whichever it met first; and one for everything else that
// may be in a file. docs/pictures.md says how long each has run.

func FuzzJPEG(f *testing.F) {
	for _, m := range []image.Image{scene(7, 5), grayScene(7, 5)} {
		f.Add(encode(f, "jpeg", m))
	}
	turn := exifBlock(binary.BigEndian, 3, 7)
	for _, jpg := range []flatJPEG{
		{sampling: []byte{0x11}},
		{sampling: []byte{0x22, 0x11, 0x11}, exif: turn},
		{sampling: []byte{0x41, 0x11, 0x11}, exif: turn},
		{sampling: []byte{0x11, 0x11, 0x11}, adobe: 1},
		{sampling: []byte{0x11, 0x11, 0x11, 0x11}, adobe: 1},
		{sampling: []byte{0x22, 0x11, 0x11, 0x22}, adobe: 3, exif: turn},
		{sampling: []byte{0x22, 0x11, 0x11}, frame: jpegSOF2, scans: 2},
		{sampling: []byte{0x21, 0x11, 0x11}, noEnd: true},
		{sampling: []byte{0x11}, trailing: []byte("ftypmp42")},
	} {
		jpg.w, jpg.h = 19, 9
		f.Add(jpg.bytes())
	}
	f.Fuzz(sound)
}

// FuzzPNG mends checksums, which only a mutation in a billion would leave right.
func FuzzPNG(f *testing.F) {
	alpha, deep := scene(7, 5), image.NewNRGBA64(image.Rect(0, 0, 3, 2))
	alpha.Pix[3] = 9
	for _, m := range []image.Image{scene(7, 5), grayScene(7, 5), alpha, deep, paletted()} {
		f.Add(encode(f, "png", m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = slices.Clone(data)
		for rest := data[min(len(data), 8):]; len(rest) >= 12; {
			n := int64(binary.BigEndian.Uint32(rest))
			if n > int64(len(rest))-12 {
				break
			}
			binary.BigEndian.PutUint32(rest[8+n:], crc32.ChecksumIEEE(rest[4:8+n]))
			rest = rest[12+n:]
		}
		sound(t, data)
	})
}

func FuzzGIF(f *testing.F) {
	alpha := scene(7, 5)
	alpha.Pix[3] = 9
	for _, m := range []image.Image{scene(7, 5), grayScene(7, 5), alpha, paletted()} {
		f.Add(encode(f, "gif", m))
	}
	f.Fuzz(sound)
}

func FuzzWebP(f *testing.F) {
	f.Add(riff(vp8l(5, 3, 1, 2, 3, 255)))
	f.Add(riff(vp8x(8|16, 5, 3), vp8l(5, 3, 1, 2, 3, 99), append([]byte("EXIF"), exifBlock(binary.BigEndian, 3, 7)...)))
	// Lossy WebP has no encoder in Go: pictures of 19×11, opaque and with alpha, by Pillow 13.0.
	for _, s := range []string{
		"UklGRnIAAABXRUJQVlA4IGYAAABwBACdASoTAAsAPrVWoUsnJSMhsAgA4BaJbACdMoRwN5B+JIBjBfpKdsbDgAD+9dxKeDGait4ZPDIxJSFT9FicFuWHXySD/WTbhPPwuqDm1ev90FaH9snSfr/lTVh9X365dYgAAAA=",
		"UklGRrwAAABXRUJQVlA4WAoAAAAQAAAAEgAACgAAQUxQSCsAAAARX6CgbRs2VAjdvxERaHd/dr8TimLboNZPhX8WFchEBKntI/of0ce1lIMfAFZQOCBqAAAAUAQAnQEqEwALAD61SqFKpyQjIbAIAOAWiWwAnTKEcDeQfiSAYwXIHthr0AD+8xCIewZQkMW7hmlV3csXP2aXVbNfEifIZhFEgN4sv63s6E6EYuuBRT9dkA/m7uG8v8K0zLvS47SltAAAAA==",
	} {
		lossy, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(lossy)
	}
	f.Fuzz(sound)
}

func FuzzBMP(f *testing.F) {
	for _, m := range []image.Image{scene(7, 5), grayScene(7, 5), paletted()} {
		f.Add(encode(f, "bmp", m))
	}
	f.Fuzz(sound)
}

func FuzzTIFF(f *testing.F) {
	for _, m := range []image.Image{scene(7, 5), grayScene(7, 5), paletted(), image.NewNRGBA64(image.Rect(0, 0, 3, 2))} {
		f.Add(encodeTIFF(f, m, tiff.Uncompressed))
		f.Add(encodeTIFF(f, m, tiff.Deflate))
	}
	f.Fuzz(sound)
}

// FuzzDecode begins with what is no picture, or one that is not read.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "<html>", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "{", "P6 1 1 255 abc", "\xff\xd8", "PK\x03\x04"} {
		f.Add([]byte(s))
	}
	f.Fuzz(sound)
}

// sound: any bytes are an error with words in it, or a picture that keeps
// Decode's promises, within its limits, and that can be prepared.
func sound(t *testing.T, data []byte) {
	lim := Limits{FileBytes: 1 << 20, Pixels: 1 << 18, DecodedBytes: 16 << 20, TIFF: true}
	img, info, err := Decode(data, lim)
	if err != nil {
		if img != nil || info != (Info{}) || len(err.Error()) < 8 {
			t.Fatalf("%v, %+v, %v", img, info, err)
		}
		return
	}
	if info.Format != tiffName { // which Identify does not know
		promised(t, data, img, info)
	}
	if cost, err := Cost(data, lim); err != nil || int64(info.Width)*int64(info.Height) > min(lim.Pixels, cost) {
		t.Fatalf("%+v for %d bytes, %v", info, cost, err)
	}
	preps := []Prep{
		{Size: tensor.Shape{H: 5, W: 4, C: 1}, Fit: FitPad, Invert: InvertAuto},
		{Size: tensor.Shape{H: 4, W: 5, C: 3}, Fit: FitCrop},
	}
	if data[len(data)/2]%16 == 0 { // it takes a hundred times as long as decoding such pictures
		preps = append(preps, Prep{Size: tensor.Shape{H: 8, W: 8, C: 1}, Subject: SubjectDigits})
	}
	for _, p := range preps {
		if err := p.Bytes(make([]uint8, p.Size.Size()), img); err != nil {
			t.Fatal(err)
		}
	}
}
