// Package nn is the contract between networks and everything that trains,
// saves or runs them: a network is a list of Specs (plain values, so that the
// Go literal and the JSON in a model file are one), each of which builds a
// live Layer. The package also holds the layers without weights of their own
// (activations, dropout, flatten), the losses and the initialisations.
//
// Kinds of layer with weights live in pkg/mlp and pkg/conv and register
// themselves here, as image formats do with package image.
//
// A Network is not safe for concurrent use, because its layers own the buffers
// they answer with; make a Replica for each goroutine. Replicas share weights.
package nn

import (
	"iter"

	"squint/internal/simd"
	"squint/pkg/tensor"
)

// Spec describes one layer by plain exported fields. Its JSON is
// {"kind": …, fields…}; see Register.
type Spec interface {
	// Build makes the live layer for the place it will have in a network, or
	// says what about the Spec or the place does not fit.
	Build(at Site) (Layer, error)
}

// Site is the place in a network that a layer is built for.
type Site struct {
	In    tensor.Shape // shape of one input example
	Batch int          // largest N that Forward will see; 0 where it will never be called
	First bool         // nothing before it learns: Backward need not return a gradient
	// Pad is the border that the layer's own Forward must leave around its
	// output, because the next layer reads it; GradPad the same for the
	// gradient that its Backward returns, because the layer before reads it.
	Pad, GradPad int

	// Inference: Backward is never called, so that a layer needs nothing for it.
	// First is set too.
	Inference bool

	fused  bool    // layers do the work of those behind them; see Fuser
	spread *spread // nil for one goroutine
	budget *budget // what the network's buffers may take; nil for no limit
}

// Layer is one step of a network with the buffers it needs, sized at Build: a
// training step allocates nothing.
//
// Inputs may have a larger border than asked for by Bordered, never a smaller
// one. A batch of another shape than the Site's is a bug in the caller and
// panics with both shapes.
type Layer interface {
	// Out is the shape of one output example.
	Out() tensor.Shape
	// Params lists the weights, in a fixed order; nil for none.
	Params() []*Param
	// Forward computes the output of x, which it must not change but may keep
	// until Backward. The result belongs to the layer and is valid until its
	// next Forward. train switches dropout and batch statistics on.
	Forward(x tensor.Batch, train bool) tensor.Batch
	// Backward takes the gradient of the loss by the last Forward's output,
	// which it may overwrite, adds the gradients by the weights to Param.G and
	// returns the gradient by x (an empty Batch where Site.First). It must
	// follow a Forward with train set.
	Backward(dy tensor.Batch) tensor.Batch
}

// Bordered is implemented by Specs whose layers read beyond the edge of their
// input, or of the gradient they are given, and want that border in memory.
type Bordered interface {
	// Borders returns the border wanted around x and around dy, in pixels.
	Borders() (x, dy int)
}

// Estimator is implemented by layers with running statistics (Param.Stat):
// Estimate adds to their G what the batch of the last Forward had, as Backward
// does, for when nothing else is to be learnt from the batch.
type Estimator interface{ Estimate() }

// Coster is implemented by layers that multiply: the number of multiply-adds
// for one example's Forward. A training step costs about three times that.
type Coster interface{ MACs() int }

// Param is one array of weights. A layer declares it (all but W, G and Packed)
// and the Network supplies the memory: W and G are windows into two flat
// vectors, one for all weights and one for all gradients.
type Param struct {
	Name string // "weight", "bias"; the network prefixes the layer's place: "0.weight"
	// Dims are the dimensions in PyTorch's order, [out][in] or [out][in][kh][kw],
	// which is also the order in model files.
	Dims []int
	// Len is the number of floats of W where that is more than the product of
	// Dims, because the kernels want the weights padded; 0 means the product.
	// The padding starts at zero, gets no gradient and stays zero.
	Len int
	// Strides say how W lies in memory where that is not PyTorch's order: element
	// (o, i, y, x) is at o/16·Strides[0] + o%16 + i·Strides[1] + y·Strides[2] +
	// x·Strides[3], which is panels of 16 outputs, as the kernels read them.
	Strides []int

	Init    Init // how New fills W; nil leaves zeros
	NoDecay bool // weight decay leaves it alone (biases, batch norm)
	// Stat, where it is not 0, marks running statistics (batch norm): Backward
	// adds what the batch had to G, and the trainer moves W by this fraction
	// towards the mean of that over the shards, instead of by the optimizer.
	Stat float32
	// Frozen weights are not learnt: they keep what they were set to.
	Frozen bool

	W, G []float32

	// A layer that sets Late can leave its gradient to be added later: where Kept is not
	// nil, Backward adds nothing to G but puts what it needs for that, KeepLen
	// floats, into Kept, from which Late adds to g the gradient by W[from:from+len(g)].
	// A trainer so adds the gradients of several passes in one place, while that is in
	// cache, and several parts at the same time. from and len(g) are multiples of simd.Panel.
	Late    func(k *Kept, g []float32, from int)
	KeepLen int
	Kept    *Kept

	// PackedLen asks the network for a second array, Packed, which replicas
	// share as they share W, and Pack fills it from W in an order that
	// another pass needs. Network.Sync calls Pack whenever W has changed.
	PackedLen int
	Packed    []float32
	Pack      func()
}

// Size returns the number of weights: the product of Dims.
func (p *Param) Size() int {
	n := 1
	for _, d := range p.Dims {
		n *= d
	}
	return n
}

// Span returns the number of floats that the parameter takes in memory.
func (p *Param) Span() int {
	if p.Len > 0 {
		return p.Len
	}
	return p.Size()
}

// Export writes the weights in PyTorch's order to dst, Size() values.
func (p *Param) Export(dst []float32) { p.unpack(dst, p.W) }

// ExportGrad does the same with the gradient.
func (p *Param) ExportGrad(dst []float32) { p.unpack(dst, p.G) }

func (p *Param) unpack(dst, src []float32) {
	for i, at := range p.Places() {
		dst[i] = src[at]
	}
}

// Import sets the weights from src in PyTorch's order. Call Network.Sync
// after the last one.
func (p *Param) Import(src []float32) { p.ImportAt(0, src[:p.Size()]) }

// ImportPanel sets the weights of outputs o to o+simd.Panel-1, or to the last, from src in
// PyTorch's order: together, as they lie in memory, that is several times as fast as one
// output after the other. o is a multiple of simd.Panel; room has simd.Panel values for each
// weight of an output. Only for parameters with Strides.
func (p *Param) ImportPanel(o int, src, room []float32) {
	dims, strides := p.layout()
	outputs, inner := min(simd.Panel, dims[0]-o), dims[1]*dims[2]*dims[3]
	simd.Transpose(room, simd.Panel, src, inner, outputs, inner)
	for i := range dims[1] {
		for y := range dims[2] {
			for x := range dims[3] {
				at := o/simd.Panel*strides[0] + i*strides[1] + y*strides[2] + x*strides[3]
				copy(p.W[at:at+outputs], room)
				room = room[simd.Panel:]
			}
		}
	}
}

// ImportAt sets as many weights as src has, from number from of PyTorch's order on.
func (p *Param) ImportAt(from int, src []float32) {
	dims, strides := p.layout()
	if dims[2]*dims[3] == 1 { // the inputs of a dense layer are the longest run there is
		dims[1], dims[3] = 1, dims[1]
		strides[1], strides[3] = 0, strides[1]
	}
	x, y := from%dims[3], from/dims[3]
	y, i := y%dims[2], y/dims[2]
	i, o := i%dims[1], i/dims[1]
	for len(src) > 0 {
		w := p.W[o/simd.Panel*strides[0]+o%simd.Panel+i*strides[1]+y*strides[2]+x*strides[3]:]
		n := min(len(src), dims[3]-x)
		for j, v := range src[:n] {
			w[j*strides[3]] = v
		}
		src = src[n:]
		x = 0
		if y++; y == dims[2] {
			y = 0
			if i++; i == dims[1] {
				i = 0
				o++
			}
		}
	}
}

// layout returns dimensions and strides as if all parameters had four.
func (p *Param) layout() (dims, strides [4]int) {
	dims = [4]int{1, 1, 1, 1}
	if p.Strides == nil {
		dims[3], strides[3] = p.Size(), 1
	} else {
		copy(dims[:], p.Dims)
		copy(strides[:], p.Strides)
	}
	return dims, strides
}

// Places yields, for each element i of PyTorch's order, where in W it lies.
func (p *Param) Places() iter.Seq2[int, int] {
	dims, strides := p.layout()
	return func(yield func(i, at int) bool) {
		n := 0
		for o := range dims[0] {
			panel := o/simd.Panel*strides[0] + o%simd.Panel
			for i := range dims[1] {
				for y := range dims[2] {
					for x := range dims[3] {
						if !yield(n, panel+i*strides[1]+y*strides[2]+x*strides[3]) {
							return
						}
						n++
					}
				}
			}
		}
	}
}

// Place returns where in W element i of PyTorch's order lies.
func (p *Param) Place(i int) int {
	if p.Strides == nil {
		return i
	}
	at := 0
	for d := len(p.Dims) - 1; d > 0; d-- {
		at += i % p.Dims[d] * p.Strides[d]
		i /= p.Dims[d]
	}
	return at + i/simd.Panel*p.Strides[0] + i%simd.Panel
}
