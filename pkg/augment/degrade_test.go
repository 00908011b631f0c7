package augment

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"testing"

	"squint/pkg/tensor"
)

// A point becomes a spot of the Gaussian's variance, along both axes, and no
// light is lost.
func TestBlurHasItsVariance(t *testing.T) {
	s := tensor.Shape{H: 31, W: 31, C: 3}
	for _, sigma := range []float64{0.5, 1, 1.7} {
		pix := make([]uint8, s.Size())
		for i := range 9 * 3 { // a spot of 3×3, of variance 2/3, so that rounding does not matter
			pix[((14+i/9)*s.W+14+i/3%3)*3+i%3] = 255
		}
		blur(pix, make([]uint8, 33), s, sigma)
		var sum, xx, yy float64
		for i, v := range pix {
			x, y := float64(i/3%s.W-15), float64(i/3/s.W-15)
			sum += float64(v)
			xx += x * x * float64(v)
			yy += y * y * float64(v)
		}
		want := sigma*sigma + 2.0/3
		for _, got := range []float64{xx / sum, yy / sum} { // 8 %: tails are rounded to nothing
			if math.Abs(got-want) > 0.08*want {
				t.Errorf("σ %v: variance %v, want %v", sigma, got, want)
			}
		}
		if want := 255.0 * 27; math.Abs(sum-want) > 0.05*want {
			t.Errorf("σ %v: %v of %v left", sigma, sum, want)
		}
	}
}

func TestGrainHasItsDeviation(t *testing.T) {
	for _, sigma := range []float64{1, 5, 20} {
		pix := slices.Repeat([]uint8{128}, 3*20000)
		grain(pix, 3, sigma, 7)
		var sum, squares, both float64
		for i, v := range pix {
			d := float64(v) - 128
			sum += d
			squares += d * d
			if i%3 == 1 {
				both += d * (float64(pix[i-1]) - 128)
			}
		}
		n := float64(len(pix))
		want := math.Sqrt(sigma*sigma + 1.0/12) // and rounding
		if got := math.Sqrt(squares / n); math.Abs(got-want) > 0.02*want || math.Abs(sum/n) > 0.03*sigma {
			t.Errorf("σ %v: deviation %v, mean %v", sigma, got, sum/n)
		}
		if r := both / (n / 3) / squares * n; math.Abs(r) > 0.03 {
			t.Errorf("σ %v: red and green are correlated by %v", sigma, r)
		}
	}
}

// Grey pictures whose sides are multiples of 8 come out as from Go's own JPEG
// encoder and decoder, but for a rounding here and there.
func TestJPEGIsLikeJPEG(t *testing.T) {
	s := tensor.Shape{H: 32, W: 40, C: 1}
	pix := make([]uint8, s.Size())
	for i := range pix {
		x, y := float64(i%s.W), float64(i/s.W)
		pix[i] = uint8(128 + 60*math.Sin(x/3+y/7) + 50*math.Cos(x*y/40))
	}
	for _, quality := range []int{10, 30, 50, 75, 95} {
		got := slices.Clone(pix)
		saveAsJPEG(got, s, float64(quality))
		var b bytes.Buffer
		if err := jpeg.Encode(&b, &image.Gray{Pix: pix, Stride: s.W, Rect: image.Rect(0, 0, s.W, s.H)}, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		want := img.(*image.Gray)
		var off, changed float64
		for i, v := range got {
			w := want.Pix[i/s.W*want.Stride+i%s.W]
			off += math.Abs(float64(v) - float64(w))
			changed += math.Abs(float64(pix[i]) - float64(w))
		}
		off, changed = off/float64(len(got)), changed/float64(len(got))
		if off > 0.8 || off > 0.5*changed {
			t.Errorf("quality %d: %.2f from Go's JPEG on average, which is %.2f from the picture", quality, off, changed)
		}
	}
	// A picture of one colour keeps it, and sides need be no multiples of 8.
	odd := tensor.Shape{H: 5, W: 11, C: 3}
	flat := slices.Repeat([]uint8{128, 128, 128}, 55)
	got := slices.Clone(flat)
	saveAsJPEG(got, odd, 20)
	if !slices.Equal(got, flat) {
		t.Errorf("grey became %v", got[:6])
	}
}

// degrading is a policy that does nothing else, to every example.
func degrading() Policy { return Policy{Blur: 1.2, Noise: 8, JPEG: 20, DegradeShare: 1} }
