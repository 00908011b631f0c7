package nn_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"squint/pkg/augment"
	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

var _ = augment.Photos

func TestLayerTimes(t *testing.T) {
	which := os.Getenv("NET")
	in := tensor.Shape{H: 28, W: 28, C: 1}
	var specs nn.Specs
	switch which {
	case "lenet":
		specs = conv.LeNet5(10, nn.Softmax{})
	case "mlp":
		specs = mlp.MLP([]int{512, 256}, 10, nn.ReLU{}, nn.Softmax{}, 0)
	case "conv":
		specs = nn.Specs{
			conv.Conv2D{Filters: 32, Kernel: 3, Pad: 1}, nn.ReLU{}, conv.MaxPool{Size: 2},
			conv.Conv2D{Filters: 64, Kernel: 3, Pad: 1}, nn.ReLU{}, conv.MaxPool{Size: 2},
			nn.Flatten{}, mlp.Dense{Units: 128}, nn.ReLU{}, mlp.Dense{Units: 10}, nn.Softmax{},
		}
	default:
		in = tensor.Shape{H: 64, W: 64, C: 3}
		specs = conv.ConvNet(32, 4, 1, conv.LearnedStem(), nn.Sigmoid{}, 0)
	}
	const N = 16
	r := rand.New(rand.NewPCG(1, 2))
	fill := func(x []float32) {
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
	}
	borders := func(i int) (int, int) {
		if i < 0 || i >= len(specs) {
			return 0, 0
		}
		if b, ok := specs[i].(nn.Bordered); ok {
			return b.Borders()
		}
		return 0, 0
	}
	shape := in
	total := 0.0
	for i, s := range specs {
		px, pdy := borders(i)
		nx, _ := borders(i + 1)
		_, pg := borders(i - 1)
		l, err := s.Build(nn.Site{In: shape, Batch: N, First: i == 0, Pad: nx, GradPad: pg})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range l.Params() {
			p.W, p.G = make([]float32, p.Span()), make([]float32, p.Span())
			p.Packed = make([]float32, p.PackedLen)
			fill(p.W)
			for k := range p.W {
				p.W[k] *= 0.05
			}
		}
		x := tensor.NewBatch(N, shape, px)
		dy := tensor.NewBatch(N, l.Out(), pdy)
		for k := range x.Runs() {
			fill(x.Run(k))
		}
		fw, bw := 1e9, 1e9
		for range 20 {
			for k := range dy.Runs() {
				d := dy.Run(k)
				for j := range d {
					d[j] = 0.1
				}
			}
			t0 := time.Now()
			l.Forward(x, true)
			t1 := time.Now()
			l.Backward(dy)
			t2 := time.Now()
			fw = min(fw, t1.Sub(t0).Seconds()*1e6/N)
			bw = min(bw, t2.Sub(t1).Seconds()*1e6/N)
		}
		m := 0
		if c, ok := l.(nn.Coster); ok {
			m = c.MACs()
		}
		bm := 2
		if i == 0 {
			bm = 1
		}
		fmt.Printf("%-60s %8.2f µs fwd %8.2f µs bwd   %6.1f %6.1f GFLOP/s\n", nn.Describe(s), fw, bw, 2e-3*float64(m)/fw, 2e-3*float64(m*bm)/bw)
		total += fw + bw
		shape = l.Out()
	}
	fmt.Printf("total %.1f µs\n", total)
}
