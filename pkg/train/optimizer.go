// Package train makes a network learn: gradient descent in all its sizes of
// batch, its optimizers and schedules, validation, early stopping, and states
// from which a run goes on as if it had never stopped.
//
// What is computed depends on the Trainer's fields, the data and the weights
// alone, never on the number of threads: a batch is cut into a fixed number of
// shards with gradients of their own, which are added in a fixed order.
package train

import (
	"fmt"
	"math"

	"squint/internal/simd"
)

// Optimizer says how a gradient changes weights. It is a plain value; what it
// remembers between steps are Slots vectors, as long as the weights, that the
// trainer keeps for it (and saves).
type Optimizer interface {
	Slots() int
	// Step changes the weights w by their gradient g, with the slots' windows
	// for these weights. decay is false for weights that decay leaves alone;
	// t counts the steps from 1.
	Step(w, g []float32, slots [][]float32, decay bool, lr float32, t int)
}

// SGD is gradient descent, w ← w − lr·v with v ← momentum·v + g + decay·w, and
// with Nesterov looking one step ahead; torch.optim.SGD. Momentum 0 is plain
// gradient descent.
type SGD struct {
	Momentum float32
	Nesterov bool
	Decay    float32 // weight decay
}

// Slots implements Optimizer.
func (o SGD) Slots() int {
	if o.Momentum == 0 {
		return 0
	}
	return 1
}

// Step implements Optimizer.
func (o SGD) Step(w, g []float32, slots [][]float32, decay bool, lr float32, _ int) {
	d := o.Decay
	if !decay {
		d = 0
	}
	if o.Momentum != 0 {
		simd.SGD(w, slots[0], g, lr, o.Momentum, d, o.Nesterov)
		return
	}
	if d != 0 {
		simd.Scale(w, 1-lr*d)
	}
	simd.Axpy(w, g, -lr)
}

// AdamW scales each weight's step by a running estimate of its gradient's
// size; Loshchilov and Hutter 2019, torch.optim.AdamW with betas 0.9 and 0.999
// and epsilon 1e-8.
type AdamW struct {
	Decay float32 // weight decay
}

// Slots implements Optimizer.
func (AdamW) Slots() int { return 2 }

// Step implements Optimizer.
func (o AdamW) Step(w, g []float32, slots [][]float32, decay bool, lr float32, t int) {
	const b1, b2, eps = 0.9, 0.999, 1e-8
	d := float64(o.Decay)
	if !decay {
		d = 0
	}
	c1, c2 := 1-math.Pow(b1, float64(t)), 1-math.Pow(b2, float64(t))
	simd.AdamW(w, slots[0], slots[1], g, float64(lr), b1, b2, eps, d, c1, c2)
}

// OptimizerNamed returns the optimizer called "sgd" (Nesterov where momentum
// is not 0) or "adamw".
func OptimizerNamed(name string, momentum, decay float32) (Optimizer, error) {
	switch name {
	case "sgd":
		return SGD{Momentum: momentum, Nesterov: momentum != 0, Decay: decay}, nil
	case "adamw":
		return AdamW{Decay: decay}, nil
	}
	return nil, fmt.Errorf("unknown optimizer %q, want sgd or adamw", name)
}
