package gradcheck

import (
	"math/rand/v2"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// cases lists every kind of layer at places that differ in what matters to it.
// A new kind gets its line here; TestEveryKind fails until it has one.
var cases = []Case{
	{nn.Identity{}, tensor.Shape{H: 2, W: 3, C: 2}, Linear},
	{nn.ReLU{}, tensor.Shape{H: 3, W: 2, C: 5}, Bent},
	{nn.ReLU{}, tensor.Vec(37), Bent},
	{nn.Threshold{}, tensor.Vec(9), Bent},
	{nn.Sigmoid{}, tensor.Shape{H: 2, W: 2, C: 3}, Smooth},
	{nn.Tanh{}, tensor.Vec(7), Smooth},
	{nn.Softplus{}, tensor.Vec(7), Smooth},
	{nn.Softmax{}, tensor.Vec(6), Smooth},
	{nn.Dropout{P: 0.4}, tensor.Shape{H: 3, W: 3, C: 2}, Linear},
	{nn.Flatten{}, tensor.Shape{H: 3, W: 2, C: 4}, Linear},
	{mlp.Dense{Units: 1}, tensor.Vec(3), Linear},
	{mlp.Dense{Units: 10}, tensor.Vec(7), Linear},
	{mlp.Dense{Units: 33, NoBias: true}, tensor.Vec(18), Linear},
	{conv.Conv2D{Filters: 6, Kernel: 5, Pad: 2}, tensor.Shape{H: 6, W: 7, C: 1}, Linear},
	{conv.Conv2D{Filters: 3, Kernel: 3}, tensor.Shape{H: 5, W: 4, C: 2}, Linear},
	{conv.Conv2D{Filters: 17, Kernel: 3, Pad: 1, NoBias: true}, tensor.Shape{H: 4, W: 4, C: 18}, Linear},
	{conv.Conv2D{Filters: 4, Kernel: 1}, tensor.Shape{H: 3, W: 3, C: 5}, Linear},
	{conv.Conv2D{Filters: 5, Kernel: 1, Stride: 2}, tensor.Shape{H: 5, W: 4, C: 3}, Linear},
	{conv.Conv2D{Filters: 4, Kernel: 4, Stride: 2}, tensor.Shape{H: 7, W: 8, C: 3}, Linear},
	{conv.Conv2D{Filters: 4, Kernel: 3, Stride: 3, Pad: 2}, tensor.Shape{H: 6, W: 5, C: 2}, Linear},
	{conv.Conv2D{Filters: 2, Kernel: 2, Pad: 3}, tensor.Shape{H: 3, W: 3, C: 2}, Linear}, // more padding than kernel
	{conv.MaxPool{Size: 2}, tensor.Shape{H: 4, W: 6, C: 3}, Bent},
	{conv.MaxPool{Size: 2}, tensor.Shape{H: 5, W: 7, C: 2}, Bent}, // odd: the last row and column are left out
	{conv.MaxPool{Size: 3, Stride: 2}, tensor.Shape{H: 7, W: 6, C: 2}, Bent},
	{conv.AvgPool{Size: 2}, tensor.Shape{H: 5, W: 4, C: 3}, Linear},
	{conv.AvgPool{Size: 3, Stride: 1}, tensor.Shape{H: 4, W: 4, C: 1}, Linear},
	{conv.GlobalPool{}, tensor.Shape{H: 3, W: 2, C: 3}, Linear},
	{conv.GlobalPool{Mode: "max"}, tensor.Shape{H: 3, W: 2, C: 3}, Bent},
	{conv.GlobalPool{Mode: "avgmax"}, tensor.Shape{H: 3, W: 3, C: 2}, Bent},
	{conv.BatchNorm{}, tensor.Shape{H: 3, W: 4, C: 2}, Smooth},
	{conv.BatchNorm{}, tensor.Vec(5), Smooth},
	{conv.Residual{Body: nn.Specs{
		conv.Conv2D{Filters: 3, Kernel: 3, Pad: 1}, nn.Sigmoid{}, conv.Conv2D{Filters: 2, Kernel: 3, Pad: 1},
	}}, tensor.Shape{H: 4, W: 3, C: 2}, Smooth},
	{conv.Residual{
		Body: nn.Specs{conv.Conv2D{Filters: 4, Kernel: 3, Pad: 1, Stride: 2}, conv.BatchNorm{}},
		Skip: nn.Specs{conv.Conv2D{Filters: 4, Kernel: 1, Stride: 2}},
	}, tensor.Shape{H: 5, W: 4, C: 2}, Smooth},
}

func TestEveryKind(t *testing.T) {
	checked := map[string]bool{}
	for _, c := range cases {
		checked[nn.Kind(c.Spec)] = true
		t.Run(nn.Kind(c.Spec)+"/"+c.In.String(), func(t *testing.T) {
			if err := Check(c); err != nil {
				t.Error(err)
			}
		})
	}
	for _, kind := range nn.Kinds() {
		if !checked[kind] {
			t.Errorf("kind %q has no gradient check: add it to cases", kind)
		}
	}
}

// sabotaged returns a layer whose gradient is off by 1 % in one element: by
// the input where param is negative, else by that parameter.
type sabotaged struct {
	nn.Layer
	param int
}

func (s *sabotaged) Backward(dy tensor.Batch) tensor.Batch {
	var before []float32
	if s.param >= 0 {
		before = append(before, s.Params()[s.param].G...)
	}
	dx := s.Layer.Backward(dy)
	var v []float32
	if s.param < 0 {
		if dx.Data == nil {
			return dx
		}
		v = dx.Row(dx.N-1, dx.H-1)
	} else {
		v = s.Params()[s.param].G
	}
	at, most := 0, float32(1)
	for i, g := range v {
		if before != nil {
			g -= before[i]
		}
		if max(g, -g) > most {
			at, most = i, max(g, -g)
		}
	}
	v[at] += 0.01 * most
	return dx
}

func TestSabotageIsFound(t *testing.T) {
	for _, c := range cases {
		layer, err := build(c.Spec, nn.Site{In: c.In, Batch: 1})
		if err != nil {
			t.Fatal(err)
		}
		for param := -1; param < len(layer.Params()); param++ {
			if param >= 0 && layer.Params()[param].Stat != 0 {
				continue
			}
			err := check(c, func(l nn.Layer) nn.Layer { return &sabotaged{l, param} })
			if err == nil {
				t.Errorf("%s on %v: a fault of 1 %% in gradient %d was not found", nn.Describe(c.Spec), c.In, param)
			}
		}
	}
}

// lossCases lists every loss; targets are given as the rows that it allows.
var lossCases = []struct {
	loss  nn.Loss
	curve Curve
}{
	{nn.SquaredError{}, Linear}, // its gradient is linear: a central difference is exact
	{nn.BinaryCrossEntropy{}, Smooth},
	{nn.CrossEntropy{}, Smooth},
	{nn.PerceptronRule{}, Bent},
}

func lossInput(c Curve) (tensor.Batch, []float32) {
	r := rand.New(rand.NewPCG(2, 3))
	z := tensor.NewBatch(4, tensor.Vec(5), 0)
	fill(z, c, r)
	t := make([]float32, 20)
	nn.Targets(t, []int{0, 3, 4, 1}, 5, "softmax", 0.1)
	return z, t
}

func TestEveryLoss(t *testing.T) {
	for _, c := range lossCases {
		z, targets := lossInput(c.curve)
		if c.curve == Bent { // the perceptron criterion has its bend at z = 0 for targets of 0 and 1 alone
			nn.Targets(targets, []int{0, 3, 4, 1}, 5, "threshold", 0)
		}
		if err := Loss(c.loss, z, targets, c.curve); err != nil {
			t.Error(err)
		}
	}
}

type sabotagedLoss struct{ nn.Loss }

func (s sabotagedLoss) Eval(dz, z tensor.Batch, t []float32, scale float32) float64 {
	l := s.Loss.Eval(dz, z, t, scale)
	dz.Data[7] += 0.01 * scale
	return l
}

func TestSabotagedLossIsFound(t *testing.T) {
	for _, c := range lossCases {
		z, targets := lossInput(c.curve)
		if c.curve == Bent {
			nn.Targets(targets, []int{0, 3, 4, 1}, 5, "threshold", 0)
		}
		if Loss(sabotagedLoss{c.loss}, z, targets, c.curve) == nil {
			t.Errorf("%T: a fault of 0.01 was not found", c.loss)
		}
	}
}
