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
	border Border
	c      int
	w, h   int      // what is left of the sides after halving
	stride int      // of px; that of the picture as it came
	px     []uint64 // [h+3][stride]
}

func newPicture(s tensor.Shape, b Border) picture {
	return picture{border: b, c: s.C, stride: s.W + 3, px: make([]uint64, (s.H+3)*(s.W+3))}
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
			if p.zero() {
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
		} else if p.zero() {
			for x, v := range a {
				to[x] = v >> 1 & values
			}
		} else {
			copy(to, a)
		}
	}
	p.h = h
}

func (p *picture) zero() bool { return p.border == "" || p.border == BorderZero }

// ring fills the ring. A mirror begins by repeating the edge, so that within
// the ring it does not differ from an edge.
func (p *picture) ring() {
	n := p.w + 3
	for y := range p.h {
		o := (y + 1) * p.stride
		row := p.px[o : o+n]
		if p.zero() {
			row[0], row[n-2], row[n-1] = 0, 0, 0
		} else {
			row[0], row[n-2], row[n-1] = row[1], row[n-3], row[n-3]
		}
	}
	for _, r := range [3][2]int{{0, 1}, {p.h + 1, p.h}, {p.h + 2, p.h}} { // a row of the ring, the row it repeats
		row := p.px[r[0]*p.stride:][:n]
		if p.zero() {
			clear(row)
		} else {
			copy(row, p.px[r[1]*p.stride:][:n])
		}
	}
}

// sample writes one row of pixels: for each x, the mean of the four neighbours
// of (u + x·ux + du[x], v + x·vx + dv[x]), weighted by how near they are
// (bilinear interpolation).
func (p *picture) sample(dst []uint8, u, v, ux, vx int64, du, dv []int64) {
	px, stride, c := p.px, p.stride, p.c
	limU, limV := int64(p.w)*one, int64(p.h)*one
	for x := range du {
		s, t := u+du[x], v+dv[x]
		u, v = u+ux, v+vx
		if uint64(s+one) > uint64(limU+one) || uint64(t+one) > uint64(limV+one) {
			s, t = p.inside(s, limU), p.inside(t, limV)
		}
		i := int(t>>frac+1)*stride + int(s>>frac+1)
		near := px[i : i+stride+2]
		fx, fy := uint64(s)>>(frac-weight)%(1<<weight), uint64(t)>>(frac-weight)%(1<<weight)
		fxy := fx * fy
		fx, fy = fx<<weight, fy<<weight
		sum := near[0]*(1<<(2*weight)-fx-fy+fxy) + near[1]*(fx-fxy) +
			near[stride]*(fy-fxy) + near[stride+1]*fxy + lanes<<(2*weight-1)
		if c == 1 {
			dst[x] = uint8(sum >> (2 * weight))
		} else {
			rgb := dst[3*x : 3*x+3]
			rgb[0] = uint8(sum >> (2 * weight))
			rgb[1] = uint8(sum >> (2*weight + lane))
			rgb[2] = uint8(sum >> (2*weight + 2*lane))
		}
	}
}

// inside brings a place outside the picture, of side lim, to where its value is
// to be found: into -1..side, the reach of the ring.
func (p *picture) inside(s, lim int64) int64 {
	if p.border != BorderMirror {
		return min(max(s, -one), lim)
	}
	// The pattern repeats after two sides, beginning half a pixel before 0.
	s = (s - round + one/2) % (2 * lim)
	if s < 0 {
		s += 2 * lim
	}
	return min(s, 2*lim-s) - one/2 + round
}
