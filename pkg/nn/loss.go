package nn

import (
	"fmt"
	"math"

	"squint/pkg/tensor"
)

// Loss measures how far a network's outputs are from their targets.
//
// A loss which belongs together with an output activation is computed from the
// logits, the values before that activation: the two derivatives cancel to
// (output − target), which neither overflows nor vanishes where the activation
// is flat.
type Loss interface {
	// Fused is the kind of output activation whose derivative the loss contains;
	// it then expects logits for z. "" means that z is the network's output.
	Fused() string
	// Eval returns the losses of all examples, added up, and writes scale times
	// the gradient by z to dz. t holds the targets, [N][outputs].
	Eval(dz, z tensor.Batch, t []float32, scale float32) float64
}

// LossNamed returns the loss called "squared-error", "binary-cross-entropy",
// "cross-entropy" or "perceptron".
func LossNamed(name string) (Loss, error) {
	switch name {
	case "squared-error":
		return SquaredError{}, nil
	case "binary-cross-entropy":
		return BinaryCrossEntropy{}, nil
	case "cross-entropy":
		return CrossEntropy{}, nil
	case "perceptron":
		return PerceptronRule{}, nil
	}
	return nil, fmt.Errorf("unknown loss %q, want squared-error, binary-cross-entropy, cross-entropy or perceptron", name)
}

// LossFor returns the loss that belongs to a kind of output activation.
func LossFor(output string) Loss {
	switch output {
	case "sigmoid":
		return BinaryCrossEntropy{}
	case "softmax":
		return CrossEntropy{}
	case "threshold":
		return PerceptronRule{}
	}
	return SquaredError{}
}

// SquaredError is ½ Σ_k (y_k − t_k)² for one example, whose gradient is y − t:
// the form of the textbooks. (torch.nn.MSELoss averages instead.)
type SquaredError struct{}

// BinaryCrossEntropy is −Σ_k [t_k ln y_k + (1−t_k) ln(1−y_k)] for one example
// with y = sigmoid(z); torch.nn.BCEWithLogitsLoss, summed over the outputs.
type BinaryCrossEntropy struct{}

// CrossEntropy is −Σ_k t_k ln y_k for one example with y = softmax(z);
// torch.nn.CrossEntropyLoss. The targets of one example sum to 1.
type CrossEntropy struct{}

// PerceptronRule is the perceptron criterion Σ_k max(0, −s_k z_k) with s = ±1
// for t = 1, 0. Its gradient is y − t with y = threshold(z), so that gradient
// descent on single examples is Rosenblatt's learning rule:
// w ← w + rate · (t − y) · x changes nothing where the answer is right.
type PerceptronRule struct{}

// Fused implements Loss.
func (SquaredError) Fused() string { return "" }

// Fused implements Loss.
func (BinaryCrossEntropy) Fused() string { return "sigmoid" }

// Fused implements Loss.
func (CrossEntropy) Fused() string { return "softmax" }

// Fused implements Loss.
func (PerceptronRule) Fused() string { return "threshold" }

// Eval implements Loss.
func (SquaredError) Eval(dz, z tensor.Batch, t []float32, scale float32) float64 {
	var loss float64
	d := dz.Run(0)
	for i, v := range z.Run(0) {
		e := v - t[i]
		loss += 0.5 * float64(e) * float64(e)
		d[i] = scale * e
	}
	return loss
}

// Eval implements Loss.
func (BinaryCrossEntropy) Eval(dz, z tensor.Batch, t []float32, scale float32) float64 {
	var loss float64
	d := dz.Run(0)
	for i, v := range z.Run(0) {
		// −t ln σ(z) − (1−t) ln(1−σ(z)) = softplus(z) − t z
		loss += softplus(float64(v)) - float64(t[i])*float64(v)
		d[i] = scale * (sigmoid(v) - t[i])
	}
	return loss
}

// Eval implements Loss.
func (CrossEntropy) Eval(dz, z tensor.Batch, t []float32, scale float32) float64 {
	var loss float64
	for n := range z.N {
		x, d := z.Row(n, 0), dz.Row(n, 0)
		t := t[n*len(x) : (n+1)*len(x)]
		top := x[0]
		for _, v := range x {
			top = max(top, v)
		}
		var sum, tx, ts float64
		for i, v := range x {
			e := math.Exp(float64(v - top))
			d[i] = float32(e)
			sum += e
			tx += float64(t[i]) * float64(v-top)
			ts += float64(t[i])
		}
		loss += ts*math.Log(sum) - tx // −Σ t ln y, ln y = x − top − ln Σ
		for i, e := range d {
			d[i] = scale * (float32(float64(e)/sum) - t[i])
		}
	}
	return loss
}

// Eval implements Loss.
func (PerceptronRule) Eval(dz, z tensor.Batch, t []float32, scale float32) float64 {
	var loss float64
	d := dz.Run(0)
	for i, v := range z.Run(0) {
		var y float32
		if v > 0 {
			y = 1
		}
		loss += float64((y - t[i]) * v)
		d[i] = scale * (y - t[i])
	}
	return loss
}

// Targets writes what the network should answer for the labels, one row of
// outputs values an example. One output stands for class 1 of two; otherwise
// each class has its output. smoothing moves the targets towards undecided:
// 1/outputs for softmax, where they sum to 1, and 1/2 for single outputs.
// Szegedy et al. 2016.
func Targets(t []float32, labels []int, outputs int, output string, smoothing float32) {
	middle := float32(0.5)
	if output == "softmax" {
		middle = 1 / float32(outputs)
	}
	low := smoothing * middle
	high := 1 - smoothing + low
	for n, label := range labels {
		row := t[n*outputs : (n+1)*outputs]
		for k := range row {
			row[k] = low
		}
		if outputs > 1 {
			row[label] = high
		} else if label == 1 {
			row[0] = high
		}
	}
}

// Probabilities turns one example's logits into a probability for each class:
// softmax as it is; sigmoids, one a class, divided by their sum; a single
// sigmoid y as (1−y, y). Threshold outputs are ranked by the sigmoid of the
// weighted sum, since 0 and 1 alone could not rank them; other outputs by
// softmax.
func Probabilities(p, logits []float32, output string) {
	switch {
	case len(logits) == 1:
		y := sigmoid(logits[0])
		p[0], p[1] = 1-y, y
	case output == "sigmoid" || output == "threshold":
		var sum float64
		for i, z := range logits {
			y := 1 / (1 + math.Exp(-float64(z)))
			p[i] = float32(y)
			sum += y
		}
		if sum < math.SmallestNonzeroFloat32 { // every unit says no: only their order is left
			softmax(p, logits)
			return
		}
		for i := range p {
			p[i] = float32(float64(p[i]) / sum)
		}
	default:
		softmax(p, logits)
	}
}

// Classes returns how many classes a network with this many outputs tells
// apart: a single output tells two.
func Classes(outputs int) int { return max(outputs, 2) }
