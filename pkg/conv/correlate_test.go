package conv

import (
	"math"
	"math/rand/v2"
	"testing"

	"squint/pkg/nn"
	"squint/pkg/tensor"

	"pgregory.net/rapid"
)

// TestTogetherAsAlone compares a convolution of several pictures, whose sums leave
// the border out, with the same pictures one at a time, which read its zeros:
// outputs and gradients by the input are the same numbers, gradients by the
// weights the same sums in another order.
func TestTogetherAsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
		spec := Conv2D{Filters: draw("filters", 1, 20), Kernel: draw("kernel", 1, 5), Stride: draw("stride", 1, 3), Pad: draw("pad", 0, 5)}
		in := tensor.Shape{H: draw("h", 1, 18), W: draw("w", 1, 18), C: draw("c", 1, 18)}
		if in.H+2*spec.Pad < spec.Kernel || in.W+2*spec.Pad < spec.Kernel {
			t.Skip("the kernel is larger than the picture")
		}
		const n = cutImages + 1
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		build := func(batch int) nn.Layer {
			l, err := spec.Build(nn.Site{In: in, Batch: batch})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		all, one := build(n), build(1)
		for i, p := range all.Params() {
			q := one.Params()[i]
			p.W, p.G, p.Packed = make([]float32, p.Span()), make([]float32, p.Span()), make([]float32, p.PackedLen)
			q.G, q.Packed = make([]float32, p.Span()), p.Packed
			src := make([]float32, p.Size())
			for j := range src {
				src[j] = float32(rng.NormFloat64())
			}
			p.Import(src)
			q.W = p.W
			if p.Pack != nil {
				p.Pack()
			}
		}
		border, gradBorder := spec.Borders()
		x, dy := tensor.NewBatch(n, in, border), tensor.NewBatch(n, all.Out(), gradBorder)
		for _, b := range []tensor.Batch{x, dy} {
			for i := range b.Runs() {
				for j := range b.Run(i) {
					b.Run(i)[j] = float32(rng.NormFloat64())
				}
			}
		}
		y := all.Forward(x, true)
		dx := all.Backward(dy)
		for i := range n {
			y1 := one.Forward(image(x, i), true)
			dx1 := one.Backward(image(dy, i))
			same(t, "output", image(y, i), y1)
			same(t, "gradient by the input", image(dx, i), dx1)
		}
		for i, p := range all.Params() {
			for j, g := range p.G {
				want, size := float64(one.Params()[i].G[j]), float64(n*all.Out().H*all.Out().W)
				if d := math.Abs(float64(g) - want); d > 1e-6*size+1e-5 {
					t.Fatalf("gradient by %s, element %d: %v together, %v alone", p.Name, j, g, want)
				}
			}
		}
	})
}

// image returns the batch of one image of b.
func image(b tensor.Batch, i int) tensor.Batch {
	b.Data, b.N = b.Data[i*b.ImageStride():(i+1)*b.ImageStride()], 1
	return b
}

func same(t *rapid.T, what string, a, b tensor.Batch) {
	for i := range a.Runs() {
		for j, v := range a.Run(i) {
			if w := b.Run(i)[j]; v != w {
				t.Fatalf("%s, run %d, value %d: %v together, %v alone", what, i, j, v, w)
			}
		}
	}
}

// TestSpans checks both ways to cut an axis against the definition of a convolution.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
		in, kernel, stride, pad := draw("in", 1, 20), draw("kernel", 1, 7), draw("stride", 1, 4), draw("pad", 0, 8)
		if in+2*pad < kernel {
			t.Skip("no output")
		}
		out := (in+2*pad-kernel)/stride + 1
		type pair struct{ output, tap int }
		want := map[pair]bool{} // what meets a value of the picture
		for o := range out {
			for k := range kernel {
				if at := o*stride + k - pad; at >= 0 && at < in {
					want[pair{o, k}] = true
				}
			}
		}
		for name, spans := range map[string][]span{"spans": spans(in, out, kernel, stride, pad), "tapSpans": tapSpans(in, out, kernel, stride, pad)} {
			got := map[pair]bool{}
			for _, s := range spans {
				for o := s.from; o < s.to; o++ {
					for k := s.first; k < s.last; k++ {
						p := pair{o, k}
						if got[p] {
							t.Fatalf("%s has output %d with tap %d twice", name, o, k)
						}
						got[p] = true
						if at := o*stride + k - pad; at < -pad || at >= in+pad {
							t.Fatalf("%s: output %d with tap %d reads beyond the border", name, o, k)
						} else if !want[p] && name == "tapSpans" {
							t.Fatalf("tapSpans: output %d with tap %d reads the border", o, k)
						}
					}
				}
			}
			for p := range want {
				if !got[p] {
					t.Fatalf("%s lacks output %d with tap %d", name, p.output, p.tap)
				}
			}
		}
	})
}
