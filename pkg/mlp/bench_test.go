package mlp

import (
	"fmt"
	"testing"

	"squint/internal/layerbench"
	"squint/pkg/tensor"
)

// BenchmarkDense: the layers of 784-512-256-10, LeNet-5's first, one behind convolutions.
func BenchmarkDense(b *testing.B) {
	for _, l := range []struct{ in, out, n int }{
		{784, 512, 128}, {512, 256, 128}, {256, 10, 128}, {400, 120, 128}, {3136, 128, 128}, {784, 512, 16},
	} {
		layerbench.Run(b, fmt.Sprintf("%d-%d,batch=%d", l.in, l.out, l.n), Dense{Units: l.out}, tensor.Vec(l.in), l.n)
	}
}
