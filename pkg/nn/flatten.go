package nn

import (
	"squint/internal/simd"
	"squint/pkg/tensor"
)

func init() { Register[Flatten]("flatten") }

// Flatten turns a picture of H×W×C into a vector of H·W·C values, channel by
// channel (all of channel 0 first), which is the order of torch.nn.Flatten:
// the weights of a dense layer behind it mean the same there.
type Flatten struct{}

// Build implements Spec.
func (Flatten) Build(at Site) (Layer, error) {
	l := &flatten{at: at}
	var err error
	if l.y, err = at.Buffer(l.Out(), 0); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

type flatten struct {
	at    Site
	y, dx tensor.Batch
}

func (l *flatten) Out() tensor.Shape { return tensor.Vec(l.at.In.Size()) }
func (l *flatten) Params() []*Param  { return nil }

func (l *flatten) Forward(x tensor.Batch, _ bool) tensor.Batch {
	out := l.y.First(x.N)
	s := x.Shape
	for n := range x.N {
		v := out.Row(n, 0) // [C][H][W]
		if x.Pad == 0 {
			simd.Transpose(v, s.H*s.W, x.Data[x.Offset(n, 0, 0):], s.C, s.H*s.W, s.C)
			continue
		}
		for y := range s.H {
			simd.Transpose(v[y*s.W:], s.H*s.W, x.Row(n, y), s.C, s.W, s.C)
		}
	}
	return out
}

func (l *flatten) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	s := dx.Shape
	for n := range dy.N {
		v := dy.Row(n, 0)
		if dx.Pad == 0 {
			simd.Transpose(dx.Data[dx.Offset(n, 0, 0):], s.C, v, s.H*s.W, s.C, s.H*s.W)
			continue
		}
		for y := range s.H {
			simd.Transpose(dx.Row(n, y), s.C, v[y*s.W:], s.H*s.W, s.C, s.W)
		}
	}
	return dx
}
