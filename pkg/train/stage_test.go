package train

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// staged returns a trainer whose pictures grow from 4 over 6 to 8 pixels.
func staged(t testing.TB) *Trainer {
	tr := trainer(t,
		conv.Conv2D{Filters: 3, Kernel: 3, Pad: 1, NoBias: true, Frozen: true}, nn.ReLU{},
		conv.Conv2D{Filters: 4, Kernel: 3, Pad: 1, NoBias: true}, conv.BatchNorm{}, nn.ReLU{},
		conv.GlobalPool{Mode: "avgmax"}, nn.Dropout{P: 0.2}, mlp.Dense{Units: 3}, nn.Softmax{},
	)
	tr.Epochs, tr.Estimate = 5, 40
	tr.Stages = []Stage{{H: 4, W: 4, Epochs: 2}, {H: 6, W: 6, Epochs: 1}}
	return tr
}

func TestStageOf(t *testing.T) {
	tr := staged(t)
	var sides []int
	for epoch := range tr.Epochs {
		sides = append(sides, tr.sizeIn(tr.stageOf(epoch)).H)
	}
	if want := []int{4, 4, 6, 8, 8}; !slices.Equal(sides, want) {
		t.Errorf("sizes %v, want %v", sides, want)
	}
}

func TestStagesLearnAndResumeExactly(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	whole := staged(t)
	frozen := slices.Clone(whole.Net.Params()[0].W)
	want := mustRun(t, whole, fit, valid)
	if last := want.Epochs[4]; last.ValAccuracy < 0.6 { // global pooling hardly tells left from right; a third is chance
		t.Errorf("ends with %+v", last)
	}
	if want.BestEpoch < 4 {
		t.Errorf("best epoch %d, want one at the network's size", want.BestEpoch)
	}
	if !slices.Equal(frozen, whole.Net.Params()[0].W) {
		t.Error("frozen weights have changed")
	}
	plain := staged(t)
	plain.Stages = nil
	mustRun(t, plain, fit, valid)
	if slices.Equal(plain.Net.W, whole.Net.W) {
		t.Error("stages change nothing, so this test shows nothing")
	}
	for stop := 1; stop < want.State.Step; stop++ {
		first := staged(t)
		ctx, cancel := context.WithCancel(context.Background())
		first.OnStep = func(p Progress) error {
			if p.Step == stop {
				cancel()
			}
			return nil
		}
		res, err := first.Run(ctx, fit, valid)
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		second := staged(t)
		second.Resume, second.Threads = res.State, 1+stop%3
		got := mustRun(t, second, fit, valid)
		if !slices.Equal(second.Net.W, whole.Net.W) || !slices.Equal(numbers(got.Epochs), numbers(want.Epochs)) {
			t.Fatalf("resumed at step %d: other weights or metrics", stop)
		}
	}
}

func TestImpossibleStages(t *testing.T) {
	for want, stages := range map[string][]Stage{
		"no larger than": {{H: 9, W: 8, Epochs: 1}},
		"at least one":   {{H: 4, W: 4}},
		"in a run of 5":  {{H: 4, W: 4, Epochs: 6}},
	} {
		tr := staged(t)
		tr.Stages = stages
		if _, err := tr.Run(context.Background(), blobs(30, 8, 1), blobs(9, 8, 2)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want an error with %q", stages, err, want)
		}
	}
	tr := trainer(t) // its dense layer reads pixels
	tr.Stages = []Stage{{H: 4, W: 4, Epochs: 1}}
	if _, err := tr.Run(context.Background(), blobs(30, 8, 1), blobs(9, 8, 2)); err == nil || !strings.Contains(err.Error(), "pools globally") {
		t.Errorf("a network for one size only: %v", err)
	}
}

// Statistics estimated anew are the means over the batches that pass the
// network, here worked out from one layer's formula.
func TestEstimate(t *testing.T) {
	fit, valid := blobs(32, 8, 1), blobs(9, 8, 2)
	tr := trainer(t, conv.BatchNorm{}, conv.GlobalPool{}, mlp.Dense{Units: 3}, nn.Softmax{})
	tr.Estimate, tr.Epochs = 32, 1
	mustRun(t, tr, fit, valid)
	var mean, variance float64
	for m := range 4 { // micro-batches of 8
		var sum, squares float64
		x := make([]float32, 8*64)
		tr.Prep.Floats(x, fit.Pixels[m*8*64:(m+1)*8*64])
		for _, v := range x {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		n := float64(len(x))
		mean += sum / n / 4
		variance += (squares - sum*sum/n) / (n - 1) / 4
	}
	for i, want := range []float64{mean, variance} {
		if got := float64(tr.Net.Params()[2+i].W[0]); got < want-1e-4 || got > want+1e-4 {
			t.Errorf("%s is %v, want %v", tr.Net.Params()[2+i].Name, got, want)
		}
	}
}
