package train

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"squint/pkg/augment"
	"squint/pkg/conv"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// nets are the networks whose training speed is followed, by the names under
// which other frameworks are measured beside them.
var nets = []struct {
	name    string
	in      tensor.Shape
	batch   int
	classes int
	specs   nn.Specs
	augment augment.Policy
}{
	{"lenet5", tensor.Shape{H: 28, W: 28, C: 1}, 128, 10, conv.LeNet5(10, nn.Softmax{}), augment.Policy{}},
	{"mlp-784-512-256-10", tensor.Shape{H: 28, W: 28, C: 1}, 128, 10, mlp.MLP([]int{512, 256}, 10, nn.ReLU{}, nn.Softmax{}, 0), augment.Policy{}},
	{"conv3x3-32-64", tensor.Shape{H: 28, W: 28, C: 1}, 128, 10, nn.Specs{
		conv.Conv2D{Filters: 32, Kernel: 3, Pad: 1}, conv.MaxPool{Size: 2}, nn.ReLU{},
		conv.Conv2D{Filters: 64, Kernel: 3, Pad: 1}, conv.MaxPool{Size: 2}, nn.ReLU{},
		nn.Flatten{}, mlp.Dense{Units: 128}, nn.ReLU{}, mlp.Dense{Units: 10}, nn.Softmax{},
	}, augment.Policy{}},
	{"convnet-24-64px", tensor.Shape{H: 64, W: 64, C: 3}, 128, 2, conv.ConvNet(24, 4, 1, conv.LearnedStem(), nn.Sigmoid{}, 0), augment.Photos()},
	{"convnet-32-64px", tensor.Shape{H: 64, W: 64, C: 3}, 128, 2, conv.ConvNet(32, 4, 1, conv.LearnedStem(), nn.Sigmoid{}, 0), augment.Photos()},
}

// BenchmarkStep is one training step with everything in it: loading,
// deforming, forward, loss, backward, reduction, optimizer. GFLOP/s counts 2
// for a multiply-add and 3 for the three passes, less the gradient by the
// first layer's input.
func BenchmarkStep(b *testing.B) {
	for _, n := range nets {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", n.name, threads), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				set := &dataset.Set{Classes: make([]string, n.classes), Shape: n.in, Pixels: make([]uint8, 4*n.batch*n.in.Size()), Labels: make([]int, 4*n.batch)}
				for i := range set.Pixels {
					set.Pixels[i] = uint8(r.Uint32())
				}
				for i := range set.Labels {
					set.Labels[i] = r.IntN(n.classes)
				}
				net, err := nn.New(n.in, 1, n.specs...)
				if err != nil {
					b.Fatal(err)
				}
				tr := &Trainer{
					Net: net, Loss: nn.LossFor(net.Output()), Optimizer: SGD{Momentum: 0.9, Nesterov: true}, LR: 1e-4,
					Prep: &imageio.Prep{Size: n.in}, Augment: n.augment, Epochs: 1, Batch: n.batch, Threads: threads, Micro: 16,
				}
				run, err := tr.prepare(set, &dataset.Set{})
				if err != nil {
					b.Fatal(err)
				}
				defer run.pool.Close()
				run.shuffle(0)
				macs := 0
				for i, row := range net.Rows() {
					macs += 3 * row.MACs
					if i == 0 {
						macs -= row.MACs
					}
				}
				step := func() {
					if err := run.step(0, 4, 1<<30); err != nil {
						b.Fatal(err)
					}
				}
				step() // the first one meets fresh memory
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
				images := float64(b.N*n.batch) / b.Elapsed().Seconds()
				b.ReportMetric(images, "images/s")
				b.ReportMetric(2e-9*float64(macs)*images, "GFLOP/s")
			})
		}
	}
}
