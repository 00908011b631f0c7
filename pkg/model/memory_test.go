package model_test

import (
	"runtime"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
)

// allocated returns the bytes that f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Reading takes memory for the weights, their gradients, the initial weights
// that nn.New draws and one tensor in the order of files: four times the file
// where one tensor is nearly all of it, and buffers that are small against it.
func TestMemory(t *testing.T) {
	m := tiny(t)
	var err error
	if m.Net, err = nn.New(m.Prep.Size, 1, mlp.MLP([]int{4096, 256}, 3, nn.ReLU{}, nn.Softmax{}, 0)...); err != nil {
		t.Fatal(err)
	}
	b := encode(t, m)
	got := allocated(func() {
		if _, err := model.Decode(b); err != nil {
			t.Fatal(err)
		}
	})
	if limit := uint64(len(b)) * 43 / 10; got > limit {
		t.Errorf("Decode of %d bytes took %d bytes, want at most %d", len(b), got, limit)
	}
}

// A small file that describes a large network is refused before the memory for
// its weights is taken.
func TestHostileMemory(t *testing.T) {
	b := edit(t, func(meta map[string]string, _ *[]safetensors.Tensor) {
		meta["network"] = `[{"kind":"flatten"},{"kind":"dense","units":1048576},{"kind":"dense","units":3}]`
	})
	got := allocated(func() {
		if _, err := model.Decode(b); err == nil {
			t.Error("no error")
		}
	})
	// 4 MiB for the outputs of the layer that is one too many (its weights
	// would be 432 MiB), and as much again for the rest.
	if got > 8<<20 {
		t.Errorf("Decode took %d bytes", got)
	}
}
