package main

import (
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// newModel returns a model that tells by the mean grey x of a picture, 0 to 1:
// the first class has the logit 8x-4, the second 0, the others -20. Of two
// classes the first gets the probability 1/(1+e^(4-8x)): black 0.018, white 0.982.
func newModel(classes ...string) (*model.Model, error) {
	m := &model.Model{Classes: classes, Prep: imageio.Prep{Size: tensor.Shape{H: 1, W: 1, C: 1}}}
	var err error
	if m.Net, err = nn.New(m.Prep.Size, 1, mlp.Perceptron(len(classes), nn.Softmax{})...); err != nil {
		return nil, err
	}
	weight, bias := make([]float32, len(classes)), make([]float32, len(classes))
	weight[0], bias[0] = 8, -4
	for i := 2; i < len(bias); i++ {
		bias[i] = -20
	}
	params := m.Net.Params()
	params[0].Import(weight)
	params[1].Import(bias)
	m.Net.Sync()
	return m, nil
}

func writeModel(path string, classes ...string) error {
	m, err := newModel(classes...)
	if err != nil {
		return err
	}
	return m.Write(path)
}
