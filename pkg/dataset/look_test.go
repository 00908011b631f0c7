package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
)

// Shrinking by its definition: every sample spread over n×n cells of it.
func slowShrink(n, w, h int, at func(x, y int) uint8) []uint8 {
	sums := make([]int, n*n)
	for y := range h * n {
		for x := range w * n {
			sums[y/h*n+x/w] += int(at(x/n, y/n))
		}
	}
	out := make([]uint8, n*n)
	for i, s := range sums {
		out[i] = uint8((s + w*h/2) / (w * h))
	}
	return out
}

func TestShrink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{tintSide, graySide}).Draw(t, "n")
		w, h := rapid.IntRange(1, 70).Draw(t, "w"), rapid.IntRange(1, 70).Draw(t, "h")
		m := randomGray(rand.New(rand.NewPCG(9, rapid.Uint64().Draw(t, "seed"))), w, h)
		got := make([]uint8, n*n)
		shrink(got, n, w, h, func(y int) []uint8 { return m.Pix[y*w:][:w] })
		if want := slowShrink(n, w, h, func(x, y int) uint8 { return m.GrayAt(x, y).Y }); !bytes.Equal(got, want) {
			t.Fatalf("%d×%d to %d: %v, want %v", w, h, n, got, want)
		}
	})
}

// A picture looks the same however Go holds it.
func TestLookOfSamePicture(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	photo := scene(r, 61, 40)
	ycc := image.NewYCbCr(photo.Rect, image.YCbCrSubsampleRatio444)
	for y := range 40 {
		for x := range 61 {
			c := photo.NRGBAAt(x, y)
			i := ycc.YOffset(x, y)
			ycc.Y[i], ycc.Cb[i], ycc.Cr[i] = color.RGBToYCbCr(c.R, c.G, c.B)
		}
	}
	if a, b := lookAt(photo), lookAt(ycc); a != b {
		t.Errorf("NRGBA and YCbCr look different:\n%v\n%v", a, b)
	}
	large := image.NewYCbCr(image.Rect(0, 0, 80, 60), image.YCbCrSubsampleRatio420)
	fill(r, large.Y, large.Cb, large.Cr)
	part := large.SubImage(image.Rect(10, 20, 40, 50)).(*image.YCbCr)
	alone := image.NewYCbCr(image.Rect(0, 0, 30, 30), image.YCbCrSubsampleRatio420)
	for y := range 30 {
		for x := range 30 {
			alone.Y[alone.YOffset(x, y)] = part.Y[part.YOffset(x+10, y+20)]
			alone.Cb[alone.COffset(x, y)] = part.Cb[part.COffset(x+10, y+20)]
			alone.Cr[alone.COffset(x, y)] = part.Cr[part.COffset(x+10, y+20)]
		}
	}
	if lookAt(part) != lookAt(alone) {
		t.Error("a part of planes looks different from a copy of it")
	}
	gray := randomGray(r, 20, 30)
	rgb := image.NewNRGBA(gray.Rect)
	for i, v := range gray.Pix {
		copy(rgb.Pix[4*i:], []uint8{v, v, v, 255})
	}
	if lookAt(gray) != lookAt(rgb) {
		t.Error("grey as Gray and as NRGBA look different")
	}
}

// The hash by the definition of the cosine transform: bit n is the sign of the
// n-th wave.
func TestHash(t *testing.T) {
	orders := [][2]int{} // along x and y, by diagonals
	for d := 1; d <= 10; d++ {
		for k := range d + 1 {
			orders = append(orders, [2]int{k, d - k})
		}
	}
	for n, o := range orders[:64] {
		for _, sign := range []float64{1, -1} {
			var l look
			for y := range graySide {
				for x := range graySide {
					wave := math.Cos(math.Pi/16*(float64(x)+.5)*float64(o[0])) * math.Cos(math.Pi/16*(float64(y)+.5)*float64(o[1]))
					l.Gray[y*graySide+x] = uint8(math.Round(128 + sign*100*wave))
				}
			}
			if got := l.hash()>>n&1 == 1; got != (sign > 0) {
				t.Errorf("wave %d, %v, times %v: bit is %v", n, o, sign, got)
			}
		}
	}
}

// scene draws something like a photo: soft blobs of colour, and noise.
func scene(r *rand.Rand, w, h int) *image.NRGBA {
	type blob struct {
		x, y, size float64
		c          [3]float64
	}
	blobs := make([]blob, 12)
	for i := range blobs {
		blobs[i] = blob{r.Float64(), r.Float64(), .05 + .3*r.Float64(), [3]float64{300*r.Float64() - 150, 300*r.Float64() - 150, 300*r.Float64() - 150}}
	}
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [3]float64{128, 128, 128}
			for _, b := range blobs {
				dx, dy := (float64(x)+.5)/float64(w)-b.x, (float64(y)+.5)/float64(h)-b.y
				f := math.Exp(-(dx*dx + dy*dy) / (b.size * b.size))
				for k := range c {
					c[k] += f * b.c[k]
				}
			}
			n := 4 * r.NormFloat64()
			for k := range c {
				m.Pix[y*m.Stride+4*x+k] = uint8(min(255, max(0, c[k]+n)))
			}
			m.Pix[y*m.Stride+4*x+3] = 255
		}
	}
	return m
}

// compressed returns a picture after a JPEG of this quality.
func compressed(t testing.TB, img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decoded(t testing.TB, file []byte) image.Image {
	img, _, err := imageio.Decode(file, imageio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// resized returns a picture in another size.
func resized(t testing.TB, img image.Image, w, h int) *image.NRGBA {
	p := imageio.Prep{Size: tensor.Shape{H: h, W: w, C: 3}}
	pix := make([]uint8, p.Size.Size())
	if err := p.Bytes(pix, img); err != nil {
		t.Fatal(err)
	}
	x := packed{h: h, w: w, c: 3}
	small, _ := x.image(pix, 0)
	return small.(*image.NRGBA)
}

func newPicture(n int, img image.Image) picture {
	l := lookAt(img)
	p := picture{key: numbered(n), look: &l, hash: l.hash()}
	p.mean, p.deviation = l.moments()
	return p
}

// What people do to copies stays within tight, and another scene is far away.
func TestDifference(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for i := range 15 {
		img := scene(r, 128+i, 96)
		p := newPicture(i, img)
		darker := image.NewNRGBA(img.Rect)
		for k, v := range img.Pix {
			darker.Pix[k] = v
			if k%4 < 3 {
				darker.Pix[k] = uint8(float64(v)*.9 + 5)
			}
		}
		var asPNG bytes.Buffer
		if err := png.Encode(&asPNG, img); err != nil {
			t.Fatal(err)
		}
		for name, copied := range map[string]image.Image{
			"quality 60": decoded(t, compressed(t, img, 60)),
			"quality 60 at three quarters of the size": decoded(t, compressed(t, resized(t, img, img.Rect.Dx()*3/4, 72), 60)),
			"darker":  darker,
			"as PNG":  decoded(t, asPNG.Bytes()),
			"smaller": resized(t, img, 50, 37),
		} {
			q := newPicture(i, copied)
			if d, b := difference(&p, &q), bits.OnesCount64(p.hash^q.hash); d > tight.tolerance || b > loose.radius {
				t.Errorf("scene %d, %s: difference %.4f, %d bits", i, name, d, b)
			}
		}
		other := newPicture(i, scene(r, 128, 96))
		if d := difference(&p, &other); d < 10*tight.tolerance {
			t.Errorf("two scenes differ by %.4f", d)
		}
		swapped := image.NewNRGBA(img.Rect) // the same brightness, nearly, in other colours
		for k := 0; k < len(img.Pix); k += 4 {
			y, cb, cr := color.RGBToYCbCr(img.Pix[k], img.Pix[k+1], img.Pix[k+2])
			swapped.Pix[k], swapped.Pix[k+1], swapped.Pix[k+2] = color.YCbCrToRGB(y, cr, cb)
			swapped.Pix[k+3] = 255
		}
		if q := newPicture(i, swapped); difference(&p, &q) != 1 || difference(&q, &p) != 1 {
			t.Errorf("scene %d in other colours differs by %.4f", i, difference(&p, &q))
		}
	}
}

func BenchmarkLookAt(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	photo := image.NewYCbCr(image.Rect(0, 0, 500, 375), image.YCbCrSubsampleRatio420)
	fill(r, photo.Y, photo.Cb, photo.Cr)
	for _, bench := range []struct {
		name string
		img  image.Image
	}{{"digit", randomGray(r, 28, 28)}, {"photo", photo}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				lookAt(bench.img)
			}
		})
	}
	b.Run("hash", func(b *testing.B) {
		l := lookAt(photo)
		for b.Loop() {
			l.hash()
		}
	})
}
