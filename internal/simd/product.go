package simd

import "fmt"

// Panel is the number of columns that lie together in the panel layout, on
// every tier. A matrix of K rows and N columns in panels is
// [ceil(N/Panel)][K][Panel]: element (k, j) at ((j/Panel)*K+k)*Panel + j%Panel.
const Panel = 16

// Product is a batch-reduce matrix product with fixed strides, all in floats.
// For every image m < Images, outer row y < Y, row i < M and column j < N, where
// j = p*Panel + l with l < Panel,
//
//	C[m*CImage + y*CY + i*CRow + p*CPanel + l] = init + Σ_{g<Groups} Σ_{b<Batch} Σ_{k<K}
//	    A[m*AImage + y*AY + g*AGroup + b*ABatch + i*ARow + k*ACol] ·
//	    B[g*BGroup + b*BBatch + p*BPanel + k*BRow + l]
//
// summed from init on in the order of g, then b, then k. The vector tiers use
// one fused multiply-add each, so their bits do not depend on the tier or on
// how rows and sums are cut in tiles and blocks; the twin multiplies and then adds.
//
// With strides alone this is a dense layer in all three directions, a
// convolution of NHWC images and its gradients: the convolution's A is the
// matrix of overlapping rows that already lies in memory, Batch runs over the
// kernel's rows; in the gradient by weights Batch runs over the rows of an
// image and Groups over the images. It is the batch-reduce GEMM of arXiv
// 1906.06440. Strides are not negative; a row-major B or C has BPanel or CPanel
// equal to Panel.
//
// Columns from N on are neither read nor written. C overlaps neither A nor B.
//
// What is fast: B in panels (BRow = Panel) with A along k (ACol = 1), which is
// read where it lies; everything else is cut in blocks, for which a row-major
// B is copied to panels. One long Product is better than many short ones.
type Product struct {
	Images, Y, M, N, K, Batch, Groups int // 0 means 1 for Images, Y, Batch and Groups

	AImage, AY, AGroup, ABatch, ARow, ACol int
	BGroup, BBatch, BPanel, BRow           int
	CImage, CY, CRow, CPanel               int
}

// Set computes C = A·B.
func (p *Product) Set(c, a, b []float32) { p.run(c, a, b, nil, false) }

// Add computes C += A·B.
func (p *Product) Add(c, a, b []float32) { p.run(c, a, b, nil, true) }

// Bias computes C = bias + A·B, with the value bias[j] in all of column j.
// bias has at least N values.
func (p *Product) Bias(c, a, b, bias []float32) {
	if len(bias) < p.N {
		panic(fmt.Sprintf("simd: Product: %d biases for %d columns", len(bias), p.N))
	}
	p.run(c, a, b, bias[:p.N], false)
}

// FLOPs returns the number of multiplications and additions.
func (p *Product) FLOPs() int {
	return 2 * max(p.Images, 1) * max(p.Y, 1) * p.M * p.N * p.K * max(p.Batch, 1) * max(p.Groups, 1)
}

func (p *Product) run(c, a, b, bias []float32, add bool) {
	q := *p
	q.Images, q.Y, q.Batch, q.Groups = max(q.Images, 1), max(q.Y, 1), max(q.Batch, 1), max(q.Groups, 1)
	if q.M == 0 || q.N == 0 {
		return
	}
	q.check(c, a, b)
	active.product(q, c, a, b, bias, add)
}

// check panics unless every index that the product uses lies in its slice. The
// kernels rely on it.
func (p *Product) check(c, a, b []float32) {
	if min(p.Images, p.Y, p.M, p.N, p.K, p.Batch, p.Groups, p.AImage, p.AY, p.AGroup, p.ABatch, p.ARow, p.ACol, p.BGroup, p.BBatch, p.BPanel, p.BRow, p.CImage, p.CY, p.CRow, p.CPanel) < 0 {
		panic(fmt.Sprintf("simd: Product: a negative size or stride: %+v", *p))
	}
	na, nb, nc := p.lens()
	if len(a) < na || len(b) < nb || len(c) < nc {
		panic(fmt.Sprintf("simd: Product: A, B, C have %d, %d, %d values, want %d, %d, %d: %+v", len(a), len(b), len(c), na, nb, nc, *p))
	}
}

// lens returns how long A, B and C must be, which is 1 more than the largest
// index used.
func (p *Product) lens() (a, b, c int) {
	m, y, batch, group := max(p.Images, 1)-1, max(p.Y, 1)-1, max(p.Batch, 1)-1, max(p.Groups, 1)-1
	c = m*p.CImage + y*p.CY + (p.M-1)*p.CRow + p.columns(p.CPanel)
	if p.K == 0 {
		return 0, 0, c
	}
	a = m*p.AImage + y*p.AY + group*p.AGroup + batch*p.ABatch + (p.M-1)*p.ARow + (p.K-1)*p.ACol + 1
	b = group*p.BGroup + batch*p.BBatch + (p.K-1)*p.BRow + p.columns(p.BPanel)
	return a, b, c
}

// columns returns the length of one row in panels that are stride apart: it
// ends with the last column or, where panels overlap, with the panel before.
func (p *Product) columns(stride int) int {
	last := (p.N - 1) / Panel
	n := last*stride + p.N - last*Panel
	if last > 0 {
		n = max(n, (last-1)*stride+Panel)
	}
	return n
}
