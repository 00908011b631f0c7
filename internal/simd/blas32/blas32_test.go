package blas32

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	gonumblas32 "gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/blas/testblas"

	"squint/internal/simd"
)

var _ blas.Float32 = Implementation{}

// double lets gonum's tests of Dgemm try Sgemm: their numbers are small halves, so
// float32 computes them exactly.
type double struct{ Implementation }

func (d double) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	single := func(x []float64) []float32 {
		y := make([]float32, len(x))
		for i, v := range x {
			y[i] = float32(v)
		}
		return y
	}
	c32 := single(c)
	d.Sgemm(tA, tB, m, n, k, float32(alpha), single(a), lda, single(b), ldb, float32(beta), c32, ldc)
	for i, v := range c32 {
		c[i] = float64(v)
	}
}

func TestGonums(t *testing.T) {
	for _, name := range simd.Tiers() {
		t.Run(name, func(t *testing.T) {
			defer simd.Use(name)()
			testblas.TestDgemm(t, double{})
		})
	}
}

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

var transposes = []blas.Transpose{blas.NoTrans, blas.Trans}

// problem is what Sgemm is asked for in a test. Rows of all matrices have a
// spare value behind them.
type problem struct {
	tA, tB      blas.Transpose
	m, n, k     int
	alpha, beta float32
}

func (p problem) String() string {
	return fmt.Sprintf("%c%c %d×%d×%d α %v β %v", p.tA, p.tB, p.m, p.k, p.n, p.alpha, p.beta)
}

// strides returns how far rows of a matrix are apart, and rows and columns of op of it.
func strides(t blas.Transpose, rows, cols int) (ld, row, col, n int) {
	if t != blas.NoTrans {
		return rows + 1, 1, rows + 1, cols * (rows + 1)
	}
	return cols + 1, cols + 1, 1, rows * (cols + 1)
}

// run computes the problem on random numbers and returns C and how it was before.
func (p problem) run(threads int) (a, b, before, c []float32) {
	rng := rand.New(rand.NewPCG(uint64(p.m*p.n), uint64(p.k)))
	lda, _, _, na := strides(p.tA, p.m, p.k)
	ldb, _, _, nb := strides(p.tB, p.k, p.n)
	a, b, before = random(rng, na), random(rng, nb), random(rng, p.m*(p.n+1))
	if p.beta == 0 {
		before[0] = float32(math.NaN()) // must be overwritten, not multiplied
	}
	c = slices.Clone(before)
	Implementation{Threads: threads}.Sgemm(p.tA, p.tB, p.m, p.n, p.k, p.alpha, a, lda, b, ldb, p.beta, c, p.n+1)
	return a, b, before, c
}

// check compares the result with sums in float64.
func (p problem) check(t *testing.T) {
	t.Helper()
	a, b, before, c := p.run(1)
	_, arow, acol, _ := strides(p.tA, p.m, p.k)
	_, brow, bcol, _ := strides(p.tB, p.k, p.n)
	for i, got := range c {
		row, col := i/(p.n+1), i%(p.n+1)
		if col == p.n {
			if got != before[i] {
				t.Fatalf("%v: C[%d] written, it lies between rows", p, i)
			}
			continue
		}
		want, size := 0.0, 0.0
		if p.beta != 0 {
			want = float64(p.beta) * float64(before[i])
			size = math.Abs(want)
		}
		for l := range p.k {
			v := float64(p.alpha) * float64(a[row*arow+l*acol]) * float64(b[l*brow+col*bcol])
			want += v
			size += math.Abs(v)
		}
		// k+3 roundings: of alpha*b, beta*c and each sum (twice in the twin).
		if tolerance := 2 * float64(p.k+3) * 0x1p-24 * size; !(math.Abs(float64(got)-want) <= tolerance) {
			t.Fatalf("%v: C[%d] = %v, want %v ± %.2g", p, i, got, want, tolerance)
		}
	}
}

func TestSgemm(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {5, 7, 3}, {7, 17, 30}, {64, 33, 65}, {13, width + 5, 20}, {30, 20, 2*depth + 3}, {rows + 1, 9, 4}} {
		for _, tA := range transposes {
			for _, tB := range transposes {
				for _, f := range [][2]float32{{1, 0}, {1, 1}, {0.5, -2}, {0, 3}} {
					problem{tA, tB, s[0], s[1], s[2], f[0], f[1]}.check(t)
				}
			}
		}
	}
}

func FuzzSgemm(f *testing.F) {
	f.Add(uint16(3), uint16(40), uint16(9), uint8(2), float32(1), float32(0))
	f.Add(uint16(rows+20), uint16(70), uint16(3), uint8(1), float32(-1), float32(0.5))
	f.Add(uint16(25), uint16(width+1), uint16(depth+1), uint8(3), float32(2), float32(1))
	f.Fuzz(func(t *testing.T, m, n, k uint16, trans uint8, alpha, beta float32) {
		p := problem{transposes[trans&1], transposes[trans>>1&1], 1 + int(m)%600, 1 + int(n)%300, 1 + int(k)%600, alpha, beta}
		if a, b := math.Abs(float64(alpha)), math.Abs(float64(beta)); p.m*p.n*p.k > 1e6 || a != 0 && !(a > 1e-9 && a < 1e9) || b != 0 && !(b > 1e-9 && b < 1e9) {
			t.Skip() // long; or results that float32 does not have
		}
		for _, name := range simd.Tiers() {
			restore := simd.Use(name)
			p.check(t)
			restore()
		}
	})
}

// TestThreads wants the same bits for any number of threads, on products that
// are cut by columns, by rows and both ways.
func TestThreads(t *testing.T) {
	for _, s := range [][3]int{{60, 900, 300}, {900, 60, 300}, {300, 150, 400}} {
		for _, op := range transposes {
			p := problem{op, op, s[0], s[1], s[2], 1, 0}
			_, _, _, want := p.run(1)
			for _, threads := range []int{2, 3, 7} {
				_, _, _, got := p.run(threads)
				for i := range got {
					if got[i] != want[i] {
						t.Fatalf("%v: C[%d] = %v with %d threads, %v with one", p, i, got[i], threads, want[i])
					}
				}
			}
		}
	}
}

// TestWrongArguments wants the panics that gonum's own Sgemm has.
func TestWrongArguments(t *testing.T) {
	x := make([]float32, 12)
	says := func(f blas.Float32, tA blas.Transpose, m, n, k, lda, ldb, ldc, short int) (what any) {
		defer func() { what = recover() }()
		f.Sgemm(tA, blas.NoTrans, m, n, k, 1, x, lda, x[short:], ldb, 0, x, ldc)
		return nil
	}
	for _, c := range [][]int{
		{'N', 3, 4, 3, 3, 4, 4, 0}, {'X', 3, 4, 3, 3, 4, 4, 0}, {'N', -1, 4, 3, 3, 4, 4, 0}, {'N', 3, 4, 3, 2, 4, 4, 0},
		{'N', 3, 4, 3, 3, 3, 4, 0}, {'N', 3, 4, 3, 3, 4, 3, 0}, {'N', 3, 4, 3, 3, 4, 4, 1}, {'N', 4, 4, 3, 3, 4, 4, 0}, {'N', 0, 4, 3, 3, 4, 4, 0},
	} {
		args := func(f blas.Float32) any {
			return says(f, blas.Transpose(c[0]), c[1], c[2], c[3], c[4], c[5], c[6], c[7])
		}
		if got, want := args(Implementation{}), args(gonum.Implementation{}); got != want {
			t.Errorf("%v: panic %v, want %v", c, got, want)
		}
	}
}

func ExampleImplementation() {
	gonumblas32.Use(Implementation{})
	defer gonumblas32.Use(gonum.Implementation{})
	a := gonumblas32.General{Rows: 2, Cols: 2, Stride: 2, Data: []float32{1, 2, 3, 4}}
	c := gonumblas32.General{Rows: 2, Cols: 2, Stride: 2, Data: make([]float32, 4)}
	gonumblas32.Gemm(blas.NoTrans, blas.Trans, 1, a, a, 0, c)
	fmt.Println(c.Data)
	// Output: [5 11 11 25]
}

// BenchmarkSgemm is A·B for A m×k and B k×n, at sizes of real layers.
func BenchmarkSgemm(b *testing.B) {
	for _, s := range []struct{ m, k, n int }{{512, 512, 512}, {128, 784, 512}, {32, 288, 1024}, {16, 150, 100}} {
		rng := rand.New(rand.NewPCG(1, 1))
		x, y, z := random(rng, s.m*s.k), random(rng, s.k*s.n), random(rng, s.m*s.n)
		for _, f := range []struct {
			name string
			blas.Float32
		}{{"threads=1", Implementation{}}, {"threads=2", Implementation{Threads: 2}}, {"gonum", gonum.Implementation{}}} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", s.m, s.k, s.n, f.name), func(b *testing.B) {
				for b.Loop() {
					f.Sgemm(blas.NoTrans, blas.NoTrans, s.m, s.n, s.k, 1, x, s.k, y, s.n, 0, z, s.n)
				}
				b.ReportMetric(2*float64(s.m*s.k*s.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
