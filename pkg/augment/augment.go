// Package augment deforms training pictures at random, so that a network sees
// every example differently in every epoch: shift, rotation, scale, shear,
// elastic field, crop, flip, colour, blur, noise, JPEG, erasing.
//
// A deformation is a function of (seed, epoch, index of the example) and of
// nothing else: any order of work on any number of cores gives the same bytes.
// What moves pixels is one map from the pixels written to places in the picture
// read, sampled once: deforming in several passes would blur in each of them.
// The map is worked out in float64 and then followed in integers, so two
// machines could differ only where a sine lies within rounding of a step of
// 2^-24 pixels.
package augment

import (
	"fmt"

	"squint/internal/rng"
	"squint/pkg/tensor"
)

// Augmenter deforms examples of one shape by one Policy. It owns scratch
// memory: make one for each goroutine.
type Augmenter struct {
	policy   Policy
	from, to tensor.Shape
	pic      picture
	field    *field  // nil without an elastic field
	u, v     []int64 // [to.W], the places read for one row
	line     []uint8 // a row or a column and one value at each end
}

// New returns an Augmenter for examples of shape s, of one or three channels;
// the zero policy takes any shape, vectors too.
func New(p Policy, s tensor.Shape) (*Augmenter, error) { return NewSized(p, s, s) }

// NewSized returns an Augmenter which reads examples of one size and writes
// another: a crop of a stored picture keeps the detail that its reduced copy
// has lost. Pixels in the policy are pixels written. The zero policy resizes.
func NewSized(p Policy, from, to tensor.Shape) (*Augmenter, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	for _, s := range []tensor.Shape{from, to} {
		if p.IsZero() && from == to {
			break // nothing but a copy
		}
		if s.H < 1 || s.W < 1 || s.H > maxSide || s.W > maxSide || (s.C != 1 && s.C != 3) {
			return nil, fmt.Errorf("augment: examples of %v, want sides of 1 to %d and 1 or 3 channels", s, maxSide)
		}
	}
	if from.C != to.C {
		return nil, fmt.Errorf("augment: examples of %v from %v, want as many channels", to, from)
	}
	a := &Augmenter{policy: p, from: from, to: to, pic: newPicture(from, p.Border), u: make([]int64, to.W), v: make([]int64, to.W), line: make([]uint8, max(to.W, to.H)+2)}
	if p.elastic() {
		a.field = newField(to.H, to.W, float64(p.ElasticSigma))
	}
	return a, nil
}

// maxSide keeps places in a picture, in steps of 2^-24 pixels, far from the end
// of an int64 under any deformation that Validate lets pass.
const maxSide = 1 << 14

// Apply writes the deformation of src that belongs to (seed, epoch, index) to
// dst; both are H*W*C bytes, channels innermost, and may not overlap. Strength
// from 0 to 1 scales every amount, for runs that end on pictures nearly as they
// are; whether an example is flipped has no amount and does not depend on it.
func (a *Augmenter) Apply(dst, src []uint8, seed, epoch, index uint64, strength float32) {
	if len(dst) != a.to.Size() || len(src) != a.from.Size() {
		panic(fmt.Sprintf("augment: %d bytes from %d, want %d (%v) from %d (%v)", len(dst), len(src), a.to.Size(), a.to, a.from.Size(), a.from))
	}
	d := a.policy.draw(seed, epoch, index, strength)
	a.render(dst, src, &d)
}

// render carries a deformation out.
func (a *Augmenter) render(dst, src []uint8, d *deform) {
	if a.from == a.to && d.still() {
		copy(dst, src)
	} else {
		a.resample(dst, src, d)
	}
	if d.brightness != 1 || d.contrast != 1 || d.saturation != 1 {
		colour(dst, a.to.C, d)
	}
	a.degrade(dst, d)
	if d.erase > 0 {
		erase(dst, a.to, d)
	}
}

// key of the draws of one example in one epoch.
func key(seed, epoch, index uint64) uint64 { return rng.Key(rng.Augment, seed, epoch, index) }
