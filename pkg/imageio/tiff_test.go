package imageio

import (
	"bytes"
	"image"
	"image/color"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"
)

func encodeTIFF(t testing.TB, m image.Image, c tiff.CompressionType) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, m, &tiff.Options{Compression: c}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeTIFF(t *testing.T) {
	src, gray := scene(19, 11), grayScene(19, 11)
	deep := image.NewGray16(gray.Rect)
	pal := image.NewPaletted(gray.Rect, color.Palette{color.White, color.NRGBA{200, 10, 30, 255}})
	for y := range 11 {
		for x := range 19 {
			deep.Set(x, y, gray.At(x, y))
		}
	}
	for _, c := range []tiff.CompressionType{tiff.Uncompressed, tiff.Deflate} {
		for _, m := range []image.Image{src, gray, deep, pal} {
			data := encodeTIFF(t, m, c)
			img, info, err := Decode(data, Limits{TIFF: true})
			if err != nil {
				t.Errorf("%T: %v", m, err)
				continue
			}
			_, isGray := img.(*image.Gray)
			if want := (Info{"tiff", 19, 11, isGray, 1}); info != want {
				t.Errorf("%T: %+v, want %+v", m, info, want)
			}
			if isGray != (m == image.Image(gray) || m == image.Image(deep)) {
				t.Errorf("%T: grey is %t", m, isGray)
			}
			for _, p := range []image.Point{{0, 0}, {18, 10}, {7, 3}} {
				if got, want := rgbAt(img, p.X, p.Y), rgbAt(m, p.X, p.Y); got != want {
					t.Errorf("%T at %v: %v, want %v", m, p, got, want)
				}
			}
			for n := 12; n < len(data)-32; n++ { // at the end is the resolution, which nobody reads
				if _, _, err := Decode(data[:n], Limits{TIFF: true}); err == nil {
					t.Fatalf("%T: %d of %d bytes decoded", m, n, len(data))
				}
			}
		}
	}
}

// TestTIFFOnlyWhereAskedFor: the switch is off unless somebody turns it.
func TestTIFFOnlyWhereAskedFor(t *testing.T) {
	data := encodeTIFF(t, scene(5, 5), tiff.Uncompressed)
	if _, _, err := Decode(data, Limits{}); err == nil || !strings.Contains(err.Error(), "convert it") {
		t.Errorf("Decode: %v", err)
	}
	if _, err := Cost(data, Limits{}); err == nil {
		t.Error("Cost knows it")
	}
	if cost, err := Cost(data, Limits{TIFF: true}); err != nil || cost < 4*25 {
		t.Errorf("Cost: %d, %v", cost, err)
	}
	big := encodeTIFF(t, image.NewGray(image.Rect(0, 0, 2000, 1000)), tiff.Deflate)
	if _, _, err := Decode(big, Limits{TIFF: true, DecodedBytes: 2_000_000}); err == nil || !strings.Contains(err.Error(), "TIFF too large") {
		t.Errorf("a large one: %v", err)
	}
}

// TestSuiteTIFF: all eight ways up come out as the first does.
func TestSuiteTIFF(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(dataDir(t, "images_suite"), "exif_orientation", "g4_?.tif"))
	if err != nil || len(names) != 8 {
		t.Skipf("%d files, %v", len(names), err)
	}
	var want *image.Gray
	for i, name := range names {
		data, err := ReadFile(name, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img, info, err := Decode(data, Limits{TIFF: true})
		if err != nil {
			t.Fatal(name, err)
		}
		got, ok := img.(*image.Gray)
		if !ok || info.Orientation != i+1 {
			t.Fatalf("%s: %T, %+v", name, img, info)
		}
		if want == nil {
			want = got
		}
		other := 0
		for k, v := range got.Pix {
			if got.Rect != want.Rect || v != want.Pix[k] {
				other++
			}
		}
		if other*200 > len(got.Pix) { // each was scanned anew; black is a tenth of them
			t.Errorf("%s: %d of %d pixels are not the first's", name, other, len(got.Pix))
		}
	}
}
