package conv_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// golden.json holds what PyTorch computes in float64 for the same networks; see
// testdata/make_golden.py. Ours runs in float32, so values may differ by its
// rounding, 6e-8 of the largest term times the square root of a few hundred
// terms and a few layers: 2e-5 of the largest value of an array.
const tolerance = 2e-5

type golden struct {
	Networks []struct {
		Name      string
		In        tensor.Shape
		N         int
		Specs     nn.Specs
		Params    map[string][]float64
		ParamsSin bool `json:"params_sin"`
		X, Y, R   []float64
		XSin      bool `json:"x_sin"`
		DX        []float64
		Grads     map[string][]float64
		GradSums  map[string]float64 `json:"grad_sums"` // of absolute values
		After     map[string][]float64
		EvalY     []float64 `json:"eval_y"`
	}
	Losses []struct {
		Name string
		Z, T []float64
		Loss float64
		DZ   []float64
	}
}

func load(t *testing.T) (g golden) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func near(got []float32, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	scale := 1e-3
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= tolerance*scale) {
			return fmt.Errorf("element %d is %g, want %g (largest %g)", i, got[i], w, scale)
		}
	}
	return nil
}

// values returns a batch's values without borders.
func values(b tensor.Batch) []float32 {
	dense := tensor.NewBatch(b.N, b.Shape, 0)
	tensor.Copy(dense, b)
	return dense.Data
}

func TestNetworksAgreeWithPyTorch(t *testing.T) {
	for _, c := range load(t).Networks {
		t.Run(c.Name, func(t *testing.T) {
			chain, err := nn.NewChain(nn.Site{In: c.In, Batch: c.N}, c.Specs)
			if err != nil {
				t.Fatal(err)
			}
			net, err := nn.New(c.In, c.N, c.Specs...)
			if err != nil {
				t.Fatal(err)
			}
			byName := map[string]*nn.Param{}
			for i, p := range chain.Params() {
				p.W, p.G, p.Packed = make([]float32, p.Span()), make([]float32, p.Span()), make([]float32, p.PackedLen)
				w := make([]float32, p.Size())
				for j := range w {
					if c.ParamsSin {
						w[j] = float32(0.1 * math.Sin(1000*float64(i)+float64(j)))
					} else {
						w[j] = float32(c.Params[p.Name][j])
					}
				}
				p.Import(w)
				net.Params()[i].Import(w)
				byName[p.Name] = p
				if p.Pack != nil {
					p.Pack()
				}
			}
			net.Sync()
			xb, dyb := c.Specs.Borders()
			x := tensor.NewBatch(c.N, c.In, xb)
			dense := tensor.NewBatch(c.N, c.In, 0)
			for i := range dense.Data {
				if c.XSin {
					dense.Data[i] = float32(math.Sin(float64(i)))
				} else {
					dense.Data[i] = float32(c.X[i])
				}
			}
			tensor.Copy(x, dense)

			y := chain.Forward(x, true)
			if err := near(values(y), c.Y); err != nil {
				t.Errorf("output: %v", err)
			}
			dy := tensor.NewBatch(c.N, y.Shape, dyb)
			for i, r := range c.R {
				dy.Data[i] = float32(r)
			}
			dx := chain.Backward(dy)
			if c.DX != nil {
				if err := near(values(dx), c.DX); err != nil {
					t.Errorf("gradient by the input: %v", err)
				}
			}
			for name, want := range c.Grads {
				p := byName[name]
				g := make([]float32, p.Size())
				p.ExportGrad(g)
				if err := near(g, want); err != nil {
					t.Errorf("gradient by %s: %v", name, err)
				}
			}
			for name, want := range c.GradSums {
				var sum float64
				for _, g := range byName[name].G {
					sum += math.Abs(float64(g))
				}
				if math.Abs(sum-want) > tolerance*want {
					t.Errorf("gradients by %s add up to %g, want %g", name, sum, want)
				}
			}
			// Running statistics move by the trainer's rule, W += 0.1·(G − W), here by hand.
			for name, want := range c.After {
				p := byName[name]
				for i, g := range p.G {
					p.W[i] += p.Stat * (g - p.W[i])
				}
				if err := near(p.W, want); err != nil {
					t.Errorf("%s after a step: %v", name, err)
				}
			}
			if c.EvalY != nil {
				if err := near(values(chain.Forward(x, false)), c.EvalY); err != nil {
					t.Errorf("output at inference: %v", err)
				}
			}
			// The same through Network, which adds memory and the output activation.
			if err := near(values(net.Forward(x, true)), c.Y); err != nil {
				t.Errorf("network's output: %v", err)
			}
		})
	}
}

func TestLossesAgreeWithPyTorch(t *testing.T) {
	for _, c := range load(t).Losses {
		loss, err := nn.LossNamed(c.Name)
		if err != nil {
			t.Fatal(err)
		}
		z, dz := tensor.NewBatch(4, tensor.Vec(3), 0), tensor.NewBatch(4, tensor.Vec(3), 0)
		targets := make([]float32, 12)
		for i := range targets {
			z.Data[i], targets[i] = float32(c.Z[i]), float32(c.T[i])
		}
		got := loss.Eval(dz, z, targets, 1)
		if math.Abs(got-c.Loss) > tolerance*c.Loss {
			t.Errorf("%s is %g, want %g", c.Name, got, c.Loss)
		}
		if err := near(dz.Data, c.DZ); err != nil {
			t.Errorf("gradient of %s: %v", c.Name, err)
		}
	}
}

func TestLeNet5HasThePublishedSize(t *testing.T) {
	net, err := nn.New(tensor.Shape{H: 28, W: 28, C: 1}, 1, conv.LeNet5(10, nn.Softmax{})...)
	if err != nil {
		t.Fatal(err)
	}
	if net.Size() != 61706 {
		t.Errorf("%d weights, want 61706", net.Size())
	}
}
