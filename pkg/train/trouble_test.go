package train

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"squint/internal/simd"
	"squint/pkg/augment"
	"squint/pkg/dataset"
	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// fragile is SGD that breaks at step at while the learning rate is over limit.
type fragile struct {
	SGD
	at    int
	limit float32
	value float32
}

func (o fragile) Step(w, g []float32, slots [][]float32, decay bool, lr float32, t int) {
	o.SGD.Step(w, g, slots, decay, lr, t)
	if t == o.at && lr > o.limit {
		w[len(w)/2] = o.value
	}
}

func TestRollBack(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	for _, value := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		make := func() *Trainer {
			tr := trainer(t)
			tr.Schedule, tr.LR = Constant, 0.1
			tr.Optimizer = fragile{SGD{Momentum: 0.9}, 4, 0.05, value} // the second step of the second epoch
			return tr
		}
		whole := make()
		var said []string
		whole.OnTrouble = func(s string) { said = append(said, s) }
		whole.OnStep = func(p Progress) error {
			s := p.State()
			for _, v := range [][]float32{s.Weights, s.Average, s.Slots[0]} {
				if !simd.IsFinite(v) {
					t.Fatalf("step %d: a state that is not finite", p.Step)
				}
			}
			return nil
		}
		want := mustRun(t, whole, fit, valid)
		if want.State.Rollbacks != 1 || len(said) != 1 || !strings.Contains(said[0], "step 4: back to the beginning of epoch 2 with the learning rate times 0.3") {
			t.Errorf("%d rollbacks, said %q", want.State.Rollbacks, said)
		}
		if len(want.Epochs) != 4 || want.Epochs[0].LR != float64(float32(0.1)) || math.Abs(want.Epochs[1].LR-0.03) > 1e-8 {
			t.Errorf("epochs %+v", want.Epochs)
		}
		// Broken off anywhere, before or after, it ends the same.
		for stop := 1; stop < want.State.Step; stop++ {
			first := make()
			ctx, cancel := context.WithCancel(context.Background())
			first.OnStep = func(p Progress) error {
				if p.Step == stop {
					cancel()
				}
				return nil
			}
			res, err := first.Run(ctx, fit, valid)
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			b, err := res.State.Encode(nil)
			if err != nil {
				t.Fatal(err)
			}
			second := make()
			if second.Resume, _, err = DecodeState(b); err != nil {
				t.Fatal(err)
			}
			mustRun(t, second, fit, valid)
			if !slices.Equal(second.Net.W, whole.Net.W) {
				t.Fatalf("resumed at step %d: other weights", stop)
			}
		}
	}
}

// What cannot be helped ends, with numbers that are still finite.
func TestThreeRollbacksAreEnough(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	tr := trainer(t)
	tr.Optimizer = fragile{SGD{Momentum: 0.9}, 3, 0, float32(math.NaN())}
	said := 0
	tr.OnTrouble = func(string) { said++ }
	res, err := tr.Run(context.Background(), fit, valid)
	var bad *NotFinite
	if !errors.As(err, &bad) || bad.Step != 3 || bad.Epoch != 2 || said != 3 {
		t.Errorf("%v after %d rollbacks", err, said)
	}
	if res.State.Step != 2 || !simd.IsFinite(res.State.Weights) || !simd.IsFinite(tr.Net.W) {
		t.Errorf("ends at step %d, want the beginning of epoch 2 and finite weights", res.State.Step)
	}
}

func TestCollapseIsSaid(t *testing.T) {
	fit, valid := blobs(60, 8, 1), blobs(30, 8, 2)
	for _, c := range []struct {
		output nn.Spec
		chance string // ln 3; three units at 1/3 each: ln 3 + 2·ln 1.5
	}{{nn.Softmax{}, "by chance 1.099"}, {nn.Sigmoid{}, "by chance 1.910"}} {
		var said []string
		run := func(lr float32, valid *dataset.Set) {
			said = nil
			tr := trainer(t, mlp.Perceptron(3, c.output)...)
			tr.LR, tr.EMA, tr.Epochs, tr.Augment = lr, 0, 5, augment.Policy{}
			tr.OnTrouble = func(s string) { said = append(said, s) }
			mustRun(t, tr, fit, valid)
		}
		if run(0, valid); len(said) != 1 || !strings.Contains(said[0], `taken for "left"`) || !strings.Contains(said[0], c.chance) {
			t.Errorf("a learning rate of 0: said %q", said)
		}
		if run(0.05, valid); len(said) != 0 {
			t.Errorf("a network that learns: said %q", said)
		}
		if run(0, &dataset.Set{}); len(said) != 0 {
			t.Errorf("without a validation part: said %q", said)
		}
	}
}
