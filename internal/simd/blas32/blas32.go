// Package blas32 lends the kernels to any program that uses gonum's BLAS:
//
//	gonumblas32.Use(blas32.Implementation{})
//
// makes gonum.org/v1/gonum/blas/blas32 multiply matrices with them.
package blas32

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"squint/internal/simd"
)

// Implementation is a complete blas.Float32: Sgemm is our own, all the rest is
// gonum's. It may be used by many goroutines at once.
type Implementation struct {
	gonum.Implementation
	Threads int // goroutines that share a product's rows; 0 means 1
}

// B is taken in blocks of depth rows and width columns: 512 KB.
const depth, width = 256, 512

var blocks = sync.Pool{New: func() any { return new([depth * width]float32) }}

// Sgemm computes C = alpha*op(A)*op(B) + beta*C, row-major, where op transposes
// or does nothing; op(A) is m×k, op(B) k×n, C m×n, and rows of the matrices in
// memory begin lda, ldb, ldc apart. The bits of C do not depend on Threads. Wrong
// arguments panic with gonum's messages.
func (i Implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if alpha == 0 || !holds(a, lda, m, k, tA) || !holds(b, ldb, k, n, tB) || !holds(c, ldc, m, n, blas.NoTrans) {
		i.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	if beta != 0 && beta != 1 {
		for row := range m {
			simd.Scale(c[row*ldc:row*ldc+n], beta)
		}
	}
	p := simd.Product{M: m, ARow: lda, ACol: 1, BRow: simd.Panel, CRow: ldc, CPanel: simd.Panel}
	if tA != blas.NoTrans {
		p.ARow, p.ACol = 1, lda
	}
	block := blocks.Get().(*[depth * width]float32)
	defer blocks.Put(block)
	for from := 0; from < k; from += depth {
		p.K = min(depth, k-from)
		p.BPanel = p.K * simd.Panel
		for col := 0; col < n; col += width {
			p.N = min(width, n-col)
			if tB == blas.NoTrans {
				pack(block[:], b[from*ldb+col:], ldb, p.K, p.N, alpha)
			} else {
				packTransposed(block[:], b[col*ldb+from:], ldb, p.K, p.N, alpha)
			}
			i.rows(p, c[col:], a[from*p.ACol:], block[:], beta != 0 || from > 0)
		}
	}
}

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

// pack writes alpha*B, element (k, j) at b[k*ld+j], to panels. Lanes behind the
// last column keep what they had: nobody reads them.
func pack(dst, b []float32, ld, depth, cols int, alpha float32) {
	for first := 0; first < cols; first += simd.Panel {
		lanes := min(simd.Panel, cols-first)
		for k := range depth {
			to := dst[first*depth+k*simd.Panel:][:lanes]
			for l, v := range b[k*ld+first:][:lanes] {
				to[l] = alpha * v
			}
		}
	}
}

// packTransposed does the same with element (k, j) at b[j*ld+k].
func packTransposed(dst, b []float32, ld, depth, cols int, alpha float32) {
	for j := range cols {
		to := dst[j/simd.Panel*depth*simd.Panel+j%simd.Panel:]
		for k, v := range b[j*ld:][:depth] {
			to[k*simd.Panel] = alpha * v
		}
	}
}

// rows computes the product with the rows of C shared out evenly.
func (i Implementation) rows(p simd.Product, c, a, b []float32, add bool) {
	do := func(p simd.Product, first int) {
		if add {
			p.Add(c[first*p.CRow:], a[first*p.ARow:], b)
		} else {
			p.Set(c[first*p.CRow:], a[first*p.ARow:], b)
		}
	}
	share := (p.M + max(i.Threads, 1) - 1) / max(i.Threads, 1)
	var wait sync.WaitGroup
	for first := share; first < p.M; first += share {
		part := p
		part.M = min(share, p.M-first)
		wait.Go(func() { do(part, first) })
	}
	p.M = min(share, p.M)
	do(p, 0)
	wait.Wait()
}
