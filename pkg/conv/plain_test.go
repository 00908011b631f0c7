package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func TestPlain(t *testing.T) {
	in := tensor.Shape{H: 5, W: 5, C: 1}
	net, err := nn.New(in, 4,
		Conv2D{Filters: 3, Kernel: 3}, BatchNorm{}, nn.ReLU{}, nn.Flatten{},
		mlp.Dense{Units: 17, NoBias: true}, BatchNorm{}, nn.ReLU{},
		mlp.Dense{Units: 5}, BatchNorm{}, nn.ReLU{}, mlp.Dense{Units: 2}, nn.Softmax{},
	)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, p := range net.Params() {
		v := make([]float32, p.Size())
		for i := range v {
			v[i] = float32(r.NormFloat64())
			if len(p.Dims) == 1 {
				v[i] = 0.5 + float32(r.Float64()) // variances among them
			}
		}
		p.Import(v)
	}
	net.Sync()
	plain, err := Plain(net)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, s := range plain.Specs {
		kinds = append(kinds, nn.Kind(s))
	}
	if len(kinds) != 10 || kinds[1] != "batchnorm" || kinds[5] != "relu" || kinds[7] != "relu" {
		t.Fatalf("layers %v", kinds)
	}
	x := tensor.NewBatch(4, in, net.Border())
	for i := range x.Data {
		x.Data[i] = float32(r.NormFloat64())
	}
	replica, err := plain.Replica(4)
	if err != nil {
		t.Fatal(err)
	}
	want, got := net.Logits(x, false), replica.Logits(x, false)
	for i, v := range want.Run(0) {
		if math.Abs(float64(v-got.Run(0)[i])) > 1e-4*(1+math.Abs(float64(v))) {
			t.Errorf("logit %d: %v, want %v", i, got.Run(0)[i], v)
		}
	}
	if again, err := Plain(plain); err != nil || again != plain {
		t.Errorf("nothing to fold: another network (%v)", err)
	}
}
