package digits

import (
	"image"
	"math/bits"
)

// pen is what a digit is written with, lengths in 1/unit of a pixel.
type pen struct {
	half   int64 // half the width
	soft   int64 // width of the edge, over which the ink fades; half of it lies outside
	bright int64 // of full ink, to 255
}

func newPen(d dice) pen {
	return pen{
		half:   max(unit*75/100, d.around(unit*126/100, unit*30/100)), // thinner, and no pixel is full
		soft:   d.between(unit*110/100, unit*170/100),
		bright: d.between(225, 255),
	}
}

// ink draws the paths with a round pen. The soft edge is also what takes the
// jags off the pixels.
func (p pen) ink(d dice, paths [][]point) *image.Gray {
	var depth [Size * Size]int64 // how far inside the edge a pixel is
	for _, path := range paths {
		press := pressure(d, len(path))
		for i := 1; i < len(path); i++ {
			half := p.half * (press[i-1] + press[i]) / (2 * unit)
			dab(&depth, path[i-1], path[i], half+p.soft/2)
		}
	}
	img := image.NewGray(image.Rect(0, 0, Size, Size))
	for i, in := range depth {
		if in > 0 {
			in = min(in, p.soft) * unit / p.soft                        // to unit, where the ink is full
			v := in * in / unit * (3*unit - 2*in) / unit                // smoothstep
			v = v * p.bright / unit * d.around(unit, unit*4/100) / unit // paper is not even
			img.Pix[i] = uint8(min(v, 255))
		}
	}
	return img
}

// pressure returns the pen's width at n places of a stroke, in 1/unit: it
// wanders slowly, and at the end the pen is often lifted before it stops.
func pressure(d dice, n int) []int64 {
	from, mid, to := d.around(unit, unit/10), d.around(unit, unit/10), d.around(unit, unit/10)
	lift := d.between(0, unit*45/100)
	p := make([]int64, n)
	for i := range p {
		t := int64(i) * unit / int64(max(1, n-1))
		if 2*t < unit {
			p[i] = from + (mid-from)*2*t/unit
		} else {
			p[i] = mid + (to-mid)*(2*t-unit)/unit
		}
		if tail := t - unit*85/100; tail > 0 {
			p[i] -= lift * tail / (unit * 15 / 100)
		}
	}
	return p
}

// dab deepens the pixels within reach of the straight piece from a to b.
func dab(depth *[Size * Size]int64, a, b point, reach int64) {
	first := func(v int64) int64 { return max(0, (v-reach)/unit) }
	last := func(v int64) int64 { return min(Size-1, (v+reach)/unit) }
	dx, dy := b.x-a.x, b.y-a.y
	length2 := max(1, dx*dx+dy*dy)
	for py := first(min(a.y, b.y)); py <= last(max(a.y, b.y)); py++ {
		for px := first(min(a.x, b.x)); px <= last(max(a.x, b.x)); px++ {
			x, y := px*unit+unit/2, py*unit+unit/2 // the middle of the pixel
			t := max(0, min((x-a.x)*dx+(y-a.y)*dy, length2))
			ex, ey := x-a.x-dx*t/length2, y-a.y-dy*t/length2
			if away2 := ex*ex + ey*ey; away2 < reach*reach {
				at := &depth[py*Size+px]
				*at = max(*at, reach-sqrt(away2))
			}
		}
	}
}

// sqrt returns the whole part of the square root of n, which is not negative.
func sqrt(n int64) int64 {
	if n == 0 {
		return 0
	}
	// Newton from above: falls until it is there.
	for r := int64(1) << ((bits.Len64(uint64(n)) + 1) / 2); ; {
		next := (r + n/r) / 2
		if next >= r {
			return r
		}
		r = next
	}
}
