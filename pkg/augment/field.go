package augment

import (
	"math"

	"squint/internal/rng"
)

// field is a smooth random displacement of every pixel along both axes.
//
// Simard, Steinkraus and Platt (ICDAR 2003) draw two numbers from -1..1 for
// each pixel, smooth both pictures of numbers with a Gaussian of standard
// deviation sigma and multiply by alpha. Here the numbers are drawn for the
// points of a coarse grid, √3·sigma apart, and interpolated by cubic B-splines:
// such a spline is a bump of standard deviation 1/√3 grid steps that is all but
// a Gaussian (a sum of four uniform numbers is distributed like it), so that
// the fields are alike, and a picture of 28×28 at sigma 5 costs 8 multiplications
// a pixel instead of 120. The grid stands still. What variance it has more in
// its points than between them (± 4 % in the displacement) is the price.
//
// Everything drawn is an integer; so displacements agree on every machine.
type field struct {
	w      int // of the picture
	x, y   axis
	norm   float64 // displacement of 1 along each axis, root mean square, in bounds of the points' draws
	points []int64 // [2][x.n], one row of the grid
	rows   []int64 // [2][y.n][W], the grid's rows, interpolated along x: u then v
}

// splineBits is the precision of the splines' weights: below a step of the
// places for displacements up to 1/16 pixel between neighbours, and exact in
// sum.
const splineBits = 14

// axis is the grid along one axis.
type axis struct {
	n     int        // points
	first []int      // [side], the first of the four points that reach a pixel
	w     [][4]int64 // [side], their weights; their sum is 1<<splineBits
}

// newAxis spreads a grid over side pixels, one point in the middle.
func newAxis(side int, sigma float64) axis {
	a := axis{first: make([]int, side), w: make([][4]int64, side)}
	step := math.Sqrt(3) * sigma
	for i := range side {
		at := (float64(i) - float64(side-1)/2) / step
		k := math.Floor(at)
		f := at - k
		g := 1 - f
		a.first[i] = int(k) - 1
		w := &a.w[i]
		w[0] = int64(math.Round(g * g * g / 6 * (1 << splineBits)))
		w[2] = int64(math.Round((1 + float64(3*f) + float64(3*f*f) - float64(3*f*f*f)) / 6 * (1 << splineBits)))
		w[3] = int64(math.Round(f * f * f / 6 * (1 << splineBits)))
		w[1] = 1<<splineBits - w[0] - w[2] - w[3]
	}
	start := a.first[0]
	for i := range a.first {
		a.first[i] -= start
	}
	a.n = a.first[side-1] + 4
	return a
}

// power returns the mean over the pixels of the sum of the squared weights:
// what interpolation leaves of the variance of the grid's points.
func (a *axis) power() float64 {
	var sum float64
	for _, w := range a.w {
		for _, v := range w {
			f := float64(v) / (1 << splineBits)
			sum += float64(f * f)
		}
	}
	return sum / float64(len(a.w))
}

func newField(h, w int, sigma float64) *field {
	f := &field{w: w, x: newAxis(w, sigma), y: newAxis(h, sigma)}
	// A number uniform in -b..b has variance b²/3.
	f.norm = math.Sqrt(3 / (f.x.power() * f.y.power()))
	f.points = make([]int64, 2*f.x.n)
	f.rows = make([]int64, 2*f.y.n*w)
	return f
}

// draw makes the field of a key, of root mean square u and v pixels along the
// two axes.
func (f *field) draw(key uint64, u, v float64) {
	bu, bv := fixed(u*f.norm), fixed(v*f.norm)
	w, n := f.w, f.x.n
	pu, pv := f.points[:n], f.points[n:]
	at := drawField
	for r := range f.y.n {
		for i := range n {
			bits := rng.At(key, at) // 24 for each of u and v, so that products fit
			at++
			pu[i] = int64(int32(bits)>>8) * bu >> 23
			pv[i] = int64(int32(bits>>32)>>8) * bv >> 23
		}
		f.along(f.rows[r*w:][:w], pu)
		f.along(f.rows[(f.y.n+r)*w:][:w], pv)
	}
}

// along interpolates one row of the grid's points at every pixel.
func (f *field) along(dst, points []int64) {
	first, weights := f.x.first, f.x.w
	for x := range dst {
		p, w := points[first[x]:][:4], &weights[x]
		dst[x] = (p[0]*w[0] + p[1]*w[1] + p[2]*w[2] + p[3]*w[3]) >> splineBits
	}
}

// add adds the displacements of the pixels of row y to their places.
func (f *field) add(u, v []int64, y int) {
	f.down(u, f.rows, y)
	f.down(v, f.rows[f.y.n*f.w:], y)
}

// down adds the grid's rows, interpolated at the pixels of row y, to dst.
func (f *field) down(dst, rows []int64, y int) {
	n := len(dst)
	rows = rows[f.y.first[y]*n:]
	a, b, c, d := rows[:n], rows[n:][:n], rows[2*n:][:n], rows[3*n:][:n]
	w := &f.y.w[y]
	wa, wb, wc, wd := w[0], w[1], w[2], w[3]
	for x := range dst {
		dst[x] += (a[x]*wa + b[x]*wb + c[x]*wc + d[x]*wd) >> splineBits
	}
}
