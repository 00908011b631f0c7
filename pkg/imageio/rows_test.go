package imageio

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"reflect"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"
)

// kinds draws a w×h picture of every type that a decoder may return.
func kinds(t *rapid.T, w, h int) map[string]image.Image {
	r := image.Rect(0, 0, w, h)
	alpha := image.NewNRGBA64(r)
	for i := range alpha.Pix {
		alpha.Pix[i] = rapid.Byte().Draw(t, "byte")
	}
	out := map[string]image.Image{"NRGBA64": alpha}
	pal := color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{200, 100, 0, 128}, color.NRGBA{}, color.Gray{77}}
	for name, m := range map[string]draw.Image{
		"Gray": image.NewGray(r), "Gray16": image.NewGray16(r), "CMYK": image.NewCMYK(r), "RGBA": image.NewRGBA(r),
		"NRGBA": image.NewNRGBA(r), "RGBA64": image.NewRGBA64(r), "Paletted": image.NewPaletted(r, pal),
	} {
		for y := range h {
			for x := range w {
				m.Set(x, y, alpha.At(x, y))
			}
		}
		out[name] = m
	}
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio410,
	} {
		m := image.NewNYCbCrA(r, ratio)
		for _, plane := range [][]uint8{m.Y, m.Cb, m.Cr, m.A} {
			for i := range plane {
				plane[i] = rapid.Byte().Draw(t, "sample")
			}
		}
		out["NYCbCrA "+ratio.String()] = m
		out["YCbCr "+ratio.String()] = &m.YCbCr
	}
	return out
}

// overWhiteAt is the plain definition: the pixel's colour over white, in
// floating point.
func overWhiteAt(img image.Image, x, y int) [3]float64 {
	r, g, b, a := img.At(x, y).RGBA()
	white := float64(0xffff - a)
	return [3]float64{(float64(r) + white) / 257, (float64(g) + white) / 257, (float64(b) + white) / 257}
}

func TestRowsOfEveryType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 9).Draw(t, "h")
		for name, img := range kinds(t, w, h) {
			before := fmt.Sprint(img)
			colour, err := rowsOf(img, false)
			if err != nil {
				t.Fatal(name, err)
			}
			gray, err := rowsOf(img, true)
			if err != nil {
				t.Fatal(name, err)
			}
			line, grayLine := make([]uint8, 4*w), make([]uint8, w)
			for y := range h {
				colour.read(line, y)
				gray.read(grayLine, y)
				for x := range w {
					want := overWhiteAt(img, x, y)
					for c, v := range want {
						// Go rounds chroma, premultiplication and 16 bits down, each
						// by up to one level, before its At says anything.
						if d := float64(line[4*x+c]) - v; d < -1.01 || 1.01 < d {
							t.Fatalf("%s (%d,%d): channel %d is %d, want %.2f", name, x, y, c, line[4*x+c], v)
						}
					}
					if line[4*x+3] != 255 {
						t.Fatalf("%s: alpha %d", name, line[4*x+3])
					}
					wantGray := luma(line[4*x], line[4*x+1], line[4*x+2])
					if m, ok := img.(*image.YCbCr); ok {
						wantGray = m.YCbCrAt(x, y).Y // as it lies in the file
					}
					if grayLine[x] != wantGray {
						t.Fatalf("%s (%d,%d): grey %d, want %d", name, x, y, grayLine[x], wantGray)
					}
				}
			}
			if fmt.Sprint(img) != before {
				t.Fatalf("%s: reading changed the picture", name)
			}
		}
	})
}

func TestLuma(t *testing.T) {
	for v := range 256 {
		if got := luma(uint8(v), uint8(v), uint8(v)); int(got) != v {
			t.Errorf("luma of grey %d is %d", v, got)
		}
	}
	// 255·0.299 = 76.2, 255·0.587 = 149.7, 255·0.114 = 29.1 (ITU-R BT.601).
	for _, c := range []struct{ r, g, b, want uint8 }{{255, 0, 0, 76}, {0, 255, 0, 150}, {0, 0, 255, 29}} {
		if got := luma(c.r, c.g, c.b); got != c.want {
			t.Errorf("luma(%d, %d, %d) = %d, want %d", c.r, c.g, c.b, got, c.want)
		}
	}
}

// TestPaletteIndexIsChecked: what made the resampler's own reader panic in a
// goroutine (CVE-2023-36308) is an error here.
func TestPaletteIndexIsChecked(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 3, 3), make(color.Palette, 65))
	for i := range m.Palette {
		m.Palette[i] = color.Black
	}
	for _, v := range []uint8{65, 70} {
		m.Pix[8] = v
		if _, err := rowsOf(m, false); err == nil {
			t.Errorf("index %d of a palette of 65 was accepted", v)
		}
	}
	m.Pix[8] = 64
	if _, err := rowsOf(m, false); err != nil {
		t.Error(err)
	}
}

func TestRowsRefuse(t *testing.T) {
	for _, m := range []image.Image{
		image.NewGray(image.Rect(0, 0, 0, 4)),
		image.NewUniform(color.Black), // as good as endless
		struct{ image.Image }{image.NewGray(image.Rect(0, 0, 3, 3))},
	} {
		if _, err := rowsOf(m, true); err == nil {
			t.Errorf("%T of %v was accepted", m, m.Bounds())
		}
	}
}

// TestUprightAgainstImaging compares all eight orientations with the turns that
// another library makes of them (imaging, io.go, fixOrientation).
func TestUprightAgainstImaging(t *testing.T) {
	turns := map[int]func(image.Image) *image.NRGBA{
		1: imaging.Clone, 2: imaging.FlipH, 3: imaging.Rotate180, 4: imaging.FlipV,
		5: imaging.Transpose, 6: imaging.Rotate270, 7: imaging.Transverse, 8: imaging.Rotate90,
	}
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 12).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
		src, graySrc := scene(w, h), grayScene(w, h)
		for o, turn := range turns {
			got, err := upright(imaging.Clone(src), false, o)
			if err != nil {
				t.Fatal(err)
			}
			if want := turn(src); !reflect.DeepEqual(got, image.Image(want)) {
				t.Fatalf("orientation %d of %d×%d:\ngot  %v\nwant %v", o, w, h, got, want)
			}
			got, err = upright(graySrc, true, o)
			if err != nil {
				t.Fatal(err)
			}
			want := turn(graySrc)
			for i, v := range got.(*image.Gray).Pix {
				if v != want.Pix[4*i] {
					t.Fatalf("grey, orientation %d of %d×%d: place %d is %d, want %d", o, w, h, i, v, want.Pix[4*i])
				}
			}
		}
	})
}
