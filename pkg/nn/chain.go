package nn

import (
	"fmt"

	"squint/pkg/tensor"
)

// maxFloats bounds what the buffers and weights of one network may take
// together (4 GiB): beyond it a Spec is a mistake, or hostile.
const maxFloats = 1 << 30

// Buffer allocates a zeroed batch for the site's batch size, or says that the
// network has become too large. For a batch size of 0, which takes no memory,
// it says so as for 1.
func (at Site) Buffer(s tensor.Shape, pad int) (tensor.Batch, error) {
	floats := 1
	for _, d := range []int{max(at.Batch, 1), s.H + 2*pad, s.W + 2*pad, s.C} {
		if d <= 0 {
			return tensor.Batch{}, fmt.Errorf("empty output %d×%d×%d", s.H, s.W, s.C)
		}
		if d > maxFloats/floats {
			return tensor.Batch{}, fmt.Errorf("output %v for a batch of %d is too large", s, at.Batch)
		}
		floats *= d
	}
	if b := at.budget; b != nil {
		if b.used += floats; b.used > b.limit {
			return tensor.Batch{}, fmt.Errorf("the buffers up to here take more than %d floats for a batch of %d", b.limit, at.Batch)
		}
	}
	return tensor.NewBatch(at.Batch, s, pad), nil
}

// budget counts floats, for all layers of a network together.
type budget struct{ used, limit int }

// Within returns the site with a limit on what the buffers of all layers built
// from it take together, in floats.
func (at Site) Within(floats int) Site {
	at.budget = &budget{limit: floats}
	return at
}

// Chain runs layers one after the other; it is a Layer itself, so that blocks
// can hold chains. It tells every layer which border its neighbours read.
type Chain struct {
	specs  Specs
	layers []Layer
	out    tensor.Shape
	params []*Param
	last   tensor.Batch // what the last layer read
}

// Borders returns the border that a chain of these Specs wants around its
// input and around the gradient it is given: those of its ends.
func (s Specs) Borders() (x, dy int) {
	if len(s) == 0 {
		return 0, 0
	}
	x, _ = borders(s[0])
	_, dy = borders(s[len(s)-1])
	return x, dy
}

func borders(s Spec) (x, dy int) {
	if b, ok := s.(Bordered); ok {
		return b.Borders()
	}
	return 0, 0
}

// Inner returns the site of a chain inside a block that reads the block's input
// and whose output the block itself consumes.
func (at Site) Inner() Site {
	at.Pad, at.GradPad = 0, 0
	return at
}

// NewChain builds the Specs one after the other. Parameter names get the index
// of their layer in front, as torch.nn.Sequential has it: "2.weight".
func NewChain(at Site, specs Specs) (*Chain, error) {
	c := &Chain{specs: specs, out: at.In}
	learns, first := !at.First, true // first: the layer before this one was built as such
	for len(c.layers) < len(specs) {
		i := len(c.layers)
		site := at
		site.In, site.First = c.out, !learns || at.Inference
		if i > 0 && !first { // the layer before has a gradient to return
			_, site.GradPad = borders(specs[i-1])
		}
		first = site.First
		layers, err := site.fuse(specs[i], specs[i+1:])
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s) on input %v: %w", i, Kind(specs[i]), c.out, err)
		}
		for _, l := range layers {
			for _, p := range l.Params() {
				p.Name = fmt.Sprintf("%d.%s", len(c.layers), p.Name)
				c.params = append(c.params, p)
				learns = learns || !p.Frozen
			}
			c.layers = append(c.layers, l)
			c.out = l.Out()
		}
	}
	return c, nil
}

// Out implements Layer.
func (c *Chain) Out() tensor.Shape { return c.out }

// Params implements Layer.
func (c *Chain) Params() []*Param { return c.params }

// MACs implements Coster.
func (c *Chain) MACs() int {
	n := 0
	for _, l := range c.layers {
		n += macs(l)
	}
	return n
}

func macs(l Layer) int {
	if c, ok := l.(Coster); ok {
		return c.MACs()
	}
	return 0
}

// Forward implements Layer.
func (c *Chain) Forward(x tensor.Batch, train bool) tensor.Batch {
	for _, l := range c.layers {
		c.last = x
		x = l.Forward(x, train)
	}
	return x
}

// Backward implements Layer.
func (c *Chain) Backward(dy tensor.Batch) tensor.Batch {
	for i := len(c.layers) - 1; i >= 0; i-- {
		dy = c.layers[i].Backward(dy)
		if dy.Data == nil { // nothing before it learns
			break
		}
	}
	return dy
}

// Estimate implements Estimator for the chain's layers.
func (c *Chain) Estimate() {
	for _, l := range c.layers {
		if e, ok := l.(Estimator); ok {
			e.Estimate()
		}
	}
}

// SetKey implements Random for the chain's layers.
func (c *Chain) SetKey(key uint64) {
	for i, l := range c.layers {
		if r, ok := l.(Random); ok {
			r.SetKey(key + uint64(i)*0x9e3779b97f4a7c15)
		}
	}
}

// Random is implemented by layers that draw random numbers while training:
// every Forward draws from the key set last.
type Random interface{ SetKey(key uint64) }
