package train

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"squint/pkg/augment"
	"squint/pkg/conv"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// blobs draws n pictures of side×side: class 0 is bright on the left, class 1 on
// the right, class 2 evenly, all with noise.
func blobs(n, side int, seed uint64) *dataset.Set {
	r := rand.New(rand.NewPCG(seed, 0))
	s := &dataset.Set{Classes: []string{"left", "right", "even"}, Shape: tensor.Shape{H: side, W: side, C: 1}}
	for i := range n {
		class := i % 3
		for range side {
			for x := range side {
				v := 60.0
				if class == 0 && x < side/2 || class == 1 && x >= side/2 {
					v = 140
				}
				s.Pixels = append(s.Pixels, uint8(min(255, max(0, v+25*r.NormFloat64()))))
			}
		}
		s.Labels = append(s.Labels, class)
		s.Files = append(s.Files, "")
	}
	return s
}

// trainer returns a small convolution net with everything in it that could
// make a run depend on how it was divided: batch norm, dropout, deformations,
// averaged weights.
func trainer(t testing.TB, specs ...nn.Spec) *Trainer {
	t.Helper()
	in := tensor.Shape{H: 8, W: 8, C: 1}
	if specs == nil {
		specs = nn.Specs{
			conv.Conv2D{Filters: 4, Kernel: 3, Pad: 1, NoBias: true}, conv.MaxPool{Size: 2}, conv.BatchNorm{}, nn.ReLU{},
			nn.Flatten{}, nn.Dropout{P: 0.2}, mlp.Dense{Units: 3}, nn.Softmax{},
		}
	}
	net, err := nn.New(in, 1, specs...)
	if err != nil {
		t.Fatal(err)
	}
	return &Trainer{
		Net: net, Loss: nn.LossFor(net.Output()), Optimizer: SGD{Momentum: 0.9, Nesterov: true, Decay: 1e-3}, Schedule: Cosine, LR: 0.1,
		Smoothing: 0.1, EMA: 0.95, Epochs: 4, Batch: 50, Shards: 4, Micro: 8, Seed: 3,
		Prep:    &imageio.Prep{Size: in, Mean: []float32{0.3}, Std: []float32{0.2}},
		Augment: augment.Policy{Flip: augment.FlipRandom, Shift: 0.1},
	}
}

func mustRun(t testing.TB, tr *Trainer, fit, valid *dataset.Set) *Result {
	t.Helper()
	res, err := tr.Run(context.Background(), fit, valid)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// numbers is a history without what the clock says.
func numbers(h []Epoch) []Epoch {
	h = slices.Clone(h)
	for i := range h {
		h[i].Seconds, h[i].ImagesPerSecond = 0, 0
	}
	return h
}

func TestLearns(t *testing.T) {
	fit, valid := blobs(210, 8, 1), blobs(90, 8, 2)
	tr := trainer(t)
	tr.Augment = augment.Policy{}
	tr.Epochs = 15
	res := mustRun(t, tr, fit, valid)
	last := res.Epochs[len(res.Epochs)-1]
	if last.ValAccuracy < 0.95 || !(last.TrainLoss < res.Epochs[0].TrainLoss) {
		t.Errorf("after %d epochs: %+v", len(res.Epochs), last)
	}
}

// Every size of batch learns: one example, a few, all at once.
func TestGradientDescentOfEverySize(t *testing.T) {
	fit, valid := blobs(60, 8, 1), blobs(60, 8, 2)
	for _, batch := range []int{1, 7, 0} {
		tr := trainer(t, mlp.MLP([]int{16}, 3, nn.ReLU{}, nn.Softmax{}, 0)...)
		tr.Augment, tr.Batch, tr.EMA, tr.LR, tr.Optimizer = augment.Policy{}, batch, 0, 0.02, SGD{}
		tr.Epochs = 12
		if batch == 0 { // one step an epoch: more of both
			tr.Epochs, tr.LR = 60, 0.3
		}
		res := mustRun(t, tr, fit, valid)
		best := res.Epochs[res.BestEpoch-1]
		if best.ValAccuracy < 0.9 {
			t.Errorf("batch %d: %.2f right", batch, best.ValAccuracy)
		}
		steps := map[int]int{1: 60 * 12, 7: 9 * 12, 0: 60}[batch]
		if res.State.Step != steps {
			t.Errorf("batch %d: %d steps, want %d", batch, res.State.Step, steps)
		}
	}
}

// The loss that comes with each output learns, also the ones that are not
// fused and a single unit for two classes.
func TestEveryOutputLearns(t *testing.T) {
	two := func(s *dataset.Set) *dataset.Set { // without the third class
		c := &dataset.Set{Classes: s.Classes[:2], Shape: s.Shape}
		for i, l := range s.Labels {
			if l < 2 {
				c.Labels = append(c.Labels, l)
				c.Pixels = append(c.Pixels, s.Image(i)...)
			}
		}
		return c
	}
	for _, c := range []struct {
		name    string
		output  nn.Spec
		loss    nn.Loss
		outputs int
	}{
		{"softmax", nn.Softmax{}, nn.CrossEntropy{}, 3},
		{"sigmoids", nn.Sigmoid{}, nn.BinaryCrossEntropy{}, 3},
		{"one sigmoid", nn.Sigmoid{}, nn.BinaryCrossEntropy{}, 1},
		{"thresholds", nn.Threshold{}, nn.PerceptronRule{}, 3},
		{"sigmoids, squared error", nn.Sigmoid{}, nn.SquaredError{}, 3},
	} {
		fit, valid := blobs(150, 8, 1), blobs(90, 8, 2)
		if c.outputs == 1 {
			fit, valid = two(fit), two(valid)
		}
		tr := trainer(t, mlp.MLP([]int{16}, c.outputs, nn.ReLU{}, c.output, 0)...)
		tr.Loss, tr.Smoothing, tr.Augment, tr.EMA, tr.LR, tr.Epochs = c.loss, 0, augment.Policy{}, 0, 0.05, 15
		res := mustRun(t, tr, fit, valid)
		if a := res.Epochs[res.BestEpoch-1].ValAccuracy; a < 0.9 {
			t.Errorf("%s: %.2f right", c.name, a)
		}
	}
}

func TestSameBytesForAnyThreads(t *testing.T) {
	fit, valid := blobs(151, 8, 1), blobs(31, 8, 2)
	var want []float32
	var history []Epoch
	for _, threads := range []int{1, 2, 3, 4, 9} {
		tr := trainer(t)
		tr.Threads = threads
		res := mustRun(t, tr, fit, valid)
		if want == nil {
			want, history = slices.Clone(tr.Net.W), numbers(res.Epochs)
			continue
		}
		if !slices.Equal(tr.Net.W, want) {
			t.Errorf("%d threads gave other weights than one", threads)
		}
		if !slices.Equal(numbers(res.Epochs), history) {
			t.Errorf("%d threads gave other metrics than one", threads)
		}
	}
	tr := trainer(t)
	tr.Seed++
	mustRun(t, tr, fit, valid)
	if slices.Equal(tr.Net.W, want) {
		t.Error("another seed gave the same weights, so this test shows nothing")
	}
}

// A run that is broken off and resumed at any step ends as the undisturbed one.
func TestResumeIsExact(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	for _, o := range []Optimizer{SGD{Momentum: 0.9, Nesterov: true}, AdamW{Decay: 0.01}} {
		make := func() *Trainer {
			tr := trainer(t)
			tr.Optimizer, tr.LR = o, 0.01
			return tr
		}
		whole := make()
		want := mustRun(t, whole, fit, valid)
		for stop := 1; stop < want.State.Step; stop++ {
			first := make()
			ctx, cancel := context.WithCancel(context.Background())
			first.OnStep = func(p Progress) error {
				if p.Step == stop {
					cancel()
				}
				return nil
			}
			res, err := first.Run(ctx, fit, valid)
			if !errors.Is(err, context.Canceled) || res.State.Step != stop {
				t.Fatalf("stopped at step %d of %d with %v", res.State.Step, stop, err)
			}
			second := make()
			clear(second.Net.W) // must not matter
			second.Resume = res.State
			second.Threads = 1 + stop%3
			got := mustRun(t, second, fit, valid)
			if !slices.Equal(second.Net.W, whole.Net.W) {
				t.Fatalf("%T: resumed at step %d: other weights", o, stop)
			}
			if !slices.Equal(numbers(got.Epochs), numbers(want.Epochs)) || got.BestEpoch != want.BestEpoch {
				t.Fatalf("%T: resumed at step %d: other metrics", o, stop)
			}
		}
	}
}

// A checkpoint taken in passing, after any step, leads to the same end too: also
// the last step of an epoch, when its validation is still to come.
func TestStateInPassing(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(31, 8, 2)
	whole := trainer(t)
	var kept []*State
	whole.OnStep = func(p Progress) error {
		kept = append(kept, p.State())
		return nil
	}
	want := mustRun(t, whole, fit, valid)
	if len(kept) != want.State.Step {
		t.Fatalf("%d states of %d steps", len(kept), want.State.Step)
	}
	for _, s := range kept {
		second := trainer(t)
		second.Resume = s
		got := mustRun(t, second, fit, valid)
		if !slices.Equal(second.Net.W, whole.Net.W) || !slices.Equal(numbers(got.Epochs), numbers(want.Epochs)) {
			t.Errorf("resumed from the state after step %d: another end", s.Step)
		}
	}
}

func TestResumeRefusesAnotherRecipe(t *testing.T) {
	fit, valid := blobs(60, 8, 1), blobs(30, 8, 2)
	res := mustRun(t, trainer(t), fit, valid)
	for name, change := range map[string]func(*Trainer){
		"optimizer": func(tr *Trainer) { tr.Optimizer = AdamW{} },
		"average":   func(tr *Trainer) { tr.EMA = 0 },
		"network":   func(tr *Trainer) { *tr = *trainer(t, mlp.MLP([]int{4}, 3, nn.ReLU{}, nn.Softmax{}, 0)...) },
	} {
		tr := trainer(t)
		change(tr)
		tr.Resume = res.State
		if _, err := tr.Run(context.Background(), fit, valid); err == nil {
			t.Errorf("another %s was accepted", name)
		}
	}
}

func TestBestWeightsAreKept(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(60, 8, 2)
	tr := trainer(t)
	tr.Epochs = 8
	res := mustRun(t, tr, fit, valid)
	for i, e := range res.Epochs {
		b := res.Epochs[res.BestEpoch-1]
		if e.ValAccuracy > b.ValAccuracy || e.ValAccuracy == b.ValAccuracy && i+1 > res.BestEpoch {
			t.Errorf("epoch %d was better than the best, %d", i+1, res.BestEpoch)
		}
	}
	if !slices.Equal(res.State.Best, tr.Net.W) {
		t.Error("the network does not hold the best weights")
	}
	// What the network holds scores as the best epoch did.
	r, err := tr.prepare(fit, valid)
	if err != nil {
		t.Fatal(err)
	}
	defer r.pool.Close()
	if _, a := r.score(context.Background()); a != res.Epochs[res.BestEpoch-1].ValAccuracy {
		t.Errorf("the kept weights score %v, the best epoch had %v", a, res.Epochs[res.BestEpoch-1].ValAccuracy)
	}
}

func TestPatience(t *testing.T) {
	fit, valid := blobs(60, 8, 1), blobs(30, 8, 2)
	tr := trainer(t, mlp.MLP([]int{4}, 3, nn.ReLU{}, nn.Softmax{}, 0)...)
	tr.LR, tr.EMA, tr.Epochs, tr.Patience = 0, 0, 50, 3 // learns nothing, so no epoch is better than the first
	res := mustRun(t, tr, fit, valid)
	if !res.Stopped || len(res.Epochs) != 4 {
		t.Errorf("stopped %v after %d epochs; want true, 4", res.Stopped, len(res.Epochs))
	}
}

func TestNotFinite(t *testing.T) {
	fit, valid := blobs(60, 8, 1), blobs(30, 8, 2)
	tr := trainer(t, mlp.MLP([]int{16}, 3, nn.ReLU{}, nn.Softmax{}, 0)...)
	tr.LR = 1e30
	_, err := tr.Run(context.Background(), fit, valid)
	var nf *NotFinite
	if !errors.As(err, &nf) {
		t.Errorf("a learning rate of 1e30 ended with %v", err)
	}
}

func TestUnsuitableData(t *testing.T) {
	fit := blobs(60, 8, 1)
	for name, set := range map[string]*dataset.Set{
		"empty":    {Classes: fit.Classes, Shape: fit.Shape},
		"size":     blobs(10, 9, 1),
		"classes":  {Classes: fit.Classes[:2], Shape: fit.Shape, Pixels: fit.Pixels, Labels: fit.Labels},
		"no class": {Shape: fit.Shape, Pixels: fit.Pixels, Labels: fit.Labels},
	} {
		if _, err := trainer(t).Run(context.Background(), set, fit); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	tr := trainer(t)
	tr.Loss = nn.BinaryCrossEntropy{}
	if _, err := tr.Run(context.Background(), fit, fit); err == nil {
		t.Error("binary cross-entropy on softmax outputs: no error")
	}
}

// Class weights multiply the gradient: twice the weight of every class is twice
// the learning rate (to the bit, since 2 is a power of two), and a class of
// weight 0 teaches nothing.
func TestClassWeights(t *testing.T) {
	fit, valid := blobs(120, 8, 1), blobs(60, 8, 2)
	plain := func() *Trainer {
		tr := trainer(t, mlp.MLP([]int{8}, 3, nn.ReLU{}, nn.Softmax{}, 0)...)
		tr.Optimizer, tr.EMA = SGD{}, 0
		return tr
	}
	double, twice := plain(), plain()
	double.Weights = []float32{2, 2, 2}
	twice.LR *= 2
	mustRun(t, double, fit, valid)
	mustRun(t, twice, fit, valid)
	if !slices.Equal(double.Net.W, twice.Net.W) {
		t.Error("weights of 2 differ from a doubled learning rate")
	}
	left, none := &dataset.Set{Classes: fit.Classes, Shape: fit.Shape}, plain()
	for i := 0; i < fit.Len(); i += 3 { // class 0 only
		left.Labels, left.Pixels = append(left.Labels, 0), append(left.Pixels, fit.Image(i)...)
	}
	before := slices.Clone(none.Net.W)
	none.Weights = []float32{0, 1, 1}
	mustRun(t, none, left, valid)
	if !slices.Equal(none.Net.W, before) {
		t.Error("a class of weight 0 changed the network")
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	fit, valid := blobs(100, 8, 1), blobs(30, 8, 2)
	for _, threads := range []int{1, 2} {
		tr := trainer(t)
		tr.Threads = threads
		r, err := tr.prepare(fit, valid)
		if err != nil {
			t.Fatal(err)
		}
		r.shuffle(0)
		step := func() {
			if err := r.step(0, 2, 1000); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if a := testing.AllocsPerRun(20, step); a != 0 {
			t.Errorf("%d threads: %v allocations a step", threads, a)
		}
		r.pool.Close()
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Schedule
		want []float32 // at steps 0, 20, 50 and 99 of 100
	}{
		{"constant", Constant, []float32{1, 1, 1, 1}},
		{"cosine", Cosine, []float32{1, 0.9045085, 0.5, 0.00024672}}, // ½(1+cos πx)
		{"triangular", Triangular(0.2), []float32{0.2, 1, 0.625, 0.0125}},
		{"step", Step(0.1, 2), []float32{1, 1, 0.1, 0.01}},
	} {
		for i, step := range []int{0, 20, 50, 99} {
			if got := c.s(step, 100); math.Abs(float64(got-c.want[i])) > 1e-6 {
				t.Errorf("%s at %d %%: %v, want %v", c.name, step, got, c.want[i])
			}
		}
		if _, err := ScheduleNamed(c.name); err != nil {
			t.Error(err)
		}
	}
	if _, err := ScheduleNamed("linear"); err == nil {
		t.Error("an unknown schedule was accepted")
	}
}
