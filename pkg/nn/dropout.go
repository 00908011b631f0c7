package nn

import (
	"fmt"

	"squint/internal/rng"
	"squint/pkg/tensor"
)

func init() { Register[Dropout]("dropout") }

// Dropout sets each value to zero with probability P while training and
// multiplies the others by 1/(1−P), so that at inference it does nothing.
// Srivastava et al. 2014; torch.nn.Dropout.
type Dropout struct {
	P float32 `json:"p"`
}

func (s Dropout) String() string { return fmt.Sprintf("dropout %g", s.P) }

// Build implements Spec.
func (s Dropout) Build(at Site) (Layer, error) {
	if !(s.P >= 0 && s.P < 1) {
		return nil, fmt.Errorf("dropout with p = %g, want 0 ≤ p < 1", s.P)
	}
	l := &dropout{p: s.P, at: at}
	var err error
	if l.y, err = at.Buffer(at.In, at.Pad); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

// Fuse implements Fuser: dropout does nothing at inference, so it gets out of
// the way where nobody wants a border around its output.
func (s Dropout) Fuse(at Site, next Specs) ([]Layer, error) {
	at = at.Before(next)
	if at.Pad > 0 {
		l, err := s.Build(at)
		return []Layer{l}, err
	}
	l, err := at.Absorbed(at.In, s)
	return []Layer{l}, err
}

type dropout struct {
	p     float32
	at    Site
	key   uint64
	y, dx tensor.Batch
}

func (l *dropout) Out() tensor.Shape { return l.at.In }
func (l *dropout) Params() []*Param  { return nil }
func (l *dropout) SetKey(key uint64) { l.key = key }

func (l *dropout) Forward(x tensor.Batch, train bool) tensor.Batch {
	y := l.y.First(x.N)
	if !train || l.p == 0 {
		tensor.Copy(y, x)
		return y
	}
	l.mask(y, x)
	return y
}

// Backward draws the same mask again: that costs less than keeping it.
func (l *dropout) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	l.mask(dx, dy)
	return dx
}

// mask copies src to dst, keeping each value with probability 1−p. The draw
// for a value depends on the key and on the value's place alone.
func (l *dropout) mask(dst, src tensor.Batch) {
	keep := 1 / (1 - l.p)
	i := uint64(0)
	for n := range src.N {
		for y := range src.H {
			d, s := dst.Row(n, y), src.Row(n, y)
			for j, v := range s {
				d[j] = 0
				if rng.Float(l.key, i) >= l.p {
					d[j] = v * keep
				}
				i++
			}
		}
	}
}
