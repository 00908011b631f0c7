package model_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/model"
)

// testdata/torch.safetensors is the state_dict of a PyTorch network equal to
// tiny's, in a module that calls it "model"; see make_torch.py, which gave the
// probabilities too.
func TestImport(t *testing.T) {
	b, err := os.ReadFile("testdata/torch.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	m := tiny(t)
	before := encode(t, m)
	got, err := m.Import(b)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Classes, m.Classes) || got.Report != nil || got.Receipt.Recipe != nil {
		t.Errorf("classes %v, report %s, receipt %+v", got.Classes, got.Report, got.Receipt)
	}
	probs := make([]float32, 6)
	classifier(t, got, 2).Probs(probs, pixels(2), 2)
	for i, want := range torchProbs {
		if d := float64(probs[i]) - want; d > 5e-6 || d < -5e-6 {
			t.Errorf("probability %d is %v, PyTorch's %v", i, probs[i], want)
		}
	}
	if !slices.Equal(encode(t, m), before) {
		t.Error("the first model has changed")
	}
	if _, err := model.Decode(encode(t, got)); err != nil {
		t.Error(err)
	}
}

// From testdata/make_torch.py.
var torchProbs = []float64{0.4897542633985597, 0.3543426662466478, 0.15590307035479242, 0.49449734851826405, 0.34605977583005404, 0.15944287565168205}

// What is missing, wrong or too much is named.
func TestImportRefuses(t *testing.T) {
	m := tiny(t)
	file := func(change func(ts []safetensors.Tensor) []safetensors.Tensor) []byte {
		return edit(t, func(_ map[string]string, ts *[]safetensors.Tensor) { *ts = change(*ts) })
	}
	if _, err := m.Import(file(func(ts []safetensors.Tensor) []safetensors.Tensor { return ts })); err != nil {
		t.Errorf("its own weights: %v", err)
	}
	for _, c := range []struct {
		want   string
		change func(ts []safetensors.Tensor) []safetensors.Tensor
	}{
		{"0.weight [2 3 3 3] are missing", func(ts []safetensors.Tensor) []safetensors.Tensor { return ts[1:] }},
		{"7.weight [3 18] are missing", func(ts []safetensors.Tensor) []safetensors.Tensor { return ts[:len(ts)-1] }},
		{"have shape [18 3], want [3 18]", func(ts []safetensors.Tensor) []safetensors.Tensor {
			ts[len(ts)-1].Shape = []int{18, 3}
			return ts
		}},
		{`"8.weight" [1] belong to no layer`, func(ts []safetensors.Tensor) []safetensors.Tensor {
			return append(ts, safetensors.New("8.weight", safetensors.F32, []int{1}, []float32{1}))
		}},
		{"hold a value", func(ts []safetensors.Tensor) []safetensors.Tensor {
			copy(ts[0].Data, "\x00\x00\x80\x7f") // infinite
			return ts
		}},
	} {
		if _, err := m.Import(file(c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
	if _, err := m.Import([]byte("PK\x03\x04archive/data.pkl")); err == nil || !strings.Contains(err.Error(), "PyTorch") {
		t.Errorf("a pickle: %v", err)
	}
}
