package conv

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() { nn.Register[GlobalPool]("globalpool") }

// GlobalPool reduces each channel to its mean over the whole picture ("avg",
// also ""), its maximum ("max") or both, means first ("avgmax"); as
// torch.nn.AdaptiveAvgPool2d(1) and AdaptiveMaxPool2d(1), flattened. A network
// that ends in it takes pictures of any size.
type GlobalPool struct {
	Mode string `json:"mode,omitempty"`
}

func (s GlobalPool) String() string {
	switch s.Mode {
	case "max":
		return "global max pool"
	case "avgmax":
		return "global average and max pool"
	}
	return "global average pool"
}

// Build implements nn.Spec.
func (s GlobalPool) Build(at nn.Site) (nn.Layer, error) {
	l := &globalPool{at: at}
	switch s.Mode {
	case "", "avg":
		l.avg = true
	case "max":
		l.max = true
	case "avgmax":
		l.avg, l.max = true, true
	default:
		return nil, fmt.Errorf("mode %q, want avg, max or avgmax", s.Mode)
	}
	var err error
	if l.y, err = at.Buffer(l.Out(), 0); err != nil {
		return nil, err
	}
	if l.max {
		l.arg = make([]int32, at.Batch*at.In.C)
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

type globalPool struct {
	at       nn.Site
	avg, max bool
	y, dx    tensor.Batch
	arg      []int32 // [N][C], which pixel held the maximum: y*W+x
}

func (l *globalPool) Params() []*nn.Param { return nil }
func (l *globalPool) Out() tensor.Shape {
	if l.avg && l.max {
		return tensor.Vec(2 * l.at.In.C)
	}
	return tensor.Vec(l.at.In.C)
}

// parts cuts one output vector into its means and its maxima.
func (l *globalPool) parts(v []float32) (avg, top []float32) {
	if l.avg {
		avg, v = v[:l.at.In.C], v[l.at.In.C:]
	}
	if l.max {
		top = v
	}
	return avg, top
}

func (l *globalPool) Forward(x tensor.Batch, _ bool) tensor.Batch {
	out := l.y.First(x.N)
	c := x.C
	scale := 1 / float32(x.H*x.W)
	for n := range x.N {
		avg, top := l.parts(out.Row(n, 0))
		if l.avg {
			clear(avg)
			for y := range x.H {
				simd.SumRows(avg, x.Row(n, y))
			}
			for i := range avg {
				avg[i] *= scale
			}
		}
		if !l.max {
			continue
		}
		arg := l.arg[n*c : (n+1)*c]
		copy(top, x.Row(n, 0)[:c])
		clear(arg)
		for y := range x.H {
			row := x.Row(n, y)
			for p := range x.W {
				for i, v := range row[p*c : (p+1)*c] {
					if v > top[i] {
						top[i], arg[i] = v, int32(y*x.W+p)
					}
				}
			}
		}
	}
	return out
}

func (l *globalPool) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	c := dx.C
	scale := 1 / float32(dx.H*dx.W)
	for n := range dy.N {
		avg, top := l.parts(dy.Row(n, 0))
		for y := range dx.H {
			row := dx.Row(n, y)
			if !l.avg {
				clear(row)
				continue
			}
			for p := range dx.W {
				for i, g := range avg {
					row[p*c+i] = g * scale
				}
			}
		}
		if l.max {
			arg := l.arg[n*c : (n+1)*c]
			for i, g := range top {
				p := int(arg[i])
				dx.Data[dx.Offset(n, p/dx.W, p%dx.W)+i] += g
			}
		}
	}
	return dx
}
