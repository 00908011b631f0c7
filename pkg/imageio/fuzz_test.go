package imageio

import (
	"encoding/binary"
	"image"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/tiff"

	"squint/pkg/tensor"
)

// FuzzDecode: any bytes are an error with words in it, or a picture that keeps
// Decode's promises, within its limits, and that can be prepared.
func FuzzDecode(f *testing.F) {
	alpha := scene(7, 5)
	alpha.Pix[3] = 9
	for _, format := range []string{"jpeg", "png", "gif", "bmp"} {
		f.Add(encode(f, format, scene(7, 5)))
		f.Add(encode(f, format, grayScene(7, 5)))
		f.Add(encode(f, format, alpha))
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
	} {
		jpg.w, jpg.h = 19, 9
		f.Add(jpg.bytes())
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 3, 2))
	f.Add(encode(f, "png", deep))
	f.Add(riff(vp8l(5, 3, 1, 2, 3, 255)))
	f.Add(riff(vp8x(8|16, 5, 3), vp8l(5, 3, 1, 2, 3, 99), append([]byte("EXIF"), turn...)))
	f.Add(encodeTIFF(f, scene(7, 5), tiff.Uncompressed))
	f.Add(encodeTIFF(f, grayScene(7, 5), tiff.Deflate))
	f.Add([]byte("<html>"))
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"))
	// Lossy WebP has no encoder in Go: real files seed it where they are at hand.
	root := os.Getenv("SQUINT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	lossy, _ := filepath.Glob(filepath.Join(root, "images_suite", "exif_orientation", "*_[27].webp"))
	for _, name := range lossy {
		if data, err := os.ReadFile(name); err == nil {
			f.Add(data)
		}
	}

	lim := Limits{FileBytes: 1 << 20, Pixels: 1 << 18, DecodedBytes: 16 << 20, TIFF: true}
	gray := Prep{Size: tensor.Shape{H: 5, W: 4, C: 1}, Fit: FitPad, Invert: InvertAuto}
	colour := Prep{Size: tensor.Shape{H: 4, W: 5, C: 3}, Fit: FitCrop}
	digits := Prep{Size: tensor.Shape{H: 8, W: 8, C: 1}, Subject: SubjectDigits}
	f.Fuzz(func(t *testing.T, data []byte) {
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
		if int64(info.Width)*int64(info.Height) > lim.Pixels {
			t.Fatalf("%+v is over the limit", info)
		}
		for _, p := range []Prep{gray, colour, digits} {
			if err := p.Bytes(make([]uint8, p.Size.Size()), img); err != nil {
				t.Fatal(err)
			}
		}
	})
}
