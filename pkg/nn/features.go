package nn

import "squint/pkg/tensor"

// Features returns what the last layer before the output activation read in the last
// Logits: all that the network has found in the pictures, of which the last layer only
// takes sums. It belongs to the network and is valid until the next Logits.
func (n *Network) Features() tensor.Batch { return n.body.last }

// FeatureShape returns the shape of one picture's Features.
func (n *Network) FeatureShape() tensor.Shape {
	if i := len(n.body.layers) - 2; i >= 0 {
		return n.body.layers[i].Out()
	}
	return n.In
}

// Stands tells whether output k of a network with so many outputs should say yes
// to a picture of class label: one output stands for class 1 of two, otherwise
// each class has its own.
func Stands(k, outputs, label int) bool {
	if outputs == 1 {
		return label == 1
	}
	return label == k
}
