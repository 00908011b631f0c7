package blas32

import (
	"fmt"
	"math"
	"math/rand/v2"
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

func TestSgemm(t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {5, 7, 3}, {7, 17, 30}, {64, 33, 65}, {13, width + 5, 20}, {30, 20, 2*depth + 3}} {
		m, n, k := s[0], s[1], s[2]
		for _, tA := range transposes {
			for _, tB := range transposes {
				for _, f := range [][2]float32{{1, 0}, {1, 1}, {0.5, -2}, {0, 3}} {
					alpha, beta := f[0], f[1]
					rng := rand.New(rand.NewPCG(uint64(m*n), uint64(k)))
					// One spare column, so that rows do not touch.
					lda, arows, ldb, brows, ldc := k+1, m, n+1, k, n+1
					if tA == blas.Trans {
						lda, arows = m+1, k
					}
					if tB == blas.Trans {
						ldb, brows = k+1, n
					}
					a, b, c := random(rng, arows*lda), random(rng, brows*ldb), random(rng, m*ldc)
					if beta == 0 {
						c[0] = float32(math.NaN()) // must be overwritten, not multiplied
					}
					before := append([]float32(nil), c...)
					threaded := append([]float32(nil), c...)
					Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
					Implementation{Threads: 3}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, threaded, ldc)
					for i := range c {
						if c[i] != threaded[i] {
							t.Fatalf("%v: C[%d] = %v, with three threads %v", s, i, c[i], threaded[i])
						}
						row, col := i/ldc, i%ldc
						if col == n {
							if c[i] != before[i] {
								t.Fatalf("%v: C[%d] written, it lies between rows", s, i)
							}
							continue
						}
						want, size := 0.0, 0.0
						if beta != 0 {
							want = float64(beta) * float64(before[i])
							size = math.Abs(want)
						}
						for l := range k {
							ia, ib := row*lda+l, l*ldb+col
							if tA == blas.Trans {
								ia = l*lda + row
							}
							if tB == blas.Trans {
								ib = col*ldb + l
							}
							v := float64(alpha) * float64(a[ia]) * float64(b[ib])
							want += v
							size += math.Abs(v)
						}
						// k+3 roundings: of alpha*b, beta*c and each sum (twice in the twin).
						if tolerance := 2 * float64(k+3) * 0x1p-24 * size; !(math.Abs(float64(c[i])-want) <= tolerance) {
							t.Fatalf("%v %c%c α %v β %v: C[%d] = %v, want %v ± %.2g", s, tA, tB, alpha, beta, i, c[i], want, tolerance)
						}
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
