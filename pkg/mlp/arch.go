package mlp

import (
	"fmt"

	"squint/pkg/nn"
)

// MLP returns a deep multilayer perceptron: flatten, then a dense layer with
// the activation for each hidden size, then a dense layer of outputs units
// with the output activation ("sigmoid", "softmax" or "threshold").
//
// One sigmoid output answers "how likely is it class 1"; one sigmoid a class
// answers that for each class on its own.
func MLP(hidden []int, outputs int, activation, output nn.Spec, dropout float32) nn.Specs {
	init := "he" // for units that are linear on one side at least
	switch activation.(type) {
	case nn.Sigmoid, nn.Tanh, nn.Identity:
		init = "glorot"
	}
	specs := nn.Specs{nn.Flatten{}}
	for _, units := range hidden {
		specs = append(specs, Dense{Units: units, Init: init}, activation)
		if dropout > 0 {
			specs = append(specs, nn.Dropout{P: dropout})
		}
	}
	return append(specs, Dense{Units: outputs, Init: "glorot"}, output)
}

// Perceptron returns one layer of neurons, one a class (one in all for two
// classes where single is set by outputs = 1), without hidden layers. With
// nn.Threshold as output it is Rosenblatt's perceptron and learns by his rule.
func Perceptron(outputs int, output nn.Spec) nn.Specs {
	return nn.Specs{nn.Flatten{}, Dense{Units: outputs, Init: "zeros"}, output}
}

// CheckActivation says whether an activation can be used in hidden layers.
func CheckActivation(a nn.Spec) error {
	switch a.(type) {
	case nn.Threshold:
		return fmt.Errorf("threshold has no gradient, so hidden layers cannot learn through it: take relu, tanh, sigmoid or softplus (threshold is for the perceptron)")
	case nn.Softmax:
		return fmt.Errorf("softmax is an output activation: take relu, tanh, sigmoid or softplus for hidden layers")
	}
	return nil
}
