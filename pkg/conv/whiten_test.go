package conv

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// smooth fills pictures with noise in which neighbours and channels resemble
// each other, as in photos.
func smooth(b tensor.Batch) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range b.N {
		for y := range b.H {
			row := b.Row(n, y)
			for i := range row {
				row[i] = float32(r.NormFloat64()) * 0.3
				if i >= b.C {
					row[i] += 0.9 * row[i-b.C]
				}
				if i%b.C > 0 {
					row[i] += 0.5 * row[i-1]
				}
			}
		}
	}
}

// What leaves a whitened convolution has variance 1 and no correlations.
func TestWhiten(t *testing.T) {
	const k = 2
	in := tensor.Shape{H: 16, W: 16, C: 3}
	net, err := nn.New(in, 40, Conv2D{Filters: 12, Kernel: k, Stride: k, NoBias: true, Frozen: true, Init: Whitening}, nn.ReLU{}, GlobalPool{}, mlp.Dense{Units: 2}, nn.Softmax{})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.NewBatch(40, in, net.Border())
	smooth(x)
	random := slices.Clone(net.Params()[0].W)
	if err := Whiten(net, x); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(random, net.Params()[0].W) {
		t.Fatal("nothing was set")
	}
	layer, err := Conv2D{Filters: 12, Kernel: k, Stride: k, NoBias: true}.Build(nn.Site{In: in, Batch: 40, First: true})
	if err != nil {
		t.Fatal(err)
	}
	layer.Params()[0].W = net.Params()[0].W
	y := layer.Forward(x, false)
	var sums [12][12]float64
	count := 0.0
	for i := range y.Runs() {
		for run := y.Run(i); len(run) > 0; run = run[12:] {
			count++
			for a := range 12 {
				for b := range 12 {
					sums[a][b] += float64(run[a]) * float64(run[b])
				}
			}
		}
	}
	for a := range 12 {
		for b := range 12 {
			want := 0.0
			switch {
			case a == b:
				want = 1
			case a == b+6 || b == a+6: // the negative
				want = -1
			}
			// 1 % for whitenEps beside the smallest eigenvalue, about 0.1
			if got := sums[a][b] / count; math.Abs(got-want) > 0.01 {
				t.Errorf("outputs %d and %d: covariance %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestWhitenLeavesOthersAlone(t *testing.T) {
	in := tensor.Shape{H: 8, W: 8, C: 1}
	net, err := nn.New(in, 1, Conv2D{Filters: 4, Kernel: 3}, GlobalPool{}, mlp.Dense{Units: 2}, nn.Softmax{})
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(net.W)
	x := tensor.NewBatch(2, in, 0)
	smooth(x)
	if err := Whiten(net, x); err != nil || !slices.Equal(before, net.W) {
		t.Errorf("%v; weights changed: %v", err, !slices.Equal(before, net.W))
	}
	for _, filters := range []int{5, 20} { // odd; more than twice the 9 values of a patch
		net, err := nn.New(in, 1, Conv2D{Filters: filters, Kernel: 3, Init: Whitening}, GlobalPool{}, mlp.Dense{Units: 2}, nn.Softmax{})
		if err != nil {
			t.Fatal(err)
		}
		if Whiten(net, x) == nil {
			t.Errorf("%d filters: no error", filters)
		}
	}
}
