package augment

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"squint/pkg/tensor"
)

func TestEraseHidesOneRectangle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tensor.Shape{H: rapid.IntRange(1, 40).Draw(t, "h"), W: rapid.IntRange(1, 40).Draw(t, "w"), C: rapid.SampledFrom([]int{1, 3}).Draw(t, "c")}
		d := unchanged
		d.erase = rapid.Float64Range(0, 1).Draw(t, "share")
		d.eraseRatio = rapid.Float64Range(1/eraseRatioMax, eraseRatioMax).Draw(t, "ratio")
		d.eraseX, d.eraseY = rapid.Float64Range(0, 0.999999).Draw(t, "x"), rapid.Float64Range(0, 0.999999).Draw(t, "y")

		// Two colours, 0 and 200, in halves: the mean is neither.
		pix := make([]uint8, s.Size())
		for i := range pix {
			pix[i] = 200 * uint8(i/s.C%2)
		}
		erase(pix, s, &d)
		x0, y0, x1, y1, n := s.W, s.H, 0, 0, 0
		for i, v := range pix {
			if x, y := i/s.C%s.W, i/s.C/s.W; v != 200*uint8(i/s.C%2) {
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
				n++
			}
		}
		if s.W == 1 && s.H == 1 {
			return // its mean is itself
		}
		if n > 0 && n != (x1-x0)*(y1-y0)*s.C {
			t.Fatalf("%d values changed, not all within (%d,%d)-(%d,%d)", n, x0, y0, x1, y1)
		}
		// Each side is rounded by half a pixel at the most, and cut to the picture.
		w := min(math.Sqrt(d.erase*float64(s.H*s.W)*d.eraseRatio), float64(s.W))
		h := min(math.Sqrt(d.erase*float64(s.H*s.W)/d.eraseRatio), float64(s.H))
		if n > 0 && (math.Abs(float64(x1-x0)-w) > 0.5+1e-9 || math.Abs(float64(y1-y0)-h) > 0.5+1e-9) {
			t.Fatalf("%d×%d hidden, want %.2f×%.2f", x1-x0, y1-y0, w, h)
		}
		if n == 0 && w > 0.5+1e-9 && h > 0.5+1e-9 {
			t.Fatalf("nothing hidden, want %.2f×%.2f", w, h)
		}
	})
}
