// Package layerbench times the three passes of a layer, for benchmarks.
package layerbench

import (
	"math/rand/v2"
	"testing"
	"time"

	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Run runs the benchmarks name/forward, name/dW and name/dX of a layer on n
// inputs: Forward; Backward where nothing before the layer learns; and what
// Backward takes longer where something does. Each reports images/s and GFLOP/s,
// which count two operations for a multiply-add.
func Run(b *testing.B, name string, spec nn.Spec, in tensor.Shape, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	fill := func(x []float32) {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
	}
	build := func(first bool) nn.Layer {
		l, err := spec.Build(nn.Site{In: in, Batch: n, First: first})
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	layer, first := build(false), build(true)
	for i, p := range layer.Params() {
		p.W, p.G, p.Packed = make([]float32, p.Span()), make([]float32, p.Span()), make([]float32, p.PackedLen)
		fill(p.W)
		if p.Pack != nil {
			p.Pack()
		}
		q := first.Params()[i]
		q.W, q.G = p.W, p.G
	}
	var padX, padDy int
	if s, ok := spec.(nn.Bordered); ok {
		padX, padDy = s.Borders()
	}
	x, dy := tensor.NewBatch(n, in, padX), tensor.NewBatch(n, layer.Out(), padDy)
	for _, t := range []tensor.Batch{x, dy} {
		for i := range t.Runs() {
			fill(t.Run(i))
		}
	}
	layer.Forward(x, true) // what Backward needs
	first.Forward(x, true)

	pass := func(name string, run func() time.Duration) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var took time.Duration
			for b.Loop() {
				took += run()
			}
			took = max(took, 1) // a difference of times, on a busy machine, may be negative
			images := float64(b.N*n) / took.Seconds()
			b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/op")
			b.ReportMetric(images, "images/s")
			b.ReportMetric(2e-9*float64(layer.(nn.Coster).MACs())*images, "GFLOP/s")
		})
	}
	since := func(do func()) time.Duration {
		start := time.Now()
		do()
		return time.Since(start)
	}
	dW := func() time.Duration { return since(func() { first.Backward(dy) }) }
	pass(name+"/forward", func() time.Duration { return since(func() { layer.Forward(x, true) }) })
	pass(name+"/dW", dW)
	pass(name+"/dX", func() time.Duration { return since(func() { layer.Backward(dy) }) - dW() })
}
