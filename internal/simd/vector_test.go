package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// args is what a case gives a function: a few slices of each type, each with
// guards in front and behind.
type args struct {
	f      [][]float32
	d      [][]float64
	b      [][]uint8
	intact []func() bool
}

// withGuards returns n values between guard values of end, and whether these are still there.
func withGuards[T float32 | float64 | uint8](n int, end T, value func() T) (x []T, intact func() bool) {
	all := slices.Repeat([]T{end}, n+2*guard)
	x = all[guard : guard+n : guard+n]
	for i := range x {
		x[i] = value()
	}
	return x, func() bool {
		for i, v := range all {
			// end may be NaN, which equals nothing; values in tests are finite at the edges.
			if (i < guard || i >= guard+n) && v == v && v != end {
				return false
			}
		}
		return true
	}
}

// odd are values that comparisons and roundings trip over.
var odd = []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 0x1p-140, -0x1p-126, math.MaxFloat32, 1, 1, -1}

func newArgs(seed uint64, f, d, b []int) *args {
	rng := rand.New(rand.NewPCG(seed, 3))
	a := &args{}
	for _, n := range f {
		x, ok := withGuards(n, float32(math.NaN()), func() float32 {
			if rng.IntN(8) == 0 {
				return odd[rng.IntN(len(odd))]
			}
			return float32(rng.NormFloat64())
		})
		a.f, a.intact = append(a.f, x), append(a.intact, ok)
	}
	for _, n := range d {
		x, ok := withGuards(n, math.NaN(), rng.NormFloat64)
		a.d, a.intact = append(a.d, x), append(a.intact, ok)
	}
	for _, n := range b {
		x, ok := withGuards(n, 0xAB, func() uint8 { return uint8(rng.IntN(256)) })
		a.b, a.intact = append(a.b, x), append(a.intact, ok)
	}
	return a
}

// sameBits says where two slices differ, "" if nowhere. All NaNs are one.
func sameBits[T float32 | float64 | uint8](got, want []T) string {
	for i, w := range want {
		g := got[i]
		zeroSign := w == 0 && math.Signbit(float64(g)) != math.Signbit(float64(w))
		if (g != w || zeroSign) && (g == g || w == w) {
			return fmt.Sprintf("[%d] = %v, want %v", i, g, w)
		}
	}
	return ""
}

func (a *args) differsFrom(want *args) string {
	for i := range a.f {
		if d := sameBits(a.f[i], want.f[i]); d != "" {
			return fmt.Sprintf("float32 slice %d%s", i, d)
		}
	}
	for i := range a.d {
		if d := sameBits(a.d[i], want.d[i]); d != "" {
			return fmt.Sprintf("float64 slice %d%s", i, d)
		}
	}
	for i := range a.b {
		if d := sameBits(a.b[i], want.b[i]); d != "" {
			return fmt.Sprintf("byte slice %d%s", i, d)
		}
	}
	for i, ok := range a.intact {
		if !ok() {
			return fmt.Sprintf("slice %d: written outside", i)
		}
	}
	return ""
}

// oracle is a function under test beside its comment spelt out in Go: both get
// equal arguments and must leave them equal, to the bit, on every tier.
type oracle struct {
	name      string
	run, want func(a *args)
}

func (o oracle) check(t *testing.T, fresh func() *args) {
	t.Helper()
	got, want := fresh(), fresh()
	o.run(got)
	o.want(want)
	if d := got.differsFrom(want); d != "" {
		t.Fatalf("%s: %s", o.name, d)
	}
}

// lengths to try pointwise functions on: around vectors and chunks.
func lengths() []int {
	ns := []int{63, 64, 65, 1000, chunk - 1, chunk, chunk + 1, 2*chunk + 13}
	for n := range 36 {
		ns = append(ns, n)
	}
	return ns
}

// each is an oracle's loop over the places of slices of one length.
func each(f func(a *args, i int)) func(a *args) {
	return func(a *args) {
		for i := range a.f[0] {
			f(a, i)
		}
	}
}

func TestPointwise(t *testing.T) {
	const lr, momentum, decay = 0.1, 0.9, 5e-4
	const b1, b2, eps = 0.9, 0.999, 1e-8
	c1, c2 := 1-math.Pow(b1, 3), 1-math.Pow(b2, 3)
	ifPositive := func(v, y float32) float32 {
		if y > 0 {
			return v
		}
		return 0
	}
	sgd := func(nesterov bool) func(a *args, i int) {
		return func(a *args, i int) {
			w, v, d := &a.f[0][i], &a.f[1][i], a.f[2][i]
			d += float32(decay * *w)
			*v = float32(momentum**v) + d
			if nesterov {
				*w -= float32(lr * (d + float32(momentum**v)))
			} else {
				*w -= float32(lr * *v)
			}
		}
	}
	oracles := []oracle{
		{
			"Add", func(a *args) { Add(a.f[0], a.f[1]) },
			each(func(a *args, i int) { a.f[0][i] += a.f[1][i] }),
		},
		{
			"Axpy", func(a *args) { Axpy(a.f[0], a.f[1], 0.3) },
			each(func(a *args, i int) { a.f[0][i] += float32(0.3 * a.f[1][i]) }),
		},
		{
			"Scale", func(a *args) { Scale(a.f[0], 0.3) },
			each(func(a *args, i int) { a.f[0][i] *= 0.3 }),
		},
		{
			"EMA", func(a *args) { EMA(a.f[0], a.f[1], 0.99) },
			each(func(a *args, i int) {
				d := float32(0.99)
				a.f[0][i] = float32(d*a.f[0][i]) + float32((1-d)*a.f[1][i])
			}),
		},
		{
			"ReLU", func(a *args) { ReLU(a.f[0], a.f[1]) },
			each(func(a *args, i int) { a.f[0][i] = max(a.f[1][i], 0) }),
		},
		{
			"ReLU in place", func(a *args) { ReLU(a.f[0], a.f[0]) },
			each(func(a *args, i int) { a.f[0][i] = max(a.f[0][i], 0) }),
		},
		{
			"AddReLU", func(a *args) { AddReLU(a.f[0], a.f[1], a.f[2]) },
			each(func(a *args, i int) { a.f[0][i] = max(a.f[1][i]+a.f[2][i], 0) }),
		},
		{
			"AddReLU over b", func(a *args) { AddReLU(a.f[0], a.f[1], a.f[0]) },
			each(func(a *args, i int) { a.f[0][i] = max(a.f[1][i]+a.f[0][i], 0) }),
		},
		{
			"ReLUGrad", func(a *args) { ReLUGrad(a.f[0], a.f[1], a.f[2]) },
			each(func(a *args, i int) { a.f[0][i] = ifPositive(a.f[1][i], a.f[2][i]) }),
		},
		{
			"ReLUGrad over dy", func(a *args) { ReLUGrad(a.f[0], a.f[0], a.f[1]) },
			each(func(a *args, i int) { a.f[0][i] = ifPositive(a.f[0][i], a.f[1][i]) }),
		},
		{
			"ReLUGrad over y", func(a *args) { ReLUGrad(a.f[0], a.f[1], a.f[0]) },
			each(func(a *args, i int) { a.f[0][i] = ifPositive(a.f[1][i], a.f[0][i]) }),
		},
		{"SGD", func(a *args) { SGD(a.f[0], a.f[1], a.f[2], lr, momentum, decay, false) }, each(sgd(false))},
		{"SGD Nesterov", func(a *args) { SGD(a.f[0], a.f[1], a.f[2], lr, momentum, decay, true) }, each(sgd(true))},
		{
			"AdamW", func(a *args) { AdamW(a.f[0], a.f[1], a.f[2], a.f[3], lr, b1, b2, eps, decay, c1, c2) },
			each(func(a *args, i int) {
				w, m, v, g := &a.f[0][i], &a.f[1][i], &a.f[2][i], a.f[3][i]
				sqrt := func(x float32) float32 { return float32(math.Sqrt(float64(x))) }
				*m += float32(float32(1-b1) * (g - *m))
				*v = float32(float32(b2)**v) + float32(float32(float32(1-b2)*g)*g)
				step := float32(float32(lr/c1) * *m)
				*w = float32(float32(1-lr*decay)**w) - step/(sqrt(*v)/float32(math.Sqrt(c2))+eps)
			}),
		},
	}
	onTiers(t, func(t *testing.T) {
		for _, o := range oracles {
			for _, n := range lengths() {
				o.check(t, func() *args { return newArgs(uint64(n), []int{n, n, n, n}, nil, nil) })
			}
		}
	})
}

func TestReductions(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		for _, n := range lengths() {
			rng := rand.New(rand.NewPCG(uint64(n), 4))
			x, _ := guarded(rng, n)
			var lanes [16]float64
			for i := 0; i < n; i += chunk {
				var part [16]float64
				for k, v := range x[i:min(i+chunk, n)] {
					part[k%16] += float64(v) * float64(v)
				}
				for l := range lanes {
					lanes[l] += part[l]
				}
			}
			want := 0.0
			for _, v := range lanes {
				want += v
			}
			if got := SumSq(x); got != want {
				t.Errorf("SumSq of %d values: %v, want %v", n, got, want)
			}
			if !IsFinite(x) {
				t.Errorf("IsFinite of %d finite values: false", n)
			}
			for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
				for _, at := range []int{0, n / 2, n - 1} {
					if n == 0 {
						continue
					}
					before := x[at]
					x[at] = bad
					if IsFinite(x) {
						t.Errorf("IsFinite of %d values with %v at %d: true", n, bad, at)
					}
					x[at] = before
				}
			}
		}
		if !IsFinite([]float32{math.MaxFloat32, -math.MaxFloat32, 0x1p-149, 0, 1, 2, 3, 4}) {
			t.Error("IsFinite of the largest finite values: false")
		}
	})
}

// TestOracleNotices feeds the comparison results with one wrong bit, in the sign
// of a zero, and one value written too far.
func TestOracleNotices(t *testing.T) {
	fresh := func() *args { return newArgs(1, []int{9}, []int{3}, []int{4}) }
	for name, spoil := range map[string]func(a *args){
		"last bit":  func(a *args) { a.f[0][8] = math.Nextafter32(a.f[0][8], 9) },
		"zero sign": func(a *args) { a.f[0][0] = float32(math.Copysign(0, -1)) },
		"float64":   func(a *args) { a.d[0][2] = math.Nextafter(a.d[0][2], 9) },
		"byte":      func(a *args) { a.b[0][3]++ },
		"guard":     func(a *args) { *(*uint8)(unsafe.Add(unsafe.Pointer(&a.b[0][3]), 1)) = 1 },
	} {
		want, got := fresh(), fresh()
		want.f[0][0], want.f[0][8], got.f[0][0], got.f[0][8] = 0, 1, 0, 1
		if d := got.differsFrom(want); d != "" {
			t.Errorf("%s: untouched: %s", name, d)
		}
		spoil(got)
		if got.differsFrom(want) == "" {
			t.Errorf("%s: not noticed", name)
		}
	}
}
