package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// onTiers runs f once on every tier that this machine has.
func onTiers(t *testing.T, f func(t *testing.T)) {
	for _, name := range Tiers() {
		t.Run(name, func(t *testing.T) {
			defer Use(name)()
			f(t)
		})
	}
}

// guard is how many values on either side of a test's slice are watched.
const guard = 24

// guarded returns a random slice of n values which lies between guards of
// NaN, and a function that tells whether the guards are untouched. NaN, so
// that a value read beyond the end shows in the result as well.
func guarded(rng *rand.Rand, n int) (x []float32, intact func() bool) {
	all := make([]float32, n+2*guard)
	nan := float32(math.NaN())
	for i := range all {
		all[i] = nan
	}
	x = all[guard : guard+n : guard+n]
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x, func() bool {
		for i, v := range all {
			if (i < guard || i >= guard+n) && v == v {
				return false
			}
		}
		return true
	}
}

// begin is one of the three ways to start the sums.
type begin int

const (
	fromZero begin = iota
	fromC
	fromBias
)

func (p *Product) start(how begin, c, a, b, bias []float32) {
	switch how {
	case fromZero:
		p.Set(c, a, b)
	case fromC:
		p.Add(c, a, b)
	default:
		p.Bias(c, a, b, bias)
	}
}

// sums walks through the formula in Product's comment: for each element of C the
// column and index, and for each of its terms, in order, the indices in A and B.
func (p Product) sums(element func(j, at int), term func(at, ia, ib int)) {
	for y := range max(p.Images, 1) * max(p.Y, 1) {
		m, y := y/max(p.Y, 1), y%max(p.Y, 1)
		for i := range p.M {
			for j := range p.N {
				panel, l := j/Panel, j%Panel
				at := m*p.CImage + y*p.CY + i*p.CRow + panel*p.CPanel + l
				element(j, at)
				for g := range max(p.Groups, 1) {
					for b := range max(p.Batch, 1) {
						for k := range p.K {
							term(at, m*p.AImage+y*p.AY+g*p.AGroup+b*p.ABatch+i*p.ARow+k*p.ACol, g*p.BGroup+b*p.BBatch+panel*p.BPanel+k*p.BRow+l)
						}
					}
				}
			}
		}
	}
}

// reference computes the product in float64 and how far a float32 sum of n terms may
// be off: n roundings of at most 2^-24 of the partial sums, none of which exceeds
// Σ|a·b|, and twice that for the twin, which rounds the products too.
func reference(p Product, how begin, c, a, b, bias []float32) (want, tolerance []float64) {
	want, tolerance = make([]float64, len(c)), make([]float64, len(c))
	for i, v := range c {
		want[i] = float64(v) // stays where C has gaps
	}
	roundings := 2 * float64(p.K*max(p.Batch, 1)*max(p.Groups, 1)+1) * 0x1p-24
	p.sums(func(j, at int) {
		switch how {
		case fromZero:
			want[at] = 0
		case fromBias:
			want[at] = float64(bias[j])
		}
		tolerance[at] = roundings * math.Abs(want[at])
	}, func(at, ia, ib int) {
		v := float64(a[ia]) * float64(b[ib])
		want[at] += v
		tolerance[at] += roundings * math.Abs(v)
	})
	return want, tolerance
}

// differ says where got is not what it should be, "" if nowhere.
func differ(got []float32, want, tolerance []float64) string {
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= tolerance[i]) {
			return fmt.Sprintf("C[%d] = %v, want %v ± %.2g", i, v, want[i], tolerance[i])
		}
	}
	return ""
}

// tryProduct runs p on the active tier on random numbers between guards, in all
// three ways, and returns the three results.
func tryProduct(t *testing.T, p Product, seed uint64) (results [3][]float32) {
	t.Helper()
	for how := fromZero; how <= fromBias; how++ {
		rng := rand.New(rand.NewPCG(seed, 7))
		na, nb, nc := p.lens()
		a, aIntact := guarded(rng, na)
		b, bIntact := guarded(rng, nb)
		c, cIntact := guarded(rng, nc)
		bias, biasIntact := guarded(rng, p.N)
		want, tolerance := reference(p, how, c, a, b, bias)
		p.start(how, c, a, b, bias)
		if d := differ(c, want, tolerance); d != "" {
			t.Fatalf("%+v begun %d: %s", p, how, d)
		}
		if !aIntact() || !bIntact() || !cIntact() || !biasIntact() {
			t.Fatalf("%+v begun %d: wrote outside a slice", p, how)
		}
		results[how] = c
	}
	return results
}

// rowMajor returns C = A·B of three row-major matrices, A m×k and B k×n.
func rowMajor(m, k, n int) Product {
	return Product{M: m, N: n, K: k, ARow: k, ACol: 1, BPanel: Panel, BRow: n, CRow: n, CPanel: Panel}
}

// shapes are the products that every tier computes in tests: real uses at small
// sizes, and the edges of tiles, panels and blocks.
func shapes() []Product {
	var ps []Product
	for _, m := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 17} {
		for _, n := range []int{1, 3, 7, 8, 9, 10, 15, 16, 17, 24, 31, 32, 33, 48, 49, 64} {
			for _, k := range []int{1, 2, 9} {
				ps = append(ps, dense(m, k, n))
			}
		}
	}
	for _, s := range []struct{ size, ch int }{{4, 1}, {5, 3}, {7, 16}, {3, 20}, {6, 33}} {
		f, d := conv3x3(s.size, s.ch, 2)
		ps = append(ps, f, d)
	}
	return append(ps,
		dense(4, 1023, 17), dense(4, 1024, 17), dense(4, 1025, 17), dense(4, 3077, 17), // K in blocks
		Product{M: 3, N: 20, K: 100, Batch: 9, ABatch: 110, ARow: 37, ACol: 2, BBatch: 1700, BRow: 16, BPanel: 16000, CRow: 20, CPanel: 16}, // batches in blocks
		Product{M: 3, N: 20, K: 5, Batch: 200, ABatch: 6, ARow: 7, ACol: 1, BBatch: 100, BRow: 20, BPanel: 16, CRow: 20, CPanel: 16},
		Product{M: 13, N: 20, K: 7, Batch: 3, Groups: 5, ABatch: 11, AGroup: 40, ARow: 70, ACol: 2, BBatch: 140, BGroup: 450, BRow: 20, BPanel: 16, CRow: 20, CPanel: 16},
		Product{M: 13, N: 20, K: 7, Batch: 3, Groups: 99, ABatch: 11, AGroup: 40, ARow: 1, ACol: 2, BBatch: 140, BGroup: 450, BRow: 20, BPanel: 16, CRow: 20, CPanel: 16}, // groups in blocks
		Product{Y: 9, M: 1, N: 5, K: 4, AY: 3, ARow: 100, ACol: 5, BRow: 5, BPanel: 16, CY: 5, CRow: 100, CPanel: 16},                                                     // tiles across y
		Product{Y: 5, M: 4, N: 16, K: 4, AY: 3, ARow: 100, ACol: 5, BRow: 16, BPanel: 16, CY: 16, CRow: 80, CPanel: 16},
		rowMajor(25, 515, 47), rowMajor(24, 1000, 70), rowMajor(24, 9, 33), rowMajor(26, 3, 16), rowMajor(9, 30, 40), // B copied to panels, and not
		// tiles across images, with a border in C to be left alone
		Product{Images: 3, Y: 2, M: 5, N: 21, K: 4, Batch: 2, AImage: 100, AY: 40, ABatch: 40, ARow: 4, ACol: 1, BBatch: 4 * 16, BRow: 16, BPanel: 8 * 16, CImage: 400, CY: 160, CRow: 22, CPanel: 16},
		Product{Images: 4, M: 3, N: 6, K: 9, AImage: 29, ARow: 9, ACol: 1, BRow: 6, CImage: 20, CRow: 6}, // one narrow panel where it lies
		Product{M: 5, N: 30, K: 6, ARow: 0, ACol: 0, BRow: 0, BPanel: 16, CRow: 40, CPanel: 16},          // nothing moves
	)
}

func TestProduct(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		for i, p := range shapes() {
			tryProduct(t, p, uint64(i))
		}
	})
}

// TestProductTinyByHand keeps the reference honest: 2×3 times 3×2 on paper.
func TestProductTinyByHand(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		p := Product{M: 2, N: 2, K: 3, ARow: 3, ACol: 1, BRow: 2, BPanel: Panel, CRow: 2, CPanel: Panel}
		a, b, c := []float32{1, 2, 3, 4, 5, 6}, []float32{1, 2, 3, 4, 5, 6}, make([]float32, 4)
		expect := func(want ...float32) {
			t.Helper()
			for i, w := range want {
				if c[i] != w {
					t.Errorf("C[%d] = %v, want %v", i, c[i], w)
				}
			}
		}
		p.Set(c, a, b)
		expect(22, 28, 49, 64)
		p.Add(c, a, b)
		expect(44, 56, 98, 128)
		p.Bias(c, a, b, []float32{100, 200})
		expect(122, 228, 149, 264)
		p.K = 0
		p.Add(c, a, b)
		expect(122, 228, 149, 264)
		p.Bias(c, nil, nil, []float32{1, 2})
		expect(1, 2, 1, 2)
		p.Set(c, nil, nil)
		expect(0, 0, 0, 0)
	})
}

// TestProductOrder computes what the comment of Product promises of the vector
// tiers with scalar fused multiply-adds, and wants the same bits.
func TestProductOrder(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		if Tier() == "go" {
			t.Skip("the twin rounds twice")
		}
		for i, p := range shapes() {
			got := tryProduct(t, p, uint64(i))[fromZero]
			na, nb, nc := p.lens()
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			a, _ := guarded(rng, na)
			b, _ := guarded(rng, nb)
			want := make([]float32, nc)
			p.sums(func(_, at int) {}, func(at, ia, ib int) { want[at] = fma32(a[ia], b[ib], want[at]) })
			p.sums(func(_, at int) {
				if got[at] != want[at] {
					t.Fatalf("%+v: C[%d] = %v, in the order of the comment %v", p, at, got[at], want[at])
				}
			}, func(_, _, _ int) {})
		}
	})
}

// TestProductTiersAgree compares the vector tiers, bit for bit, on products of the
// size of real layers, which the tables above are too slow for.
func TestProductTiersAgree(t *testing.T) {
	vector := Tiers()[:len(Tiers())-1]
	if len(vector) < 2 {
		t.Skip("one vector tier at most")
	}
	for _, l := range layers() {
		na, nb, nc := l.p.lens()
		a, b := random(na), random(nb)
		var want []float32
		for _, name := range vector {
			restore := Use(name)
			got := make([]float32, nc)
			l.p.Set(got, a, b)
			restore()
			if want == nil {
				want = got
			}
			if d := sameBits(got, want); d != "" {
				t.Errorf("%s: %s: C%s as %s has", l.name, name, d, vector[0])
			}
		}
	}
}

// fma32 returns x*y+z rounded once. The product is exact in float64; the sum is
// rounded to odd there, so that rounding it again to float32 is right.
func fma32(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	t := s - p
	rest := (p - (s - t)) + (c - t) // what s lacks, exactly
	if bits := math.Float64bits(s); rest != 0 && bits&1 == 0 {
		if (rest > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return float32(s)
}

func FuzzProduct(f *testing.F) {
	f.Add(uint64(1), []byte{1, 6, 16, 9, 3, 5, 5, 5, 1, 20, 16, 16, 7, 16, 16, 0, 9, 9, 2, 7, 3})
	f.Add(uint64(2), []byte{3, 13, 9, 30, 2, 0, 0, 1, 16, 0, 0, 16, 200, 9, 16, 2, 40, 200, 0, 0, 0})
	f.Add(uint64(3), []byte{9, 1, 40, 3, 90, 1, 2, 3, 4, 5, 6, 7, 8, 50, 17, 5, 1, 0, 3, 100, 0})
	f.Fuzz(func(t *testing.T, seed uint64, s []byte) {
		if len(s) < 21 {
			t.Skip()
		}
		n := func(i, most int) int { return int(s[i]) % (most + 1) }
		p := Product{
			Y: n(0, 4), M: 1 + n(1, 19), N: 1 + n(2, 49), K: 1 + n(3, 40), Batch: n(4, 9),
			AY: n(5, 255), ABatch: n(6, 255), ARow: n(7, 255), ACol: n(8, 255),
			BBatch: n(9, 255), BPanel: n(10, 255), BRow: n(11, 255),
			Groups: n(15, 5), AGroup: n(16, 255), BGroup: n(17, 255),
			Images: n(18, 3), AImage: n(19, 255),
		}
		// Places in C must not coincide: nest the four strides.
		p.CPanel = Panel + n(14, 9)
		p.CRow = p.CPanel*((p.N-1)/Panel+1) + n(13, 9)
		p.CY = p.CRow*p.M + n(12, 9)
		p.CImage = p.CY*max(p.Y, 1) + n(20, 9)
		onTiers(t, func(t *testing.T) { tryProduct(t, p, seed) })
	})
}

// TestProductLens compares the lengths that slices are checked for with the
// largest indices of the comment's formula.
func TestProductLens(t *testing.T) {
	overlapping := Product{M: 2, N: 17, K: 1, BPanel: 3, CPanel: 2, ARow: 1, CRow: 100}
	for _, p := range append(shapes(), overlapping) {
		var na, nb, nc int
		p.sums(func(_, at int) { nc = max(nc, at+1) }, func(_, ia, ib int) { na, nb = max(na, ia+1), max(nb, ib+1) })
		if a, b, c := p.lens(); a != na || b != nb || c != nc {
			t.Errorf("%+v: lengths %d, %d, %d, want %d, %d, %d", p, a, b, c, na, nb, nc)
		}
	}
}

func TestProductPanics(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		p := dense(7, 5, 19)
		na, nb, nc := p.lens()
		a, b, c, bias := make([]float32, na), make([]float32, nb), make([]float32, nc), make([]float32, 19)
		p.Bias(c, a, b, bias) // fits
		negative := p
		negative.ARow = -1
		for name, try := range map[string]func(){
			"34, 147, 133 values, want 35, 147, 133": func() { p.Set(c, a[1:], b) },
			"35, 146, 133 values, want 35, 147, 133": func() { p.Set(c, a, b[1:]) },
			"35, 147, 132 values, want 35, 147, 133": func() { p.Set(c[1:], a, b) },
			"18 biases for 19 columns":               func() { p.Bias(c, a, b, bias[1:]) },
			"negative":                               func() { negative.Set(c, a, b) },
		} {
			func() {
				defer func() {
					if r := recover(); r == nil || !strings.Contains(r.(string), name) {
						t.Errorf("panic %v, want one with %q", r, name)
					}
				}()
				try()
			}()
		}
	})
}

// TestProductCheckNotices feeds the comparison wrong results: one weight off by
// a thousandth, and one row left out.
func TestProductCheckNotices(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := dense(7, 30, 19)
	na, nb, nc := p.lens()
	a, _ := guarded(rng, na)
	b, _ := guarded(rng, nb)
	c := make([]float32, nc)
	want, tolerance := reference(p, fromZero, c, a, b, nil)
	b[40] *= 1.001
	p.Set(c, a, b)
	if differ(c, want, tolerance) == "" {
		t.Error("a weight off by a thousandth passed")
	}
	b[40] /= 1.001
	p.Set(c, a, b)
	if d := differ(c, want, tolerance); d != "" {
		t.Error(d)
	}
	clear(c[6*19:])
	if differ(c, want, tolerance) == "" {
		t.Error("an empty last row passed")
	}
}

func TestProductAllocs(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		p := dense(7, 30, 19)
		na, nb, nc := p.lens()
		a, b, c, bias := make([]float32, na), make([]float32, nb), make([]float32, nc), make([]float32, 19)
		if n := testing.AllocsPerRun(10, func() { q := p; q.Bias(c, a, b, bias); q.Add(c, a, b) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
