package nn

import "squint/pkg/tensor"

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
		for y := range s.H {
			row := x.Row(n, y) // [W][C]
			for c := range s.C {
				for i := range s.W {
					v[(c*s.H+y)*s.W+i] = row[i*s.C+c]
				}
			}
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
		for y := range s.H {
			row := dx.Row(n, y)
			for c := range s.C {
				for i := range s.W {
					row[i*s.C+c] = v[(c*s.H+y)*s.W+i]
				}
			}
		}
	}
	return dx
}
