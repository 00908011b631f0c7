package nn

import (
	"errors"
	"fmt"
	"math"

	"squint/internal/simd"
	"squint/pkg/tensor"
)

func init() {
	Register[Identity]("identity")
	Register[ReLU]("relu")
	Register[Sigmoid]("sigmoid")
	Register[Tanh]("tanh")
	Register[Softplus]("softplus")
	Register[Threshold]("threshold")
	Register[Softmax]("softmax")
}

// ActivationNamed returns the Spec of the activation with this name.
func ActivationNamed(name string) (Spec, error) {
	switch name {
	case "identity":
		return Identity{}, nil
	case "relu":
		return ReLU{}, nil
	case "sigmoid":
		return Sigmoid{}, nil
	case "tanh":
		return Tanh{}, nil
	case "softplus":
		return Softplus{}, nil
	case "threshold":
		return Threshold{}, nil
	case "softmax":
		return Softmax{}, nil
	}
	return nil, fmt.Errorf("unknown activation %q, want relu, tanh, sigmoid, softplus, identity, threshold or softmax", name)
}

// Identity computes y = x; torch.nn.Identity.
type Identity struct{}

// ReLU computes y = max(0, x), the rectified linear unit; torch.nn.ReLU.
type ReLU struct{}

// Sigmoid computes y = 1/(1+e⁻ˣ), a number in (0, 1); torch.nn.Sigmoid.
type Sigmoid struct{}

// Tanh computes y = tanh x, a number in (−1, 1); torch.nn.Tanh.
type Tanh struct{}

// Softplus computes y = ln(1+eˣ), a smooth ReLU; torch.nn.Softplus.
type Softplus struct{}

// Threshold computes y = 1 where x > 0 and 0 elsewhere: the step of the
// classical neuron (McCulloch and Pitts 1943, Rosenblatt 1958). Its derivative
// is zero, so nothing learns through it; as a network's output it learns by
// the perceptron rule, see PerceptronRule.
type Threshold struct{}

// Build implements Spec.
func (Identity) Build(at Site) (Layer, error) {
	return newElementwise(at, func(y, x []float32) { copy(y, x) }, func(dx, dy, _ []float32) { copy(dx, dy) })
}

// Build implements Spec.
func (ReLU) Build(at Site) (Layer, error) { return newElementwise(at, simd.ReLU, simd.ReLUGrad) }

// Build implements Spec.
func (Sigmoid) Build(at Site) (Layer, error) {
	return newElementwise(at,
		func(y, x []float32) {
			for i, v := range x {
				y[i] = sigmoid(v)
			}
		},
		func(dx, dy, y []float32) {
			for i, v := range y {
				dx[i] = dy[i] * v * (1 - v)
			}
		})
}

// Build implements Spec.
func (Tanh) Build(at Site) (Layer, error) {
	return newElementwise(at,
		func(y, x []float32) {
			for i, v := range x {
				y[i] = float32(math.Tanh(float64(v)))
			}
		},
		func(dx, dy, y []float32) {
			for i, v := range y {
				dx[i] = dy[i] * (1 - float32(v*v))
			}
		})
}

// Build implements Spec.
func (Softplus) Build(at Site) (Layer, error) {
	return newElementwise(at,
		func(y, x []float32) {
			for i, v := range x {
				y[i] = float32(softplus(float64(v)))
			}
		},
		func(dx, dy, y []float32) {
			for i, v := range y { // dy/dx = σ(x) = 1 − e⁻ʸ
				dx[i] = dy[i] * float32(-math.Expm1(-float64(v)))
			}
		})
}

// Build implements Spec.
func (Threshold) Build(at Site) (Layer, error) {
	return newElementwise(at,
		func(y, x []float32) {
			for i, v := range x {
				y[i] = 0
				if v > 0 {
					y[i] = 1
				}
			}
		},
		func(dx, _, _ []float32) { clear(dx) })
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

// softplus is ln(1+eˣ) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// elementwise is an activation that works on each value alone and whose
// derivative can be told from its output y.
type elementwise struct {
	at       Site
	y, dx    tensor.Batch
	out      tensor.Batch // y of the last Forward
	forward  func(y, x []float32)
	backward func(dx, dy, y []float32) // dx may be dy
}

func newElementwise(at Site, forward func(y, x []float32), backward func(dx, dy, y []float32)) (Layer, error) {
	l := &elementwise{at: at, forward: forward, backward: backward}
	var err error
	if l.y, err = at.Buffer(at.In, at.Pad); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

func (l *elementwise) Out() tensor.Shape { return l.at.In }
func (l *elementwise) Params() []*Param  { return nil }

func (l *elementwise) Forward(x tensor.Batch, _ bool) tensor.Batch {
	l.out = l.y.First(x.N)
	if x.Pad == 0 && l.out.Pad == 0 {
		l.forward(l.out.Run(0), x.Run(0))
		return l.out
	}
	for n := range x.N {
		for y := range x.H {
			l.forward(l.out.Row(n, y), x.Row(n, y))
		}
	}
	return l.out
}

func (l *elementwise) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	if dy.Pad == 0 && dx.Pad == 0 && l.out.Pad == 0 {
		l.backward(dx.Run(0), dy.Run(0), l.out.Run(0))
		return dx
	}
	for n := range dy.N {
		for y := range dy.H {
			l.backward(dx.Row(n, y), dy.Row(n, y), l.out.Row(n, y))
		}
	}
	return dx
}

// Softmax turns a vector into probabilities: y_i = e^{x_i} / Σ_j e^{x_j};
// torch.nn.Softmax(dim=1).
type Softmax struct{}

// Build implements Spec.
func (Softmax) Build(at Site) (Layer, error) {
	if !at.In.IsVec() {
		return nil, errors.New("softmax wants a vector")
	}
	l := &softmaxLayer{at: at}
	var err error
	if l.y, err = at.Buffer(at.In, 0); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, 0)
	}
	return l, err
}

type softmaxLayer struct {
	at         Site
	y, dx, out tensor.Batch
}

func (l *softmaxLayer) Out() tensor.Shape { return l.at.In }
func (l *softmaxLayer) Params() []*Param  { return nil }

func (l *softmaxLayer) Forward(x tensor.Batch, _ bool) tensor.Batch {
	l.out = l.y.First(x.N)
	for n := range x.N {
		softmax(l.out.Row(n, 0), x.Row(n, 0))
	}
	return l.out
}

// softmax subtracts the largest value first, so that no exponential overflows.
func softmax(y, x []float32) {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v - top))
	}
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v-top)) / sum)
	}
}

func (l *softmaxLayer) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	for n := range dy.N { // dx_i = y_i (dy_i − Σ_j dy_j y_j)
		d, g, y := dx.Row(n, 0), dy.Row(n, 0), l.out.Row(n, 0)
		var dot float64
		for i, v := range y {
			dot += float64(v) * float64(g[i])
		}
		for i, v := range y {
			d[i] = v * (g[i] - float32(dot))
		}
	}
	return dx
}
