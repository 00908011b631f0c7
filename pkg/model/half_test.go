package model_test

import (
	"strings"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/model"
	"squint/pkg/nn"
)

// A model of 16 bits rounds what has two dimensions or more, and nothing else.
func TestHalf(t *testing.T) {
	m := tiny(t)
	m.Half = true
	for i := range m.Net.W {
		m.Net.W[i] *= 1.1
	}
	got, err := model.Decode(encode(t, m))
	if err != nil || !got.Half {
		t.Fatalf("%v, half %v", err, got.Half)
	}
	for i, p := range m.Net.Params() {
		want, have := weights(p), weights(got.Net.Params()[i])
		rounded := false
		for j, w := range want {
			rounded = rounded || have[j] != w
			if d := have[j] - w; d > 0x1p-11*max(w, -w) || -d > 0x1p-11*max(w, -w) { // half of the last of 11 digits
				t.Errorf("%s: %v became %v", p.Name, w, have[j])
			}
		}
		if rounded != (len(p.Dims) > 1) {
			t.Errorf("%s %v: rounded %v", p.Name, p.Dims, rounded)
		}
	}
	m.Half = false
	if a, b := len(encode(t, m)), len(encode(t, got)); b >= a {
		t.Errorf("%d bytes at 16 bits, %d at 32", b, a)
	}
}

func weights(p *nn.Param) []float32 {
	w := make([]float32, p.Size())
	p.Export(w)
	return w
}

func TestHalfRefuses(t *testing.T) {
	m := tiny(t)
	m.Half = true
	m.Net.Params()[0].W[0] = 65536
	if _, err := m.Encode(); err == nil || !strings.Contains(err.Error(), "0.weight hold a value that is 65536") {
		t.Errorf("Encode: %v", err)
	}
	retype := func(name string) []byte {
		return edit(t, func(_ map[string]string, ts *[]safetensors.Tensor) {
			for i, x := range *ts {
				if x.Name == name {
					v := make([]float32, x.Len())
					x.Floats(v)
					(*ts)[i] = safetensors.New(name, safetensors.F16, x.Shape, v)
				}
			}
		})
	}
	for name, want := range map[string]string{
		"2.bias":   "weights 0.weight are F32, want F16", // makes it a model of 16 bits
		"7.weight": "weights 0.weight are F32, want F16", // all or none
	} {
		if _, err := model.Decode(retype(name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s in 16 bits: %v, want an error with %q", name, err, want)
		}
	}
}
