package conv

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() { nn.Register[Residual]("residual") }

// Residual computes y = body(x) + skip(x): the body learns what to add to its
// input. Without Skip the input itself is added, and the body must keep the
// shape. He et al. 2016.
type Residual struct {
	Body nn.Specs `json:"body"`
	Skip nn.Specs `json:"skip,omitempty"` // usually a 1×1 convolution where the shape changes
}

func (s Residual) String() string {
	t := "residual ["
	for i, b := range s.Body {
		if i > 0 {
			t += ", "
		}
		t += nn.Describe(b)
	}
	return t + "]"
}

// Borders implements nn.Bordered.
func (s Residual) Borders() (x, dy int) {
	bx, bdy := s.Body.Borders()
	sx, sdy := s.Skip.Borders()
	return max(bx, sx), max(bdy, sdy)
}

// Build implements nn.Spec.
func (s Residual) Build(at nn.Site) (nn.Layer, error) {
	if len(s.Body) == 0 {
		return nil, fmt.Errorf("residual block without a body")
	}
	l := &residual{at: at}
	var err error
	if l.body, err = nn.NewChain(at.Inner(), s.Body); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	if l.skip, err = nn.NewChain(at.Inner(), s.Skip); err != nil {
		return nil, fmt.Errorf("skip: %w", err)
	}
	if l.body.Out() != l.skip.Out() {
		return nil, fmt.Errorf("the body ends in %v and the skip in %v", l.body.Out(), l.skip.Out())
	}
	for _, p := range l.body.Params() {
		p.Name = "body." + p.Name
		l.params = append(l.params, p)
	}
	for _, p := range l.skip.Params() {
		p.Name = "skip." + p.Name
		l.params = append(l.params, p)
	}
	if l.y, err = at.Buffer(l.body.Out(), at.Pad); err != nil {
		return nil, err
	}
	if at.Inference {
		return l, nil
	}
	_, border := s.Borders()
	if l.dy, err = at.Buffer(l.body.Out(), border); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

type residual struct {
	at         nn.Site
	body, skip *nn.Chain
	params     []*nn.Param
	y, dy, dx  tensor.Batch
	relu       bool // in the inference form: y = max(body(x) + skip(x), 0)
}

func (l *residual) Out() tensor.Shape   { return l.body.Out() }
func (l *residual) Params() []*nn.Param { return l.params }
func (l *residual) MACs() int           { return l.body.MACs() + l.skip.MACs() }

// SetKey implements nn.Random.
func (l *residual) SetKey(key uint64) {
	l.body.SetKey(key)
	l.skip.SetKey(^key)
}

// Estimate implements nn.Estimator.
func (l *residual) Estimate() {
	l.body.Estimate()
	l.skip.Estimate()
}

func (l *residual) Forward(x tensor.Batch, train bool) tensor.Batch {
	y := l.y.First(x.N)
	a, b := l.body.Forward(x, train), l.skip.Forward(x, train)
	if l.relu {
		sumReLU(y, a, b)
	} else {
		sum(y, a, b)
	}
	return y
}

func (l *residual) Backward(dy tensor.Batch) tensor.Batch {
	// Both branches may overwrite the gradient they are given, so one gets a copy.
	copied := l.dy.First(dy.N)
	tensor.Copy(copied, dy)
	a, b := l.body.Backward(copied), l.skip.Backward(dy)
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	sum(dx, a, b)
	return dx
}

// sum computes dst = a + b; the three may have different borders.
func sum(dst, a, b tensor.Batch) {
	tensor.Copy(dst, a)
	if dst.Pad == 0 && b.Pad == 0 {
		simd.Add(dst.Run(0), b.Run(0))
		return
	}
	for n := range dst.N {
		for y := range dst.H {
			simd.Add(dst.Row(n, y), b.Row(n, y))
		}
	}
}
