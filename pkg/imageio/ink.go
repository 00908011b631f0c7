package imageio

import (
	"image"
	"math"
	"slices"
)

// A plane is one value a pixel, [h][w].
type plane struct {
	w, h int
	v    []uint8
}

func newPlane(w, h int) plane { return plane{w, h, make([]uint8, w*h)} }

// ink returns how much each pixel of the part from of src, at scale, differs
// from the ground around it, 0 to 255.
//
// It looks at red, green and blue apart, so that yellow ink on white, or red on a
// green board, which hardly differ in luma, count by the channel in which they
// differ most. Whether the ink of a channel is darker or lighter than its ground is
// told by comparison with a smooth surface laid through the ground (ground);
// the ground itself is then followed as it really is, with shadows and their edges,
// by closing: the lightest value around each pixel, and the darkest of those.
func ink(src rows, from image.Rectangle, scale float64) plane {
	side := func(n int) int { return max(int(math.Round(float64(n)*scale)), 1) }
	small := resize(src, from, side(from.Dx()), side(from.Dy()))
	out := newPlane(small.Rect.Dx(), small.Rect.Dy())
	ch := newPlane(out.w, out.h)
	for c := range 3 {
		for i := range ch.v {
			ch.v[i] = small.Pix[4*i+c]
		}
		if ch.lightInk() {
			for i, v := range ch.v {
				ch.v[i] = 255 - v
			}
		}
		// A stroke is narrower than a third of the digit; a shadow is wider.
		paper := ch.closed(max(ch.w, ch.h) * 35 / 100)
		for i, v := range ch.v {
			out.v[i] = max(out.v[i], paper.v[i]-v)
		}
	}
	return out
}

// lightInk tells whether what differs from the ground is lighter than it.
func (p plane) lightInk() bool {
	g := p.ground()
	var third float64
	for y := range p.h {
		for x := range p.w {
			d := float64(p.v[y*p.w+x]) - g.at(p.unit(x, y))
			third += d * d * d // what differs much decides: ink is rare, but not faint
		}
	}
	return third > 0
}

// unit maps a pixel to coordinates from -1 to 1.
func (p plane) unit(x, y int) (u, v float64) {
	return float64(2*x-p.w+1) / float64(p.w), float64(2*y-p.h+1) / float64(p.h)
}

// A surface is c0 + c1·u + c2·v + c3·u² + c4·uv + c5·v²: lamps and lenses
// shade paper like that.
type surface [6]float64

func (s surface) at(u, v float64) float64 {
	return s[0] + s[1]*u + s[2]*v + s[3]*u*u + s[4]*u*v + s[5]*v*v
}

// ground fits a surface through the ground: by least squares, first with the
// pixels near the border, then with those that are near the last surface (Tukey's
// biweight, as wide as the spread of all of them asks for).
func (p plane) ground() surface {
	var s surface
	step := max(max(p.w, p.h)/64, 1) // some 4000 pixels are enough
	width := 0.0
	for round := range 6 {
		var a [6][7]float64
		var away []float64
		for y := 0; y < p.h; y += step {
			for x := 0; x < p.w; x += step {
				u, v := p.unit(x, y)
				val := float64(p.v[y*p.w+x])
				w := 1.0
				if round == 0 {
					if max(math.Abs(u), math.Abs(v)) < 0.85 {
						continue
					}
				} else {
					d := math.Abs(val - s.at(u, v))
					away = append(away, d)
					if round > 1 {
						if w = 1 - d*d/(width*width); w <= 0 {
							continue
						}
						w *= w
					}
				}
				f := [7]float64{1, u, v, u * u, u * v, v * v, val}
				for i := range 6 {
					for j := i; j < 7; j++ {
						a[i][j] += w * f[i] * f[j]
					}
				}
			}
		}
		if round != 1 { // which only measures the spread
			s = solve(&a)
		}
		if round > 0 {
			slices.Sort(away)
			width = 5*away[len(away)/2] + 8
		}
	}
	return s
}

// solve solves the symmetric system whose upper triangle and right side are a,
// by Gauss's elimination; what the pixels leave open becomes 0.
func solve(a *[6][7]float64) (s surface) {
	for i := range 6 {
		a[i][i] += 1e-9 * (1 + a[i][i])
		for k := i + 1; k < 6; k++ {
			f := a[i][k] / a[i][i]
			for j := k; j < 7; j++ {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	for i := 5; i >= 0; i-- {
		sum := a[i][6]
		for j := i + 1; j < 6; j++ {
			sum -= a[i][j] * s[j]
		}
		s[i] = sum / a[i][i]
	}
	return s
}

// closed returns the closing of p by a square of size pixels: dark things
// narrower than it disappear, everything else stays.
func (p plane) closed(size int) plane {
	r := max(size/2, 1)
	q := p.extreme(r, func(a, b uint8) bool { return a >= b })
	return q.extreme(r, func(a, b uint8) bool { return a <= b })
}

// extreme returns, for each pixel, the value in the square of radius r around it
// that beats all others, first along rows and then along columns.
func (p plane) extreme(r int, beats func(a, b uint8) bool) plane {
	out := plane{p.w, p.h, slices.Clone(p.v)}
	queue := make([]int, 0, max(p.w, p.h)) // places of candidates, each beaten by those before it only
	line := make([]uint8, max(p.w, p.h))
	run := func(at, step, n int) {
		for i := range n {
			line[i] = out.v[at+i*step]
		}
		queue = queue[:0]
		next := 0
		for i := range n {
			for ; next < n && next <= i+r; next++ {
				for len(queue) > 0 && beats(line[next], line[queue[len(queue)-1]]) {
					queue = queue[:len(queue)-1]
				}
				queue = append(queue, next)
			}
			if queue[0] < i-r {
				queue = queue[:copy(queue, queue[1:])]
			}
			out.v[at+i*step] = line[queue[0]]
		}
	}
	for y := range p.h {
		run(y*p.w, 1, p.w)
	}
	for x := range p.w {
		run(x, p.w, p.h)
	}
	return out
}
