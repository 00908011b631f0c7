package augment

import "math"

// Places in the picture are integers in steps of 2^-24 pixels.
const (
	frac = 24
	one  = 1 << frac
)

// Weights between neighbours have 6 bits: 12 for the product, see lane.
// A 64th of a pixel moves the steepest edge, black to white, by 4 of 255.
const weight = 6

// round is half a step of the weights, added to every place because its lower
// bits are cut off.
const round = one >> (weight + 1)

// shrinkMax is how many pixels read to a pixel written the four neighbours
// still represent; beyond, the picture is halved first, by exact means of
// pairs, each axis on its own. At 1.5 a pixel may go unread only in part, and
// a picture halved here is magnified by no more than 4/3 afterwards.
const shrinkMax = 1.5

// resample writes dst by reading src through the deformation's map.
func (a *Augmenter) resample(dst []uint8, src []uint8, d *deform) {
	pic := &a.pic
	pic.load(src, a.from.H, a.from.W)
	m := d.where(a.from, a.to)
	// Displacements are in pixels written; these turn them into pixels read.
	eu, ev := float64(a.from.W)/float64(a.to.W), float64(a.from.H)/float64(a.to.H)
	for pic.w > 1 && shrinks(m.ux, m.uy) {
		pic.halveX()
		m.ux, m.uy, m.u0 = halved(m.ux, m.uy, m.u0)
		eu /= 2
	}
	for pic.h > 1 && shrinks(m.vx, m.vy) {
		pic.halveY()
		m.vx, m.vy, m.v0 = halved(m.vx, m.vy, m.v0)
		ev /= 2
	}
	pic.ring()

	// From here on places count from the ring's first pixel.
	ux, uy, u0 := fixed(m.ux), fixed(m.uy), fixed(m.u0)+one+round
	vx, vy, v0 := fixed(m.vx), fixed(m.vy), fixed(m.v0)+one+round
	if d.elastic != 0 {
		a.field.draw(d.key, d.elastic*eu, d.elastic*ev)
	}
	n := a.to.W * a.to.C
	for y := range a.to.H {
		line(a.u, u0+int64(y)*uy, ux)
		line(a.v, v0+int64(y)*vy, vx)
		if d.elastic != 0 {
			a.field.add(a.u, a.v, y)
		}
		pic.inside(a.u, pic.w)
		pic.inside(a.v, pic.h)
		pic.sample(dst[y*n:(y+1)*n], a.u, a.v)
	}
}

// line fills dst with places that are equally far apart.
func line(dst []int64, at, step int64) {
	for i := range dst {
		dst[i] = at
		at += step
	}
}

// fixed returns a place in steps.
func fixed(f float64) int64 { return int64(math.Round(f * one)) }

// shrinks tells whether steps of (x, y) pass over too many pixels.
func shrinks(x, y float64) bool { return float64(x*x)+float64(y*y) >= shrinkMax*shrinkMax }
