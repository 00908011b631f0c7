package train

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// testdata/golden.json holds what PyTorch's optimizers do in float64 for the
// same gradients, step by step; see make_golden.py. After five steps of 0.1
// float32 may be off by a few roundings of 6e-8: 1e-6.
func TestOptimizersAgreeWithPyTorch(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Start []float32
		Grads [][]float32
		Cases []struct {
			Name, Kind      string
			Momentum, Decay float32
			Nesterov        bool
			Weights         [][]float64
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		var o Optimizer = SGD{Momentum: c.Momentum, Nesterov: c.Nesterov, Decay: c.Decay}
		if c.Kind == "adamw" {
			o = AdamW{Decay: c.Decay}
		}
		w := append([]float32(nil), golden.Start...)
		var slots [][]float32
		for range o.Slots() {
			slots = append(slots, make([]float32, len(w)))
		}
		for step, g := range golden.Grads {
			o.Step(w, g, slots, true, 0.1, step+1)
			for i, want := range c.Weights[step] {
				if math.Abs(float64(w[i])-want) > 1e-6 {
					t.Fatalf("%s, step %d: weight %d is %v, want %v", c.Name, step+1, i, w[i], want)
				}
			}
		}
	}
}

// Without decay weights that get no gradient stay; with it they shrink.
func TestDecayLeavesSomeAlone(t *testing.T) {
	for _, o := range []Optimizer{SGD{Decay: 0.1}, SGD{Momentum: 0.9, Decay: 0.1}, AdamW{Decay: 0.1}} {
		for _, decay := range []bool{false, true} {
			w, g := []float32{2}, []float32{0}
			slots := [][]float32{{0}, {0}}
			o.Step(w, g, slots, decay, 0.1, 1)
			if (w[0] < 2) != decay {
				t.Errorf("%T, decay %v: 2 became %v", o, decay, w[0])
			}
		}
	}
}

func TestOptimizerNames(t *testing.T) {
	if o, err := OptimizerNamed("sgd", 0.9, 0.1); err != nil || o != (SGD{Momentum: 0.9, Nesterov: true, Decay: 0.1}) {
		t.Error(o, err)
	}
	if o, err := OptimizerNamed("adamw", 0.9, 0.1); err != nil || o != (AdamW{Decay: 0.1}) {
		t.Error(o, err)
	}
	if _, err := OptimizerNamed("adam", 0, 0); err == nil {
		t.Error("an unknown optimizer was accepted")
	}
}
