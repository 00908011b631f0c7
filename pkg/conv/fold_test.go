package conv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"squint/internal/parallel"
	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// trained gives a network the weights of one that has been trained, as far as
// folding cares: batch norms with all signs of γ, zeros among them, and running
// statistics that are not those of the start.
func trained(net *nn.Network, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	net.Init(seed)
	for i, p := range net.Params() {
		w := make([]float32, p.Size())
		p.Export(w)
		isNorm := i+3 < len(net.Params()) && strings.HasSuffix(net.Params()[i+2].Name, "running_mean")
		for j := range w {
			switch {
			case strings.HasSuffix(p.Name, "running_var"):
				w[j] = float32(math.Exp(r.NormFloat64()))
			case isNorm && r.IntN(8) == 0:
				w[j] = 0
			case isNorm, strings.HasSuffix(p.Name, "bias"), strings.HasSuffix(p.Name, "running_mean"):
				w[j] = float32(r.NormFloat64())
			}
		}
		p.Import(w)
	}
	net.Sync()
}

func noise(n int, in tensor.Shape, pad int, seed uint64) tensor.Batch {
	r := rand.New(rand.NewPCG(seed, 2))
	x := tensor.NewBatch(n, in, pad)
	for i := range x.Runs() {
		run := x.Run(i)
		for j := range run {
			run[j] = float32(r.NormFloat64())
		}
	}
	return x
}

func build(t testing.TB, in tensor.Shape, batch int, specs nn.Specs) *nn.Network {
	t.Helper()
	net, err := nn.New(in, batch, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func inference(t testing.TB, net *nn.Network, batch int) *nn.Network {
	t.Helper()
	f, err := net.Inference(batch)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// stack draws layers that may follow each other.
func stack(t *rapid.T, depth int) nn.Specs {
	var s nn.Specs
	for range rapid.IntRange(1, 6).Draw(t, "layers") {
		var spec nn.Spec
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0, 1, 2:
			spec = conv.Conv2D{
				Filters: rapid.IntRange(1, 35).Draw(t, "filters"), Kernel: rapid.IntRange(1, 3).Draw(t, "kernel"),
				Stride: rapid.IntRange(0, 2).Draw(t, "stride"), Pad: rapid.IntRange(0, 2).Draw(t, "pad"), NoBias: rapid.Bool().Draw(t, "no bias"),
			}
		case 3, 4:
			spec = conv.BatchNorm{}
		case 5:
			spec = nn.ReLU{}
		case 6:
			spec = conv.MaxPool{Size: rapid.IntRange(2, 3).Draw(t, "size"), Stride: rapid.IntRange(0, 2).Draw(t, "stride")}
		case 7:
			spec = nn.Dropout{P: 0.5}
		case 8:
			spec = nn.Tanh{}
		case 9:
			if depth > 0 {
				continue
			}
			body := stack(t, depth+1)
			if len(body) == 0 {
				continue
			}
			spec = conv.Residual{Body: body, Skip: nn.Specs{conv.BatchNorm{}}}
		}
		s = append(s, spec)
	}
	return s
}

// A network in the inference form answers as it does layer by layer, within the
// tolerance of the largest logit (or of 1); the worst of 20,000 was 3e-6. And it
// gives the same bits for any batch.
func TestInferenceForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := tensor.Shape{H: rapid.IntRange(3, 11).Draw(t, "height"), W: rapid.IntRange(3, 11).Draw(t, "width"), C: rapid.SampledFrom([]int{1, 3, 17}).Draw(t, "channels")}
		specs := append(stack(t, 0), conv.GlobalPool{Mode: "avgmax"})
		for range rapid.IntRange(0, 2).Draw(t, "dense layers") {
			specs = append(specs, mlp.Dense{Units: rapid.IntRange(1, 40).Draw(t, "units"), NoBias: rapid.Bool().Draw(t, "no bias")})
			specs = append(specs, rapid.SampledFrom([]nn.Specs{{conv.BatchNorm{}, nn.ReLU{}}, {nn.ReLU{}, conv.BatchNorm{}}, {conv.BatchNorm{}}, {nn.ReLU{}}, {}}).Draw(t, "behind")...)
		}
		n := rapid.IntRange(1, 4).Draw(t, "batch")
		net, err := nn.New(in, n, specs...)
		if err != nil {
			t.Skip(err)
		}
		seed := rapid.Uint64().Draw(t, "seed")
		trained(net, seed)
		x := noise(n, in, net.Border(), seed)
		want := slices.Clone(net.Logits(x, false).Data)
		fused, err := net.Inference(n)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(fused.Logits(x, false).Data)
		largest := 1.0
		for _, v := range want {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i, v := range want {
			if d := math.Abs(float64(got[i] - v)); !(d <= tolerance*largest) {
				t.Fatalf("logit %d is %v, want %v (largest %v): %v", i, got[i], v, largest, specs)
			}
		}
		one, err := fused.Replica(1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if alone := one.Logits(x.Part(i, 1), false).Data; !slices.Equal(alone, got[i*len(alone):(i+1)*len(alone)]) {
				t.Fatalf("example %d alone gives %v, in its batch %v: %v", i, alone, got, specs)
			}
		}
	})
}

// Where batch norm follows the pooling, nothing is rounded differently, whatever
// the signs of γ.
func TestPooledNormIsExact(t *testing.T) {
	in := tensor.Shape{H: 13, W: 10, C: 3}
	for _, behind := range []nn.Specs{
		{conv.MaxPool{Size: 2}, conv.BatchNorm{}, nn.ReLU{}},
		{conv.MaxPool{Size: 2, Stride: 2}, conv.BatchNorm{}},
		{conv.MaxPool{Size: 2}, nn.ReLU{}},
		{nn.ReLU{}, conv.MaxPool{Size: 2}, nn.ReLU{}},
		{conv.MaxPool{Size: 2}},
	} {
		specs := append(nn.Specs{conv.Conv2D{Filters: 21, Kernel: 3, Pad: 1}}, append(behind, conv.Conv2D{Filters: 2, Kernel: 3, Pad: 2}, nn.Flatten{})...)
		net := build(t, in, 3, specs)
		trained(net, 7)
		x := noise(3, in, 1, 7)
		if want, got := net.Logits(x, false), inference(t, net, 3).Logits(x, false); !slices.Equal(got.Data, want.Data) {
			t.Errorf("%v: other values", behind)
		}
	}
}

// wide has layers that are shared out by strips of rows, by filters and, dense,
// by units, each with and without what follows them.
var wide = nn.Specs{
	conv.Conv2D{Filters: 40, Kernel: 3, Pad: 1}, conv.MaxPool{Size: 2}, conv.BatchNorm{}, nn.ReLU{},
	conv.Conv2D{Filters: 72, Kernel: 3, Pad: 1}, conv.BatchNorm{}, nn.ReLU{},
	conv.Residual{Body: nn.Specs{conv.Conv2D{Filters: 72, Kernel: 5, Pad: 2}, conv.BatchNorm{}}}, nn.ReLU{},
	conv.MaxPool{Size: 2}, nn.Flatten{}, mlp.Dense{Units: 100}, conv.BatchNorm{}, nn.ReLU{}, mlp.Dense{Units: 5}, nn.Softmax{},
}

var wideIn = tensor.Shape{H: 43, W: 41, C: 8}

// Answers do not depend on how many goroutines share the work out.
func TestSpread(t *testing.T) {
	net := build(t, wideIn, 2, wide)
	trained(net, 3)
	x := noise(2, wideIn, net.Border(), 3)
	fused := inference(t, net, 2)
	want := slices.Clone(fused.Forward(x, false).Data)
	for _, threads := range []int{2, 3, 7} {
		t.Run(fmt.Sprint(threads), func(t *testing.T) {
			pool := parallel.New(threads)
			defer pool.Close()
			calls := 0
			fused.Spread(threads, func(n int, task func(int)) {
				calls++
				pool.Do(n, task)
			})
			defer fused.Spread(1, nil)
			if got := fused.Forward(x, false).Data; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if calls != 7 { // for each image three convolutions, for both one dense layer
				t.Errorf("%d products were shared out, want 7", calls)
			}
		})
	}
}

// A change of weights is seen after Sync, by replicas too.
func TestSyncFoldsAnew(t *testing.T) {
	net := build(t, wideIn, 1, wide)
	trained(net, 1)
	fused := inference(t, net, 0)
	replica, err := fused.Replica(1)
	if err != nil {
		t.Fatal(err)
	}
	x := noise(1, wideIn, net.Border(), 1)
	before := slices.Clone(replica.Logits(x, false).Data)
	trained(net, 2)
	fused.Sync()
	after := slices.Clone(replica.Logits(x, false).Data)
	if want := inference(t, net, 1).Logits(x, false).Data; !slices.Equal(after, want) || slices.Equal(after, before) {
		t.Errorf("got %v, want %v; before %v", after, want, before)
	}
}

func TestInferenceAllocatesNothing(t *testing.T) {
	net := build(t, wideIn, 2, wide)
	fused := inference(t, net, 2)
	pool := parallel.New(2)
	defer pool.Close()
	x := noise(2, wideIn, net.Border(), 1)
	for _, threads := range []int{1, 2} {
		fused.Spread(threads, pool.Do)
		if got := testing.AllocsPerRun(5, func() { fused.Forward(x, false) }); got != 0 {
			t.Errorf("%d threads: %v allocations, want none", threads, got)
		}
	}
}

// The inference form has the same layers, names and weights as the network.
func TestInferenceKeepsParams(t *testing.T) {
	net := build(t, wideIn, 1, wide)
	fused := inference(t, net, 1)
	if a, b := fmt.Sprint(fused.Rows()), fmt.Sprint(net.Rows()); a != b {
		t.Errorf("rows %s, want %s", a, b)
	}
	for i, p := range net.Params() {
		if q := fused.Params()[i]; q.Name != p.Name || &q.W[0] != &p.W[0] {
			t.Errorf("parameter %d is %s, want the weights of %s", i, q.Name, p.Name)
		}
	}
}
