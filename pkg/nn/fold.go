package nn

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/tensor"
)

// A network in the inference form (Network.Inference) has the same layers and
// weights as any other, but some layers also do the work of those behind them:
// a batch norm becomes part of the weights before it, an activation is applied
// while the values are in cache. Kinds of layer that know nothing of this run as
// they are.

// Fuser is implemented by Specs whose layers can do the work of layers behind
// them.
type Fuser interface {
	// Fuse builds the layer for a place in the inference form and, after it, one
	// for each of the Specs next behind it whose work it does, as
	// Site.Absorbed makes them. Site.Pad is what the end of the chain wants; see
	// Site.Before.
	Fuse(at Site, next Specs) ([]Layer, error)
}

// Affine is implemented by Specs whose layers in answering do no more than
// y = scale[c]·x + shift[c] for each channel c (batch norm), so that a layer
// before them can make that part of its weights: see Fold.
type Affine interface {
	// Affine tells scale and shift as the weights of the layer l, which the
	// Spec has built, have them now.
	Affine(l Layer, scale, shift []float32)
}

// Before returns the site of a layer in front of the Specs next, whose border
// it must leave around its output.
func (at Site) Before(next Specs) Site {
	if len(next) > 0 {
		at.Pad, _ = next.Borders()
	}
	return at
}

// Absorbed builds the layer for a Spec whose work the layer before it does: with
// its weights, without buffers, and with a Forward that returns its input.
func (at Site) Absorbed(in tensor.Shape, s Spec) (Absorbed, error) {
	at.In, at.Batch, at.Pad, at.fused = in, 0, 0, false
	l, err := s.Build(at)
	if err != nil {
		return Absorbed{}, fmt.Errorf("%s behind it: %w", Kind(s), err)
	}
	return Absorbed{l}, nil
}

// Absorbed is a layer whose work the layer before it does.
type Absorbed struct{ Layer }

// Forward implements Layer.
func (Absorbed) Forward(x tensor.Batch, _ bool) tensor.Batch { return x }

// fuse builds the layer for a Spec and those that it does the work of.
func (at Site) fuse(s Spec, next Specs) ([]Layer, error) {
	if f, ok := s.(Fuser); ok && at.fused {
		return f.Fuse(at, next)
	}
	l, err := s.Build(at.Before(next))
	return []Layer{l}, err
}

// Fold makes Network.Sync write to w.Packed what answers a(W·x + b) in one
// product: W with the rows scaled, in panels as W is, and behind it, from
// w.Span() on, the biases. b.W may be nil.
//
// Folded networks answer as others do but for rounding: each product is rounded
// once more, or not, which is some 1e-6 of the largest sum.
func Fold(w, b *Param, affine func(scale, shift []float32)) {
	out, span := w.Dims[0], w.Span()
	panels := (out + simd.Panel - 1) / simd.Panel
	size := span / panels // floats in a panel
	w.PackedLen = span + out
	w.Pack = func() {
		scale, shift := make([]float32, panels*simd.Panel), make([]float32, out)
		affine(scale[:out], shift)
		var none [simd.Panel]float32
		for p := range panels {
			simd.ScaleShift(w.Packed[p*size:(p+1)*size], w.W[p*size:(p+1)*size], scale[p*simd.Panel:(p+1)*simd.Panel], none[:])
		}
		bias := w.Packed[span:][:out]
		copy(bias, shift)
		for o, v := range b.W {
			bias[o] += float32(v * scale[o])
		}
	}
}

// spread is how the layers of one network share out their work.
type spread struct {
	threads int
	do      func(n int, task func(i int))
}

// Threads returns how many goroutines there are to share a layer's work out to.
func (at Site) Threads() int {
	if at.spread == nil {
		return 1
	}
	return max(1, at.spread.threads)
}

// Do calls task(0) to task(n-1), on the network's goroutines where it has some.
func (at Site) Do(n int, task func(i int)) {
	if at.Threads() > 1 && n > 1 {
		at.spread.do(n, task)
		return
	}
	for i := range n {
		task(i)
	}
}

// Spread lets large layers of a network in the inference form share out their
// work, for answers about few pictures at a time: do calls task(0) to task(n-1)
// on up to threads goroutines and returns when all have returned, as
// parallel.Pool.Do. The answers are the same, to the bit.
func (n *Network) Spread(threads int, do func(n int, task func(i int))) {
	*n.spread = spread{threads, do}
}
