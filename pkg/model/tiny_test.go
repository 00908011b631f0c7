package model_test

import (
	"encoding/json"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// tiny is a model of under 4 KiB with colour, a border, running statistics and
// a residual block; its weights follow a formula and are exact in binary.
func tiny(t testing.TB) *model.Model {
	t.Helper()
	in := tensor.Shape{H: 6, W: 6, C: 3}
	net, err := nn.New(in, 1,
		conv.Conv2D{Filters: 2, Kernel: 3, Pad: 1, NoBias: true}, conv.MaxPool{Size: 2}, conv.BatchNorm{}, nn.ReLU{},
		conv.Residual{Body: nn.Specs{conv.Conv2D{Filters: 2, Kernel: 3, Pad: 1}}}, nn.ReLU{},
		nn.Flatten{}, mlp.Dense{Units: 3}, nn.Softmax{},
	)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for _, p := range net.Params() {
		w := make([]float32, p.Size())
		for i := range w {
			w[i] = float32(k*7919%257-128) / 256
			if p.Name == "2.running_var" {
				w[i] += 1
			}
			k++
		}
		p.Import(w)
	}
	net.Sync()
	return &model.Model{
		Classes: []string{"cat", "dog", "égal <3"},
		Prep:    imageio.Prep{Size: in, Fit: imageio.FitCrop, Mean: []float32{0.5, 0.25, 0.125}, Std: []float32{0.25, 0.5, 1}},
		Net:     net,
		Report:  json.RawMessage(`{"schema":1,"test":{"n":10,"accuracy":0.9}}`),
		Receipt: model.Receipt{
			Version: "0.1.0", Go: "go1.26.8", Seed: 1<<64 - 1, Recipe: json.RawMessage(`{"arch":"lenet","epochs":2}`),
			Data: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		},
	}
}

// pixels are the bytes of n pictures for tiny.
func pixels(n int) []uint8 {
	b := make([]uint8, n*6*6*3)
	for i := range b {
		b[i] = uint8(i * 37 % 251)
	}
	return b
}

func encode(t testing.TB, m *model.Model) []byte {
	t.Helper()
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
