package conv

import (
	"fmt"
	"testing"

	"squint/internal/layerbench"
	"squint/pkg/tensor"
)

// BenchmarkConv2D: LeNet-5's layers, the photo net's stem, 3×3 convolutions from
// 24 channels on, and two layers on a single picture, which are matrix products
// of 16×150×100 and 32×288×1024.
func BenchmarkConv2D(b *testing.B) {
	conv3 := func(ch int) Conv2D { return Conv2D{Filters: ch, Kernel: 3, Pad: 1, NoBias: true} }
	lenet := Conv2D{Filters: 16, Kernel: 5}
	for _, l := range []struct {
		Conv2D
		in, side, n int
	}{
		{Conv2D{Filters: 6, Kernel: 5, Pad: 2}, 1, 28, 16}, {lenet, 6, 14, 16},
		{Conv2D{Filters: 24, Kernel: 4, Stride: 2, Pad: 1, NoBias: true}, 3, 64, 16},
		{conv3(32), 24, 32, 16}, {conv3(32), 32, 28, 16}, {conv3(32), 32, 16, 16},
		{conv3(64), 64, 32, 16}, {conv3(64), 64, 14, 16}, {conv3(64), 64, 8, 16},
		{conv3(128), 128, 16, 16}, {conv3(128), 128, 7, 16}, {conv3(128), 128, 4, 16},
		{conv3(256), 256, 8, 16}, {conv3(256), 256, 2, 16},
		{lenet, 6, 14, 1}, {conv3(32), 32, 32, 1},
	} {
		name := fmt.Sprintf("%d-%d@%dx%d,%dx%d,batch=%d", l.in, l.Filters, l.Kernel, l.Kernel, l.side, l.side, l.n)
		layerbench.Run(b, name, l.Conv2D, tensor.Shape{H: l.side, W: l.side, C: l.in}, l.n)
	}
}
