package model_test

import (
	"fmt"
	"image"
	"image/color"
	"slices"
	"sync"
	"testing"

	"squint/internal/parallel"
	"squint/pkg/conv"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func classifier(t testing.TB, m *model.Model, batch int) *model.Classifier {
	t.Helper()
	c, err := m.NewClassifier(batch)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The same as preparing, normalising and running the network by hand, whatever
// the size of the batch.
func TestProbs(t *testing.T) {
	const n = 7
	m := tiny(t)
	x := tensor.NewBatch(1, m.Prep.Size, m.Net.Border())
	want := make([]float32, 3*n)
	size := m.Prep.Size.Size()
	for i := range n {
		v := make([]float32, size)
		m.Prep.Floats(v, pixels(n)[i*size:(i+1)*size])
		for y := range x.H {
			copy(x.Row(0, y), v[y*x.W*x.C:])
		}
		nn.Probabilities(want[3*i:3*i+3], m.Net.Logits(x, false).Row(0, 0), m.Net.Output())
	}
	for _, batch := range []int{1, 3, n, n + 2} {
		c := classifier(t, m, batch)
		if c.Batch() != batch {
			t.Errorf("Batch() = %d, want %d", c.Batch(), batch)
		}
		var got []float32
		for from := 0; from < n; from += batch {
			to := min(n, from+batch)
			p := make([]float32, 3*(to-from))
			c.Probs(p, pixels(n)[from*size:to*size], to-from)
			got = append(got, p...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("batch %d: got %v, want %v", batch, got, want)
		}
	}
	classifier(t, m, 2).Probs(nil, nil, 0)
}

// Sharing out large layers changes no bit.
func TestClassifierSpread(t *testing.T) {
	in := tensor.Shape{H: 32, W: 32, C: 3}
	net, err := nn.New(in, 1, conv.ConvNet(32, 3, 1, nil, nn.Sigmoid{}, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Classes: []string{"cat", "dog"}, Prep: imageio.Prep{Size: in}, Net: net}
	px := make([]uint8, in.Size())
	for i := range px {
		px[i] = uint8(i * 37 % 251)
	}
	c, want, got := classifier(t, m, 1), make([]float32, 2), make([]float32, 2)
	c.Probs(want, px, 1)
	pool := parallel.New(3)
	defer pool.Close()
	for _, p := range []*parallel.Pool{pool, nil} {
		clear(got)
		c.Spread(p)
		if c.Probs(got, px, 1); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestProbsRefusesOtherLengths(t *testing.T) {
	c := classifier(t, tiny(t), 1)
	for _, n := range [][3]int{{3, 108, 2}, {2, 108, 1}, {3, 107, 1}, {6, 216, 2}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d probabilities, %d bytes, n = %d: no panic", n[0], n[1], n[2])
				}
			}()
			c.Probs(make([]float32, n[0]), make([]uint8, n[1]), n[2])
		}()
	}
}

func TestProbsAllocatesNothing(t *testing.T) {
	const n = 4
	c := classifier(t, tiny(t), n)
	dst, px := make([]float32, 3*n), pixels(n)
	if got := testing.AllocsPerRun(20, func() { c.Probs(dst, px, n) }); got != 0 {
		t.Errorf("%v allocations, want none", got)
	}
}

// Finite weights can still add up to infinity, and infinities to NaN.
func TestOverflowKnowsNothing(t *testing.T) {
	m := tiny(t)
	for i := range m.Net.W {
		if m.Net.W[i] != 0 {
			m.Net.W[i] = 3e38
		}
	}
	m.Net.Sync()
	m, err := model.Decode(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 3)
	classifier(t, m, 1).Probs(got, pixels(1), 1)
	if third := float32(1) / 3; !slices.Equal(got, []float32{third, third, third}) {
		t.Errorf("got %v, want a third each", got)
	}
}

// Classify gives what Probs gives for the picture's bytes, from any goroutine.
func TestClassify(t *testing.T) {
	m := tiny(t)
	img := image.NewNRGBA(image.Rect(0, 0, 6, 6))
	for i := range 36 {
		p := pixels(1)[3*i:]
		img.Set(i%6, i/6, color.NRGBA{p[0], p[1], p[2], 255})
	}
	want := make([]float32, 3)
	classifier(t, m, 1).Probs(want, pixels(1), 1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				got, err := m.Classify(img)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("Classify = %v, %v; want %v", got, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPredict(t *testing.T) {
	const n = 70 // two batches and a part
	m := tiny(t)
	want := make([]float32, 3*n)
	classifier(t, m, n).Probs(want, pixels(n), n)
	for _, threads := range []int{0, 1, 3} {
		got, _, err := m.Predict(t.Context(), pixels(n), threads)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d threads: other answers than one classifier's, %v", threads, err)
		}
	}
	if got, _, err := m.Predict(t.Context(), nil, 2); err != nil || len(got) != 0 {
		t.Errorf("no pictures: %v, %v", got, err)
	}
}

// benchmarkProbs measures a classifier for n pictures at a time, in pictures a second.
func benchmarkProbs(b *testing.B, in tensor.Shape, specs nn.Specs, n, threads int) {
	net, err := nn.New(in, 1, specs...)
	if err != nil {
		b.Fatal(err)
	}
	m := &model.Model{Classes: make([]string, nn.Classes(net.Outputs())), Prep: imageio.Prep{Size: in}, Net: net}
	c := classifier(b, m, n)
	pool := parallel.New(threads)
	defer pool.Close()
	c.Spread(pool)
	dst, px := make([]float32, len(m.Classes)*n), make([]uint8, in.Size()*n)
	b.ReportAllocs()
	for b.Loop() {
		c.Probs(dst, px, n)
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "images/s")
}

var photo, photoNet = tensor.Shape{H: 64, W: 64, C: 3}, conv.ConvNet(32, 4, 1, conv.LearnedStem(), nn.Sigmoid{}, 0)

// BenchmarkProbs is inference on one core.
func BenchmarkProbs(b *testing.B) {
	small := tensor.Shape{H: 28, W: 28, C: 1}
	for _, net := range []struct {
		name  string
		in    tensor.Shape
		specs nn.Specs
	}{
		{"mlp-784-512-256-10", small, mlp.MLP([]int{512, 256}, 10, nn.ReLU{}, nn.Sigmoid{}, 0)},
		{"lenet5", small, conv.LeNet5(10, nn.Softmax{})},
		{"convnet-32-64px", photo, photoNet},
	} {
		for _, n := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/batch=%d", net.name, n), func(b *testing.B) { benchmarkProbs(b, net.in, net.specs, n, 1) })
		}
	}
}

// BenchmarkSpread is inference on one picture at a time, shared out.
func BenchmarkSpread(b *testing.B) {
	for _, threads := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("convnet-32-64px/threads=%d", threads), func(b *testing.B) { benchmarkProbs(b, photo, photoNet, 1, threads) })
	}
}
