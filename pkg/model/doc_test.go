package model_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// smallest is a perceptron for pictures of two pixels.
func smallest(t testing.TB) *model.Model {
	t.Helper()
	in := tensor.Shape{H: 1, W: 2, C: 1}
	net, err := nn.New(in, 1, mlp.Perceptron(1, nn.Sigmoid{})...)
	if err != nil {
		t.Fatal(err)
	}
	net.Params()[0].Import([]float32{-4, 4})
	net.Params()[1].Import([]float32{0.5})
	return &model.Model{Classes: []string{"left", "right"}, Prep: imageio.Prep{Size: in}, Net: net}
}

// docs/model-format.md walks through its bytes; they are what Encode writes.
func TestDocumentedBytes(t *testing.T) {
	doc, err := os.ReadFile("../../docs/model-format.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := hex.Dump(encode(t, smallest(t))); !strings.Contains(string(doc), want) {
		t.Errorf("docs/model-format.md does not have the bytes\n%s", want)
	}
}
