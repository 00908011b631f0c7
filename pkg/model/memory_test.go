package model_test

import (
	"runtime"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
)

// decode is model.Decode, and sees to what docs/model-format.md says of memory:
// beside the file's bytes, 1.1 times as much (twice that where the weights have
// 16 bits, since kernels want 32) and 8 MiB. It counts all that is taken, so also
// what is given back meanwhile.
func decode(t testing.TB, b []byte) (*model.Model, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := model.Decode(b)
	runtime.ReadMemStats(&after)
	limit := uint64(len(b))
	if m != nil && m.Half {
		limit *= 2
	}
	limit += limit/10 + 8<<20
	if got := after.TotalAlloc - before.TotalAlloc; got > limit {
		t.Errorf("Decode of %d bytes took %d bytes, want at most %d (%v)", len(b), got, limit, err)
	}
	return m, err
}

// A model whose file is nearly all one tensor, in both types.
func TestMemory(t *testing.T) {
	m := tiny(t)
	var err error
	if m.Net, err = nn.New(m.Prep.Size, 1, nn.Flatten{}, mlp.Dense{Units: 8192, Init: "zeros"}, mlp.Dense{Units: 2048, Init: "zeros"}, mlp.Dense{Units: 3}); err != nil {
		t.Fatal(err)
	}
	for _, m.Half = range []bool{false, true} {
		b := encode(t, m)
		if len(b) < 32<<20 {
			t.Fatalf("%d bytes, want so many that 8 MiB do not matter", len(b))
		}
		if _, err := decode(t, b); err != nil {
			t.Error(err)
		}
	}
}

// A small file that describes a large network is refused before the memory for
// its weights, or for its layers' outputs, is taken.
func TestHostileMemory(t *testing.T) {
	for _, network := range []string{
		`[{"kind":"flatten"},{"kind":"dense","units":1048576},{"kind":"dense","units":3}]`,
		`[{"kind":"conv","filters":1,"kernel":1,"no_bias":true,"pad":255},{"kind":"conv","filters":18,"kernel":1,"no_bias":true,"pad":255},{"kind":"globalpool"},{"kind":"dense","units":3}]`,
	} {
		b := edit(t, func(meta map[string]string, _ *[]safetensors.Tensor) { meta["network"] = network })
		if _, err := decode(t, b); err == nil {
			t.Errorf("%s: no error", network)
		}
	}
}
