package train

import (
	"reflect"
	"testing"
)

func TestCheckpointKeepsTheState(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	for _, o := range []Optimizer{SGD{}, SGD{Momentum: 0.9}, AdamW{}} {
		tr := trainer(t)
		tr.Optimizer, tr.LR = o, 0.01
		var states []*State
		tr.OnStep = func(p Progress) error { states = append(states, p.State()); return nil }
		res := mustRun(t, tr, fit, valid)
		for _, want := range append(states, res.State) {
			b, err := want.Encode(map[string]string{"recipe": `{"x":1}`})
			if err != nil {
				t.Fatal(err)
			}
			got, meta, err := DecodeState(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%T: step %d is not what was saved", o, want.Step)
			}
			if !reflect.DeepEqual(meta, map[string]string{"recipe": `{"x":1}`}) {
				t.Fatalf("meta is %v", meta)
			}
		}
	}
}

func TestDamagedCheckpointIsRefused(t *testing.T) {
	res := mustRun(t, trainer(t), blobs(60, 8, 1), blobs(30, 8, 2))
	b, err := res.State.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(b); i += 97 { // every bit is safetensors' own test
		b[i] ^= 4
		if _, _, err := DecodeState(b); err == nil {
			t.Errorf("bit 2 of byte %d: not noticed", i)
		}
		b[i] ^= 4
	}
	bad := *res.State
	bad.Best = bad.Best[1:]
	if b, err = bad.Encode(nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := DecodeState(b); err == nil {
		t.Error("vectors of different length were accepted")
	}
}
