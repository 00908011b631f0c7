// Package mlp holds the fully connected layer and the networks made of it:
// the single neuron with a threshold (perceptron) and the deep multilayer
// perceptron.
package mlp

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() { nn.Register[Dense]("dense") }

// Dense computes y = x·Wᵀ + b for x [N][in], W [out][in], y [N][out];
// torch.nn.Linear. A picture must pass nn.Flatten first.
type Dense struct {
	Units  int    `json:"units"`             // out
	NoBias bool   `json:"no_bias,omitempty"` // leave b out
	Init   string `json:"init,omitempty"`    // see nn.InitNamed; "" is He
}

func (s Dense) String() string { return fmt.Sprintf("dense %d", s.Units) }

// Build implements nn.Spec.
func (s Dense) Build(at nn.Site) (nn.Layer, error) {
	if s.Units < 1 || s.Units > 1<<24 {
		return nil, fmt.Errorf("%d units, want 1 to %d", s.Units, 1<<24)
	}
	if !at.In.IsVec() {
		return nil, fmt.Errorf("want a vector: put flatten in front")
	}
	init, err := nn.InitNamed(s.Init)
	if err != nil {
		return nil, err
	}
	in, out := at.In.C, s.Units
	panels := (out + simd.Panel - 1) / simd.Panel
	l := &dense{at: at, in: in, out: out, panels: panels}
	l.w = nn.Param{
		Name: "weight", Dims: []int{out, in}, Len: panels * in * simd.Panel, Init: init,
		Strides: []int{in * simd.Panel, simd.Panel},
	}
	l.params = []*nn.Param{&l.w}
	if !s.NoBias {
		l.b = nn.Param{Name: "bias", Dims: []int{out}, NoDecay: true}
		l.params = append(l.params, &l.b)
	}
	if l.y, err = at.Buffer(tensor.Vec(out), 0); err != nil {
		return nil, err
	}
	l.forward = simd.Product{
		N: out, K: in, ARow: in, ACol: 1,
		BPanel: in * simd.Panel, BRow: simd.Panel, CRow: out, CPanel: simd.Panel,
	}
	l.w.Late, l.w.KeepLen = l.addWeights, at.Batch*(in+out)
	l.weights = simd.Product{
		ARow: 1, ACol: in,
		BRow: out, BPanel: simd.Panel, CRow: simd.Panel, CPanel: in * simd.Panel,
	}
	if at.First {
		return l, nil
	}
	if l.dx, err = at.Buffer(at.In, 0); err != nil {
		return nil, err
	}
	l.ldn = (at.Batch + simd.Panel - 1) / simd.Panel * simd.Panel
	l.dyT = make([]float32, panels*simd.Panel*l.ldn)
	l.dxT = make([]float32, in*l.ldn)
	l.inputs = simd.Product{
		M: in, K: simd.Panel, Batch: panels, ABatch: in * simd.Panel, ARow: simd.Panel, ACol: 1,
		BBatch: simd.Panel * l.ldn, BPanel: simd.Panel, BRow: l.ldn, CRow: l.ldn, CPanel: simd.Panel,
	}
	return l, nil
}

type dense struct {
	at              nn.Site
	in, out, panels int
	w, b            nn.Param // w lies in panels of 16 units: [out/16][in][16]
	params          []*nn.Param
	x               tensor.Batch // input of the last Forward
	y, dx           tensor.Batch

	forward, weights, inputs simd.Product

	ldn int       // examples, rounded up to whole panels
	dyT []float32 // dyᵀ, [panels*16][ldn]; rows from out on stay zero
	dxT []float32 // dxᵀ, [in][ldn]
}

func (l *dense) Out() tensor.Shape   { return tensor.Vec(l.out) }
func (l *dense) Params() []*nn.Param { return l.params }
func (l *dense) MACs() int           { return l.in * l.out }

// Forward computes y = x·Wᵀ + b.
func (l *dense) Forward(x tensor.Batch, _ bool) tensor.Batch {
	l.x = x
	y := l.y.First(x.N)
	l.forward.M = x.N
	if l.b.W == nil {
		l.forward.Set(y.Data, x.Data, l.w.W)
	} else {
		l.forward.Bias(y.Data, x.Data, l.w.W, l.b.W)
	}
	return y
}

// Backward adds dW += dyᵀ·x and db += Σ_n dy and returns dx = dy·W.
func (l *dense) Backward(dy tensor.Batch) tensor.Batch {
	if k := l.w.Kept; k != nil {
		k.N = dy.N
		copy(k.Data[copy(k.Data, l.x.Data[:dy.N*l.in]):], dy.Data[:dy.N*l.out])
	} else {
		l.addProduct(l.w.G, 0, l.x.Data, dy.Data, dy.N)
	}
	if l.b.G != nil {
		simd.SumRows(l.b.G, dy.Data)
	}
	if l.at.First {
		return tensor.Batch{}
	}
	// dxᵀ = Wᵀ·dyᵀ: this way round the kernel reads W as it lies, and only the
	// small dy and dx are transposed instead of the weights.
	simd.Transpose(l.dyT, l.ldn, dy.Data, l.out, dy.N, l.out)
	l.inputs.N = dy.N
	l.inputs.Set(l.dxT, l.w.W, l.dyT)
	dx := l.dx.First(dy.N)
	simd.Transpose(dx.Data, l.in, l.dxT, l.ldn, l.in, dy.N)
	return dx
}

// addWeights is nn.Param's Late.
func (l *dense) addWeights(k *nn.Kept, g []float32, from int) {
	if k.N > 0 {
		l.addProduct(g, from, k.Data, k.Data[k.N*l.in:], k.N)
	}
}

// addProduct adds to g the gradient by W[from:from+len(g)], xᵀ·dy of n examples: as
// many whole panels as there are at a time, else what is there of one.
func (l *dense) addProduct(g []float32, from int, x, dy []float32, n int) {
	p, panel := l.weights, l.in*simd.Panel // a copy: parts may be added at the same time
	p.K = n
	for len(g) > 0 {
		first, row := from/panel*simd.Panel, from%panel/simd.Panel
		part := min(len(g), panel-from%panel)
		p.M, p.N = part/simd.Panel, min(simd.Panel, l.out-first)
		if row == 0 && len(g) > panel {
			part = len(g) / panel * panel
			p.M, p.N = l.in, min(part/l.in, l.out-first)
		}
		p.Add(g, x[row:], dy[first:])
		g, from = g[part:], from+part
	}
}
