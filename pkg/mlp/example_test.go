package mlp_test

import (
	"fmt"

	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// set gives a parameter its weights, in PyTorch's order.
func set(n *nn.Network, param int, w ...float32) {
	n.Params()[param].Import(w)
	n.Sync()
}

// input makes a batch of vectors.
func input(rows ...[]float32) tensor.Batch {
	x := tensor.NewBatch(len(rows), tensor.Vec(len(rows[0])), 0)
	for i, r := range rows {
		copy(x.Row(i, 0), r)
	}
	return x
}

// Forward propagation as it is usually taught first: two inputs, one hidden
// layer of two units, one output, and no activation but the identity.
func Example_forwardPropagation() {
	net, err := nn.New(tensor.Vec(2), 1,
		mlp.Dense{Units: 2, NoBias: true}, nn.Identity{}, // the hidden layer
		mlp.Dense{Units: 1, NoBias: true},
	)
	if err != nil {
		panic(err)
	}
	set(net, 0, 1, 1, -1, 1) // hidden unit 1 adds its inputs, unit 2 subtracts the first from the second
	set(net, 1, 2, -1)

	hidden, err := nn.New(tensor.Vec(2), 1, net.Specs[:2]...)
	if err != nil {
		panic(err)
	}
	set(hidden, 0, 1, 1, -1, 1)

	x := input([]float32{2, 3})
	fmt.Println("hidden:", hidden.Forward(x, false).Data)
	fmt.Println("output:", net.Forward(x, false).Data)
	// Output:
	// hidden: [5 1]
	// output: [9]
}

// Gradient descent on the squared error, one step, by hand: y = w·x with
// w = (0, 2), x = (2, 3) gives 6 where 3 was wanted. The loss ½(y − t)² = 4.5
// has the gradient (y − t)·x = (6, 9); a step of 0.01 against it moves w to
// (−0.06, 1.91), and y to 5.61.
func Example_gradientStep() {
	net, err := nn.New(tensor.Vec(2), 1, mlp.Dense{Units: 1, NoBias: true})
	if err != nil {
		panic(err)
	}
	set(net, 0, 0, 2)
	x, target := input([]float32{2, 3}), []float32{3}
	dy := tensor.NewBatch(1, tensor.Vec(1), 0)

	loss := nn.SquaredError{}.Eval(dy, net.Forward(x, true), target, 1)
	net.Backward(dy)
	gradient := make([]float32, 2)
	net.Params()[0].ExportGrad(gradient)
	fmt.Println("loss:", loss)
	fmt.Println("gradient:", gradient)

	weights := []float32{0, 2}
	for i, g := range gradient {
		weights[i] -= 0.01 * g
	}
	set(net, 0, weights...)
	fmt.Printf("output after the step: %.2f\n", net.Forward(x, false).Data[0])
	// Output:
	// loss: 4.5
	// gradient: [6 9]
	// output after the step: 5.61
}

// A perceptron learns the logical AND by Rosenblatt's rule: after every example
// that it answers wrongly, its weights move by the input, with the error's
// sign. AND can be separated by a line, so the rule ends without errors.
func Example_perceptronLearnsAND() {
	net, err := nn.New(tensor.Vec(2), 1, mlp.Dense{Units: 1, Init: "zeros"}, nn.Threshold{})
	if err != nil {
		panic(err)
	}
	inputs := [][]float32{{0, 0}, {0, 1}, {1, 0}, {1, 1}}
	and := []float32{0, 0, 0, 1}
	dz := tensor.NewBatch(1, tensor.Vec(1), 0)
	for epoch := 1; ; epoch++ {
		errors := 0
		for i, x := range inputs {
			clear(net.G)
			nn.PerceptronRule{}.Eval(dz, net.Logits(input(x), true), and[i:i+1], 1)
			if dz.Data[0] != 0 {
				errors++
			}
			net.BackwardLogits(dz)
			for j, g := range net.G {
				net.W[j] -= g // learning rate 1
			}
			net.Sync()
		}
		if errors == 0 {
			fmt.Println("no errors in epoch", epoch)
			break
		}
	}
	for _, x := range inputs {
		fmt.Println(x, "->", net.Forward(input(x), false).Data[0])
	}
	// Output:
	// no errors in epoch 6
	// [0 0] -> 0
	// [0 1] -> 0
	// [1 0] -> 0
	// [1 1] -> 1
}

// XOR cannot be separated by a line, so it takes a hidden layer and gradient
// descent through it (Rumelhart, Hinton and Williams 1986).
func Example_mlpLearnsXOR() {
	net, err := nn.New(tensor.Vec(2), 4, mlp.MLP([]int{4}, 1, nn.Tanh{}, nn.Sigmoid{}, 0)...)
	if err != nil {
		panic(err)
	}
	x := input([]float32{0, 0}, []float32{0, 1}, []float32{1, 0}, []float32{1, 1})
	xor := []float32{0, 1, 1, 0}
	dz := tensor.NewBatch(4, tensor.Vec(1), 0)
	for range 2000 {
		clear(net.G)
		nn.BinaryCrossEntropy{}.Eval(dz, net.Logits(x, true), xor, 1.0/4)
		net.BackwardLogits(dz)
		for i, g := range net.G {
			net.W[i] -= 0.5 * g
		}
		net.Sync()
	}
	for i, y := range net.Forward(x, false).Data {
		fmt.Println(x.Row(i, 0), "->", y > 0.5)
	}
	// Output:
	// [0 0] -> false
	// [0 1] -> true
	// [1 0] -> true
	// [1 1] -> false
}
