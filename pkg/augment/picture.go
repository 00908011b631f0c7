package augment

import (
	"encoding/binary"

	"squint/pkg/tensor"
)

// A pixel is held in one word, its channels 21 bits apart, so that one
// multiplication weighs all of them: 8 bits of value and 12 of weight fit in a
// lane with one to spare.
const (
	lane   = 21
	lanes  = 1 | 1<<lane | 1<<(2*lane) // 1 in every lane
	values = 255 * lanes               // the low 8 bits of every lane
)

// picture is the picture being read, inside a ring of what Border says: one
// pixel before and two after in each direction, for the four neighbours of any
// place from -1 to the side.
type picture struct {
	zero   bool // Border: black outside
	mirror bool // or reflected; if neither, like the edge
	c      int
	w, h   int      // what is left of the sides after halving
	stride int      // of px; that of the picture as it came
	px     []uint64 // [h+3][stride]
}

func newPicture(s tensor.Shape, b Border) picture {
	return picture{zero: b == "" || b == BorderZero, mirror: b == BorderMirror, c: s.C, stride: s.W + 3, px: make([]uint64, (s.H+3)*(s.W+3))}
}

// load takes over the pixels of src, h rows of w.
func (p *picture) load(src []uint8, h, w int) {
	p.w, p.h = w, h
	for y := range h {
		row := p.row(y)
		if p.c == 1 {
			for x, v := range src[y*w : y*w+len(row)] {
				row[x] = uint64(v)
			}
			continue
		}
		// Four bytes at a time: the fourth is the next pixel's, of which the
		// last has none.
		from := src[y*w*3 : (y+1)*w*3]
		last := len(row) - 1
		for x := range last {
			rgb := uint64(binary.LittleEndian.Uint32(from[3*x:]))
			row[x] = rgb&0xff | rgb&0xff00<<(lane-8) | rgb&0xff0000<<(2*lane-16)
		}
		rgb := from[3*last:]
		row[last] = uint64(rgb[0]) | uint64(rgb[1])<<lane | uint64(rgb[2])<<(2*lane)
	}
}

// row returns the pixels of row y without the ring.
func (p *picture) row(y int) []uint64 {
	o := (y+1)*p.stride + 1
	return p.px[o : o+p.w : o+p.w]
}

// halveX replaces each two neighbours in a row by their mean; a last one
// without a neighbour is averaged with what Border puts there.
func (p *picture) halveX() {
	n := p.w
	for y := range p.h {
		row := p.row(y)
		for x := range n / 2 {
			row[x] = (row[2*x] + row[2*x+1] + lanes) >> 1 & values
		}
		if n%2 == 1 {
			last := row[n-1]
			if p.zero {
				last = last >> 1 & values
			}
			row[n/2] = last
		}
	}
	p.w = (n + 1) / 2
}

// halveY does the same down the columns. It rounds halves down where halveX
// rounds them up, so that the two together do not brighten the picture.
func (p *picture) halveY() {
	h := (p.h + 1) / 2
	for y := range h {
		to, a := p.row(y), p.row(2*y)
		if 2*y+1 < p.h {
			for x, b := range p.row(2*y + 1) {
				to[x] = (a[x] + b) >> 1 & values
			}
		} else if p.zero {
			for x, v := range a {
				to[x] = v >> 1 & values
			}
		} else {
			copy(to, a)
		}
	}
	p.h = h
}

// ring fills the ring. A mirror begins by repeating the edge, so that within
// the ring it does not differ from an edge.
func (p *picture) ring() {
	n := p.w + 3
	for y := range p.h {
		o := (y + 1) * p.stride
		row := p.px[o : o+n]
		if p.zero {
			row[0], row[n-2], row[n-1] = 0, 0, 0
		} else {
			row[0], row[n-2], row[n-1] = row[1], row[n-3], row[n-3]
		}
	}
	for _, r := range [3][2]int{{0, 1}, {p.h + 1, p.h}, {p.h + 2, p.h}} { // a row of the ring, the row it repeats
		row := p.px[r[0]*p.stride:][:n]
		if p.zero {
			clear(row)
		} else {
			copy(row, p.px[r[1]*p.stride:][:n])
		}
	}
}

// inside brings places along one axis, counted from the ring's first pixel,
// to where their values are to be found: within the ring.
func (p *picture) inside(places []int64, side int) {
	end := int64(side+1) * one
	for i, s := range places {
		if uint64(s) <= uint64(end) {
			continue
		}
		if !p.mirror {
			places[i] = min(max(s, 0), end)
			continue
		}
		// The pattern repeats after two sides, beginning half a pixel before the
		// picture's first.
		const start = one/2 + round
		period := 2 * int64(side) * one
		s = (s - start) % period
		if s < 0 {
			s += period
		}
		places[i] = min(s, period-s) + start
	}
}

// sample writes one row of pixels: for each place (u, v), counted from the
// ring's first pixel, the mean of the four neighbours, weighted by how near
// they are (bilinear interpolation).
func (p *picture) sample(dst []uint8, u, v []int64) {
	px, stride := p.px, p.stride
	v = v[:len(u)]
	if p.c == 1 {
		dst = dst[:len(u)]
		for x, s := range u {
			t := v[x]
			i := int(t>>frac)*stride + int(s>>frac)
			dst[x] = uint8(blend(px[i:][:2], px[i+stride:][:2], s, t) >> (2 * weight))
		}
		return
	}
	for x, s := range u {
		t := v[x]
		i := int(t>>frac)*stride + int(s>>frac)
		sum := blend(px[i:][:2], px[i+stride:][:2], s, t)
		rgb := dst[:3]
		rgb[0] = uint8(sum >> (2 * weight))
		rgb[1] = uint8(sum >> (2*weight + lane))
		rgb[2] = uint8(sum >> (2*weight + 2*lane))
		dst = dst[3:]
	}
}

// blend weighs two neighbours above and two below, rounded; the result is in
// steps of 2^-12. A difference may be negative in some lanes and borrow from the
// next; the sum pays it back.
func blend(above, below []uint64, u, v int64) uint64 {
	fx, fy := uint64(u)>>(frac-weight)%(1<<weight), uint64(v)>>(frac-weight)%(1<<weight)
	a := above[0]<<weight + (above[1]-above[0])*fx
	b := below[0]<<weight + (below[1]-below[0])*fx
	return a<<weight + (b-a)*fy + lanes<<(2*weight-1)
}
