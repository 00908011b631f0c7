package mlp

import (
	"math"
	"math/rand/v2"
	"testing"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// TestLateGradient compares the gradient by the weights that Backward adds at
// once with what Late adds afterwards, in pieces that end anywhere in a panel.
func TestLateGradient(t *testing.T) {
	const in, out, batch = 37, 41, 9
	net, err := nn.New(tensor.Vec(in), batch, Dense{Units: out})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	x, dy := tensor.NewBatch(batch, tensor.Vec(in), 0), tensor.NewBatch(batch, tensor.Vec(out), 0)
	for _, v := range [][]float32{x.Data, dy.Data} {
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
	}
	net.Logits(x, true)
	net.BackwardLogits(dy)
	w := net.Params()[0]
	want := append([]float32(nil), w.G...)

	clear(net.G)
	late := net.NewGradient()
	net.Use(late, true)
	net.Logits(x, true)
	net.BackwardLogits(dy)
	for i, g := range w.G {
		if g != 0 {
			t.Fatalf("gradient %d is %v though it was put off", i, g)
		}
	}
	for from := 0; from < len(w.G); {
		n := min(simd.Panel*(1+rng.IntN(2*in)), len(w.G)-from)
		w.Late(late.Kept(0), w.G[from:from+n], from)
		from += n
	}
	for i, g := range w.G {
		if d := math.Abs(float64(g - want[i])); d > 1e-5 {
			t.Fatalf("gradient %d is %v, at once it was %v", i, g, want[i])
		}
	}
}
