package imageio

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"
)

// TestResizeAgainstImaging: grey and colour, any part at any size. imaging rounds to a
// byte after each of its two passes and we only at the end: half a level, and the
// turn of another half.
func TestResizeAgainstImaging(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
		w, h := n("w", 150), n("h", 150)
		part := image.Rect(0, 0, n("part w", w), n("part h", h))
		part = part.Add(image.Pt(n("x", w-part.Dx()+1)-1, n("y", h-part.Dy()+1)-1))
		W, H := n("W", 60), n("H", 60)
		for _, img := range []image.Image{grayScene(w, h), scene(w, h)} {
			_, gray := img.(*image.Gray)
			src, err := rowsOf(img, gray)
			if err != nil {
				t.Fatal(err)
			}
			px := min(src.px, 3)
			got := make([]uint8, W*H*px)
			resize(got, src, part, W, H)
			want := imaging.Resize(imaging.Crop(img, part), W, H, imaging.Linear)
			for i, v := range got {
				if ref := want.Pix[i/px*4+i%px]; !near(v, ref, 1) {
					t.Fatalf("%T %d×%d, %v at %d×%d: byte %d is %d, want %d", img, w, h, part, W, H, i, v, ref)
				}
			}
		}
	})
}

// smooth is a picture without edges sharper than a few pixels and without colours
// that RGB has no room for, as photos mostly are.
func smooth(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			wave := func(a, b float64) uint8 { return uint8(128 + 90*math.Sin(a*float64(x)+b*float64(y))) }
			m.SetNRGBA(x, y, color.NRGBA{wave(0.11, 0.05), wave(0.07, -0.09), wave(-0.05, 0.13), 255})
		}
	}
	return m
}

// TestPlanesAgainstConverting: resizing the planes and converting the result is
// converting every pixel and resizing that, but for rounding: Go truncates
// each pixel, imaging rounds twice, and where a sample of colour serves several
// pixels it lies in their middle here and is copied there.
func TestPlanesAgainstConverting(t *testing.T) {
	src := smooth(331, 217)
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		whole := planesOf(src, ratio)
		for _, part := range []image.Rectangle{whole.Rect, image.Rect(3, 5, 330, 216), image.Rect(51, 40, 260, 201)} {
			m := whole.SubImage(part).(*image.YCbCr)
			for _, size := range []image.Point{{64, 64}, {100, 37}, {200, 150}, {400, 300}, {part.Dx(), 50}} {
				got := make([]uint8, 3*size.X*size.Y)
				r, err := rowsOf(m, false)
				if err != nil {
					t.Fatal(err)
				}
				resize(got, r, image.Rect(0, 0, part.Dx(), part.Dy()), size.X, size.Y)
				want := imaging.Resize(imaging.Clone(m), size.X, size.Y, imaging.Linear)
				worst, sum := 0, 0
				for i, v := range got {
					d := int(v) - int(want.Pix[i/3*4+i%3])
					sum += d
					worst = max(worst, d, -d)
				}
				hs, vs := sampling(ratio)
				most := 2
				switch {
				case part.Dx() < hs*size.X || part.Dy() < vs*size.Y:
					most = 12 * max(hs, vs) // colour is enlarged, smoothly here and in steps there
				case hs*vs > 1:
					most = 4 + max(hs, vs) // half the slope of the colour from sample to sample
				}
				if mean := float64(sum) / float64(len(got)); worst > most || math.Abs(mean) > 0.7 {
					t.Errorf("%v, %v at %v: off by up to %d, want %d; by %.2f on average", ratio, part, size, worst, most, mean)
				}
			}
		}
	}
}

// planesOf converts m, with each sample of colour the mean of the pixels it serves.
func planesOf(m *image.NRGBA, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	out := image.NewYCbCr(m.Rect, ratio)
	cb, cr, n := make([]int, len(out.Cb)), make([]int, len(out.Cr)), make([]int, len(out.Cb))
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := m.NRGBAAt(x, y)
			yy, b, r := color.RGBToYCbCr(c.R, c.G, c.B)
			out.Y[out.YOffset(x, y)] = yy
			i := out.COffset(x, y)
			cb[i], cr[i], n[i] = cb[i]+int(b), cr[i]+int(r), n[i]+1
		}
	}
	for i := range n {
		if n[i] > 0 {
			out.Cb[i], out.Cr[i] = uint8(cb[i]/n[i]), uint8(cr[i]/n[i])
		}
	}
	return out
}

// TestPhotosAgainstConverting is the same on photos as they are.
func TestPhotosAgainstConverting(t *testing.T) {
	const side = 128
	got := make([]uint8, 3*side*side)
	far, all := 0, 0
	for _, data := range photos(t, "photos")[:20] {
		img, _ := decode(t, data)
		m, ok := img.(*image.YCbCr)
		if !ok {
			continue
		}
		resizeYCbCr(got, m, m.Rect, side, side)
		want := imaging.Resize(imaging.Clone(m), side, side, imaging.Linear)
		for i, v := range got {
			all++
			if !near(v, want.Pix[i/3*4+i%3], 3) {
				far++
			}
		}
	}
	// What RGB has no room for is cut before averaging there, and after it here.
	if far*1000 > all {
		t.Errorf("%d of %d values differ by more than 3 levels", far, all)
	}
	t.Logf("%d of %d", far, all)
}

// TestResizeKeepsEven: one colour stays exactly that, at any size and of any picture.
func TestResizeKeepsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Byte().Draw(t, "v")
		n := func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
		m := image.NewGray(image.Rect(0, 0, n("w", 3000), n("h", 60)))
		for i := range m.Pix {
			m.Pix[i] = v
		}
		ycc := image.NewYCbCr(m.Rect, rapid.SampledFrom([]image.YCbCrSubsampleRatio{
			image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio410,
		}).Draw(t, "ratio"))
		copy(ycc.Y, m.Pix)
		for i := range ycc.Cb {
			ycc.Cb[i], ycc.Cr[i] = 128, 128
		}
		w, h := n("W", 70), n("H", 70)
		for _, img := range []image.Image{m, ycc} {
			src, err := rowsOf(img, img == image.Image(m))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]uint8, w*h*min(src.px, 3))
			resize(got, src, m.Rect, w, h)
			for _, g := range got {
				if g != v {
					t.Fatalf("%T %v at %d×%d: %d, want %d", img, m.Rect, w, h, g, v)
				}
			}
		}
	})
}

// TestResizeWidest: the longest line that there may be, shrunk to a pixel and to
// many, overflows nothing.
func TestResizeWidest(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, maxSide, 2))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	src, err := rowsOf(m, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []int{1, 2, 28, 4096} {
		got := make([]uint8, w)
		resize(got, src, m.Rect, w, 1)
		for i, v := range got {
			if v != 255 {
				t.Fatalf("%d wide: pixel %d is %d", w, i, v)
			}
		}
	}
	tall := &image.Gray{Pix: m.Pix, Stride: 2, Rect: image.Rect(0, 0, 2, maxSide)}
	if src, err = rowsOf(tall, true); err != nil {
		t.Fatal(err)
	}
	got := make([]uint8, 1)
	if resize(got, src, tall.Rect, 1, 1); got[0] != 255 {
		t.Errorf("tall: %d", got[0])
	}
}

// TestResizeAllocates nothing, once a resampler has met a size.
func TestResizeAllocates(t *testing.T) {
	m := image.NewYCbCr(image.Rect(0, 0, 1600, 1200), image.YCbCrSubsampleRatio420)
	dst := make([]uint8, 3*64*64)
	r := new(resampler)
	if n := testing.AllocsPerRun(5, func() { r.planes(dst, m, m.Rect, 64, 64) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// One operation is the resizing of one decoded photo: of about 500×375 to 128×128,
// most of them 4:4:4, and of 128×128 to 64×64, all 4:2:0.
func BenchmarkResize(b *testing.B) {
	for _, set := range []struct {
		dir  string
		side int
	}{{"photos", 128}, {"catdog/test", 64}} {
		var imgs []*image.YCbCr
		for _, f := range photos(b, set.dir) {
			img, _, err := Decode(f, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			if m, ok := img.(*image.YCbCr); ok {
				imgs = append(imgs, m)
			}
		}
		side, dst := set.side, make([]uint8, 3*set.side*set.side)
		b.Run(set.dir+"/planes", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m := imgs[i%len(imgs)]
				resizeYCbCr(dst, m, m.Rect, side, side)
			}
		})
		b.Run(set.dir+"/grey", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				m := imgs[i%len(imgs)]
				r, _ := rowsOf(m, true)
				resizeGray(dst[:side*side], r, m.Rect, side, side)
			}
		})
		b.Run(set.dir+"/imaging", func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				imaging.Resize(imgs[i%len(imgs)], side, side, imaging.Linear)
			}
		})
	}
}
