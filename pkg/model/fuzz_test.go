package model_test

import (
	"bytes"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/model"
)

// FuzzDecode feeds Decode any bytes, as they are and with the checksum put
// right.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, tiny(f)))
	half := tiny(f)
	half.Half = true
	f.Add(encode(f, half))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		check(t, b)
		b = bytes.Clone(b)
		if safetensors.Seal(b) {
			check(t, b)
		}
	})
}

// FuzzParts feeds Decode whole files in which any part may say anything.
func FuzzParts(f *testing.F) {
	parts, err := safetensors.Decode(encode(f, tiny(f)))
	if err != nil {
		f.Fatal(err)
	}
	m := parts.Meta
	f.Add(m["classes"], m["network"], m["prep"], m["receipt"], m["report"], "0.weight", uint8(2), uint8(3))
	f.Add(`["a","b"]`, `[{"kind":"flatten"},{"kind":"dense","units":1}]`, `{"size":{"h":1,"w":1,"c":1}}`, `{"seed":0}`, `{}`, "1.weight", uint8(1), uint8(1))
	f.Add(`["a","b"]`, `[{"kind":"conv","filters":2,"kernel":3,"stride":2,"pad":1,"no_bias":true},{"kind":"globalpool"}]`, `{"size":{"h":8,"w":8,"c":1}}`, `{"seed":0}`, `{}`, "0.weight", uint8(2), uint8(1))
	f.Add(`["a","b"]`, `[{"kind":"maxpool","size":3,"stride":1},{"kind":"dropout","p":0.5},{"kind":"flatten"},{"kind":"dense","units":2,"no_bias":true},{"kind":"sigmoid"}]`, `{"size":{"h":3,"w":3,"c":3},"mean":[0,0,1]}`, `{"seed":1}`, `{"a":[]}`, "3.weight", uint8(2), uint8(3))
	f.Fuzz(func(t *testing.T, classes, network, prep, receipt, report, name string, d0, d1 uint8) {
		meta := map[string]string{"format": "squint-model-1", "classes": classes, "network": network, "prep": prep, "receipt": receipt}
		if report != "" {
			meta["report"] = report
		}
		tensors := parts.Tensors
		if name != "0.weight" || d0 != 2 {
			shape := []int{int(d0), int(d1)}
			tensors = []safetensors.Tensor{safetensors.New(name, safetensors.F32, shape, make([]float32, int(d0)*int(d1)))}
		}
		b, err := safetensors.Encode(meta, tensors)
		if err != nil {
			return
		}
		check(t, b)
	})
}

// check wants an error, or a model that is written back to the same bytes and
// answers with probabilities.
func check(t *testing.T, b []byte) {
	m, err := model.Decode(b)
	if err != nil {
		return
	}
	if again, err := m.Encode(); err != nil || !bytes.Equal(again, b) {
		t.Fatalf("accepted, but written again differs (%v):\n%q\n%q", err, b, again)
	}
	c, err := m.NewClassifier(1)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float32, len(m.Classes))
	c.Probs(p, make([]uint8, m.Prep.Size.Size()), 1)
	for _, v := range p {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("probabilities %v", p)
		}
	}
}
