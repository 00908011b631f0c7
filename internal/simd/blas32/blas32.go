// Package blas32 lends the kernels to any program that uses gonum's BLAS:
//
//	gonumblas32.Use(blas32.Implementation{})
//
// makes gonum.org/v1/gonum/blas/blas32 multiply matrices with them.
package blas32

import (
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"squint/internal/simd"
)

// Implementation is a complete blas.Float32: Sgemm is our own, all the rest is
// gonum's. It may be used by many goroutines at once.
type Implementation struct {
	gonum.Implementation
	Threads int // goroutines that share a product, at most; 0 means 1
}

const (
	width = 128 // columns of a task, at most
	rows  = 512 // rows of a task, at most
	depth = 256 // rows of B that are prepared at a time where they must be
	least = 5e6 // floating-point operations that are worth a thread: 50 µs, about what waking one costs
)

// Sgemm computes C = alpha*op(A)*op(B) + beta*C, row-major, where op transposes
// or does nothing; op(A) is m×k, op(B) k×n, C m×n, and rows of the matrices in
// memory begin lda, ldb, ldc apart. The bits of C do not depend on Threads. Wrong
// arguments panic with gonum's messages.
func (i Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if alpha == 0 || !holds(a, lda, m, k, tA) || !holds(b, ldb, k, n, tB) || !holds(c, ldc, m, n, blas.NoTrans) {
		i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	g := gemm{tB != blas.NoTrans, k, lda, 1, ldb, ldc, alpha, beta, a, b, c}
	if tA != blas.NoTrans {
		g.arow, g.acol = 1, lda
	}
	// B's columns are copied by whoever takes them: rather cut these than A's rows.
	threads, cols := max(1, min(i.Threads, 2*m*n*k/least)), width
	if threads > 1 {
		cols = width / 2
	}
	// Each task prepares its columns of B for itself: rows are cut only where
	// columns alone make no four tasks a thread.
	across := pieces(n, cols)
	down := max(pieces(m, rows), min(4*(threads-1)/across, m/24))
	high := pieces(m, down)
	share(threads, across*pieces(m, high), func(task int) {
		y, x := task/across*high, task%across*cols
		g.tile(y, min(y+high, m), x, min(x+cols, n))
	})
}

// pieces returns in how many pieces of a size n is cut.
func pieces(n, size int) int { return (n + size - 1) / size }

// holds tells whether op(x), rows×cols, is not empty and lies within x.
func holds(x []float32, ld, rows, cols int, t blas.Transpose) bool {
	switch t {
	case blas.NoTrans:
	case blas.Trans, blas.ConjTrans:
		rows, cols = cols, rows
	default:
		return false
	}
	return rows > 0 && cols > 0 && ld >= cols && len(x) >= (rows-1)*ld+cols
}

// share calls do(0) … do(n-1) on so many goroutines, of which the caller is one. A
// goroutine that comes when all is taken is not waited for.
func share(threads, n int, do func(task int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	done.Add(n)
	work := func() {
		for {
			task := int(next.Add(1)) - 1
			if task >= n {
				return
			}
			do(task)
			done.Done()
		}
	}
	for range min(threads, n) - 1 {
		go work()
	}
	work()
	done.Wait()
}

// gemm is what Sgemm was called with: element (i, k) of op(A) lies at
// a[i*arow+k*acol], (k, j) of op(B) at b[k*ldb+j] or, transposed, at b[j*ldb+k].
type gemm struct {
	transposed  bool
	k           int
	arow, acol  int
	ldb, ldc    int
	alpha, beta float32
	a, b, c     []float32
}

var blocks = sync.Pool{New: func() any { return new([depth * width]float32) }}

// tile computes C from row r0 to r1 and column c0 to c1.
func (g *gemm) tile(r0, r1, c0, c1 int) {
	a, c := g.a[r0*g.arow:], g.c[r0*g.ldc+c0:]
	p := simd.Product{M: r1 - r0, N: c1 - c0, K: g.k, ARow: g.arow, ACol: g.acol, BPanel: simd.Panel, BRow: g.ldb, CRow: g.ldc, CPanel: simd.Panel}
	if g.beta != 0 && g.beta != 1 {
		for i := range p.M {
			simd.Scale(c[i*g.ldc:][:p.N], g.beta)
		}
	}
	if g.alpha == 1 && !g.transposed {
		add(&p, g.beta != 0, c, a, g.b[c0:])
		return
	}
	// Product wants alpha*op(B), row by row.
	block := blocks.Get().(*[depth * width]float32)
	defer blocks.Put(block)
	p.BRow = width
	for from := 0; from < g.k; from += depth {
		p.K = min(depth, g.k-from)
		if g.transposed {
			simd.Transpose(block[:], width, g.b[c0*g.ldb+from:], g.ldb, p.N, p.K)
		} else {
			for k := range p.K {
				copy(block[k*width:], g.b[(from+k)*g.ldb+c0:][:p.N])
			}
		}
		if g.alpha != 1 {
			simd.Scale(block[:p.K*width], g.alpha)
		}
		add(&p, g.beta != 0 || from > 0, c, a[from*g.acol:], block[:])
	}
}

func add(p *simd.Product, toC bool, c, a, b []float32) {
	if toC {
		p.Add(c, a, b)
	} else {
		p.Set(c, a, b)
	}
}
