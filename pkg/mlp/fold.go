package mlp

import (
	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Fuse implements nn.Fuser: a dense layer takes over batch norm, which becomes
// part of its weights (nn.Fold), and ReLU.
func (s Dense) Fuse(at nn.Site, next nn.Specs) ([]nn.Layer, error) {
	l, err := s.Build(at)
	if err != nil {
		return nil, err
	}
	f := &fusedDense{dense: l.(*dense)}
	f.multiplier = f.multiply
	layers := []nn.Layer{f}
	for _, spec := range next {
		affine, isAffine := spec.(nn.Affine)
		_, isReLU := spec.(nn.ReLU)
		if !isReLU && !(isAffine && !f.relu && !f.folded) {
			break
		}
		taken, err := at.Absorbed(l.Out(), spec)
		if err != nil {
			return nil, err
		}
		layers = append(layers, taken)
		if isReLU {
			f.relu = true
			continue
		}
		f.folded = true
		nn.Fold(&f.w, &f.b, func(scale, shift []float32) { affine.Affine(taken.Layer, scale, shift) })
	}
	return layers, nil
}

// fusedDense is a dense layer and what follows it.
type fusedDense struct {
	*dense
	folded, relu bool
	multiplier   func(i int)

	// What the multiplier is at: y from x, units in so many chunks.
	x, y   tensor.Batch
	chunks int
}

// spreadMACs is from how many multiply-adds on, some 20 µs on one core, a layer
// is shared out: to wake another takes 5 µs.
const spreadMACs = 1 << 19

func (f *fusedDense) Forward(x tensor.Batch, _ bool) tensor.Batch {
	f.x, f.y, f.chunks = x, f.dense.y.First(x.N), 1
	if threads := f.at.Threads(); threads > 1 && x.N*f.MACs() >= spreadMACs {
		f.chunks = min(threads, f.panels)
	}
	f.at.Do(f.chunks, f.multiplier)
	if f.relu {
		simd.ReLU(f.y.Run(0), f.y.Run(0))
	}
	return f.y
}

// multiply computes part i of the units, for all examples.
func (f *fusedDense) multiply(i int) {
	first, last := i*f.panels/f.chunks, (i+1)*f.panels/f.chunks
	p, o := f.forward, first*simd.Panel
	p.M, p.N = f.x.N, min(last*simd.Panel, f.out)-o
	w, b := f.w.W, f.b.W
	if f.folded {
		w, b = f.w.Packed, f.w.Packed[len(w):]
	}
	c, w := f.y.Data[o:], w[first*p.BPanel:]
	if b == nil {
		p.Set(c, f.x.Data, w)
	} else {
		p.Bias(c, f.x.Data, w, b[o:])
	}
}
