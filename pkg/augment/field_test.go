package augment

import (
	"math"
	"testing"

	"squint/pkg/tensor"
)

// fieldRMS draws n fields and returns their root mean square along x and along
// y in pixels, and the correlation of the displacement along x at two pixels
// lag apart in a row.
func fieldRMS(side, n, lag int, sigma, amount float64) (u, v, corr float64) {
	f := newField(side, side, sigma)
	du, dv := make([]int64, side), make([]int64, side)
	var uu, vv, near, ends float64
	for k := range uint64(n) {
		f.draw(key(1, 2, k), amount, amount)
		for y := range side {
			clear(du)
			clear(dv)
			f.add(du, dv, y)
			for x := range du {
				a, b := float64(du[x])/one, float64(dv[x])/one
				uu, vv = uu+a*a, vv+b*b
				if x+lag < side {
					c := float64(du[x+lag]) / one
					near, ends = near+a*c, ends+(a*a+c*c)/2
				}
			}
		}
	}
	count := float64(n * side * side)
	return math.Sqrt(uu / count), math.Sqrt(vv / count), near / ends
}

// A field of 28×28 at sigma 5 holds about 10 independent numbers along each
// axis, so the root mean square of 2000 fields is known to 1/√(2·20000) = 0.5 %;
// 2 % is four times that.
const fieldTolerance = 0.02

func TestFieldIsAsStrongAsAsked(t *testing.T) {
	for _, c := range []struct {
		side          int
		sigma, amount float64
	}{{28, 5, 1.25}, {28, 4, 0.5}, {28, 1, 2}, {64, 10, 3}, {5, 30, 1}} {
		n := 2000
		if c.sigma > float64(c.side) {
			n = 20_000 // one number in a field
		}
		u, v, _ := fieldRMS(c.side, n, 1, c.sigma, c.amount)
		if math.Abs(u/c.amount-1) > fieldTolerance || math.Abs(v/c.amount-1) > fieldTolerance {
			t.Errorf("side %d, sigma %v: displacement of %.4f and %.4f, want %v", c.side, c.sigma, u, v, c.amount)
		}
	}
	if u, _, _ := fieldRMS(28, 2000, 1, 5, 1.25*1.05); math.Abs(u/1.25-1) < fieldTolerance {
		t.Errorf("a field 5 %% too strong passes: %.4f", u)
	}
}

// Two values lag apart of noise smoothed by a Gaussian have the correlation
// exp(-lag²/4σ²). The spline's own is within 0.02 of it; another 0.03 for what
// 2000 fields do not average away.
func TestFieldIsAsSmoothAsAsked(t *testing.T) {
	const tolerance = 0.05
	for _, lag := range []int{2, 5, 8, 12} {
		_, _, got := fieldRMS(48, 1000, lag, 5, 1)
		if want := math.Exp(-float64(lag*lag) / 100); math.Abs(got-want) > tolerance {
			t.Errorf("correlation %.3f at a distance of %d, want %.3f", got, lag, want)
		}
	}
	if _, _, got := fieldRMS(48, 1000, 8, 6, 1); math.Abs(got-math.Exp(-0.64)) < tolerance {
		t.Errorf("sigma 6 passes for 5: correlation %.3f", got)
	}
}

// Simard's own field: two numbers from -1..1 for each pixel, of variance 1/3,
// smoothed with the Gaussian's weights (variance times the sum of their
// squares) and multiplied by alpha, is as strong as Policy.Elastic says: alpha
// 34 at sigma 4 is 1.38 pixels along each axis.
func TestSimardsAlpha(t *testing.T) {
	const alpha, sigma = 34.0, 4.0
	var sum, squares float64
	for i := -40; i <= 40; i++ {
		g := math.Exp(-float64(i*i) / (2 * sigma * sigma))
		sum, squares = sum+g, squares+g*g
	}
	his := alpha * math.Sqrt(1.0/3) * squares / (sum * sum) // squares² of the weights in two dimensions, under the root
	if ours := alpha / (sigma * math.Sqrt(12*math.Pi)); math.Abs(his-ours) > 1e-6 || math.Abs(ours-1.38) > 0.005 {
		t.Errorf("alpha 34 at sigma 4 is %v pixels, the formula says %v", his, ours)
	}
}

// The whole way: in pictures which rise by 4 for every pixel to the right (or
// down), a change by 4 is a displacement by one pixel. Values are rounded to
// 1/4·1/√12 = 0.07 pixels, which adds 0.07²/2 = 0.2 % to a root mean square of 1;
// the rest of the tolerance is as above, for fewer fields.
func TestElasticMovesPixels(t *testing.T) {
	s := tensor.Shape{H: 60, W: 60, C: 1}
	const n, share, margin = 800, 0.5, 8 // displacements stay under 8 pixels from the border
	p := Policy{Elastic: 1, ElasticSigma: 5, ElasticShare: share, Border: BorderEdge}
	a := newAugmenter(t, p, s)
	dst := make([]uint8, s.Size())
	for name, rise := range map[string]func(x, y int) int{"right": func(x, y int) int { return x }, "down": func(x, y int) int { return y }} {
		src := make([]uint8, s.Size())
		for i := range src {
			src[i] = uint8(4 * rise(i%s.W, i/s.W))
		}
		var sum float64
		moved := 0
		for k := range uint64(n) {
			a.Apply(dst, src, 1, 0, k, 1)
			var one float64
			for y := margin; y < s.H-margin; y++ {
				for x := margin; x < s.W-margin; x++ {
					e := (float64(dst[y*s.W+x]) - float64(src[y*s.W+x])) / 4
					one += e * e
				}
			}
			if one > 0 {
				moved++
				sum += one / float64((s.H-2*margin)*(s.W-2*margin))
			}
		}
		if got := math.Sqrt(sum / float64(moved)); math.Abs(got-1) > 0.03 {
			t.Errorf("%s: displacement of %.4f, want 1", name, got)
		}
		if math.Abs(float64(moved)-share*n) > 5*math.Sqrt(n*share*(1-share)) {
			t.Errorf("%d of %d moved, want a share of %v", moved, n, share)
		}
	}
}
