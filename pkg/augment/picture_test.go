package augment

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"squint/pkg/tensor"
)

// naive is bilinear interpolation in float64, pixel by pixel: the reference.
func naive(src []uint8, s tensor.Shape, b Border, u, v float64, c int) float64 {
	at := func(x, y int) float64 {
		switch b {
		case BorderZero:
			if x < 0 || y < 0 || x >= s.W || y >= s.H {
				return 0
			}
		case BorderEdge:
			x, y = min(max(x, 0), s.W-1), min(max(y, 0), s.H-1)
		case BorderMirror:
			fold := func(i, n int) int {
				i = ((i % (2 * n)) + 2*n) % (2 * n)
				return min(i, 2*n-1-i)
			}
			x, y = fold(x, s.W), fold(y, s.H)
		}
		return float64(src[(y*s.W+x)*s.C+c])
	}
	x, y := math.Floor(u), math.Floor(v)
	fx, fy := u-x, v-y
	i, j := int(x), int(y)
	return (at(i, j)*(1-fx)+at(i+1, j)*fx)*(1-fy) + (at(i, j+1)*(1-fx)+at(i+1, j+1)*fx)*fy
}

// Weights are rounded by 1/128 at the most in each direction, so a value by
// 2·255/128 = 4, and then to a whole number.
const sampleTolerance = 4.6

// worst returns the largest difference from the reference, whose places are off
// by (off, off) pixels.
func worst(a *Augmenter, d *deform, off float64) float64 {
	s, b := a.from, a.policy.Border
	src, dst := noise(s), make([]uint8, s.Size())
	a.render(dst, src, d)
	m := d.where(s, s)
	var w float64
	for i, got := range dst {
		x, y := float64(i/s.C%s.W), float64(i/s.C/s.W)
		want := naive(src, s, b, m.ux*x+m.uy*y+m.u0+off, m.vx*x+m.vy*y+m.v0+off, i%s.C)
		w = max(w, math.Abs(float64(got)-want))
	}
	return w
}

func TestSampleAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := tensor.Shape{H: rapid.IntRange(1, 20).Draw(t, "h"), W: rapid.IntRange(1, 20).Draw(t, "w"), C: rapid.SampledFrom([]int{1, 3}).Draw(t, "c")}
		border := rapid.SampledFrom([]Border{BorderZero, BorderEdge, BorderMirror}).Draw(t, "border")
		d := unchanged
		d.flip = rapid.Bool().Draw(t, "flip")
		d.turn = rapid.Float64Range(-3.2, 3.2).Draw(t, "turn")
		d.scale = rapid.Float64Range(0.7, 4).Draw(t, "scale") // not so small that the picture is halved
		d.shiftX, d.shiftY = rapid.Float64Range(-3, 3).Draw(t, "x"), rapid.Float64Range(-3, 3).Draw(t, "y")
		a, err := New(Policy{Border: border}, s)
		if err != nil {
			t.Fatal(err)
		}
		if w := worst(a, &d, 0); w > sampleTolerance {
			t.Fatalf("off by %.2f, want at most %v", w, sampleTolerance)
		}
	})
	d := unchanged
	d.turn = 0.4
	if w := worst(newAugmenter(t, Policy{Border: BorderEdge}, colour64), &d, 0.03); w <= sampleTolerance {
		t.Errorf("places off by 0.03 pixels pass: %.2f", w)
	}
}

// A picture reduced to half its sides is the mean of its squares of four, but
// for the rounding of two means.
func TestHalvingAverages(t *testing.T) {
	for _, c := range []int{1, 3} {
		from, to := tensor.Shape{H: 12, W: 18, C: c}, tensor.Shape{H: 6, W: 9, C: c}
		a, err := NewSized(Policy{}, from, to)
		if err != nil {
			t.Fatal(err)
		}
		src, dst := noise(from), make([]uint8, to.Size())
		a.Apply(dst, src, 0, 0, 0, 1)
		for i, got := range dst {
			x, y, ch := i/c%to.W, i/c/to.W, i%c
			p := func(dx, dy int) float64 { return float64(src[((2*y+dy)*from.W+2*x+dx)*c+ch]) }
			if want := (p(0, 0) + p(1, 0) + p(0, 1) + p(1, 1)) / 4; math.Abs(float64(got)-want) > 0.75 {
				t.Fatalf("%d channels: value %d is %d, want %.2f", c, i, got, want)
			}
		}
	}
}

// A last row or column without a neighbour is averaged with what lies outside.
func TestHalvingOddSides(t *testing.T) {
	s := tensor.Shape{H: 3, W: 5, C: 1}
	for border, want := range map[Border][]uint64{BorderZero: {200, 200, 100, 100, 100, 50}, BorderEdge: {200, 200, 200, 200, 200, 200}} {
		p := newPicture(s, border)
		src := make([]uint8, s.Size())
		for i := range src {
			src[i] = 200
		}
		p.load(src, s.H, s.W)
		p.halveX()
		p.halveY()
		for i, w := range want {
			if got := p.row(i / 3)[i%3]; got != w {
				t.Errorf("border %s: value %d is %d, want %d", border, i, got, w)
			}
		}
	}
}

// A fine chequerboard seen from twice as far is grey. Four neighbours alone
// would show a coarse one.
func TestZoomingOutDoesNotAlias(t *testing.T) {
	s := tensor.Shape{H: 64, W: 64, C: 1}
	src, dst := make([]uint8, s.Size()), make([]uint8, s.Size())
	for i := range src {
		src[i] = 255 * uint8((i%s.W+i/s.W)%2)
	}
	a := newAugmenter(t, Policy{Border: BorderMirror}, s)
	d := unchanged
	d.cropW, d.cropH, d.turn = 2.1, 2.1, 0.1
	a.render(dst, src, &d)
	for y := 20; y < 44; y++ {
		for x := 20; x < 44; x++ {
			if v := int(dst[y*s.W+x]); v < 126 || v > 129 {
				t.Fatalf("(%d, %d) is %d, want 127.5 but for rounding", x, y, v)
			}
		}
	}
	if m := d.where(s, s); math.Abs(naive(src, s, BorderMirror, m.ux*30+m.uy*30+m.u0, m.vx*30+m.vy*30+m.v0, 0)-127.5) < 2 {
		t.Error("the chequerboard is grey to four neighbours too")
	}
}
