package simd

import (
	"math/rand/v2"
	"testing"
)

// layer is a real layer's work.
type layer struct {
	name string
	p    Product
}

// conv3x3 returns the products of a 3×3 convolution of one image with zero
// padding, size×size pixels of ch channels to as many; dW that of n images.
func conv3x3(size, ch, n int) (forward, dW Product) {
	row := (size + 2) * ch
	forward = Product{
		Y: size, M: size, N: ch, K: 3 * ch, Batch: 3,
		AY: row, ABatch: row, ARow: ch, ACol: 1,
		BBatch: 3 * ch * Panel, BPanel: 9 * ch * Panel, BRow: Panel,
		CY: size * ch, CRow: ch, CPanel: Panel,
	}
	dW = Product{
		Y: 3, M: 3 * ch, N: ch, K: size, Batch: size, Groups: n,
		AY: row, AGroup: row * (size + 2), ABatch: row, ARow: 1, ACol: ch,
		BGroup: size * size * ch, BBatch: size * ch, BPanel: Panel, BRow: ch,
		CY: 3 * ch * Panel, CRow: Panel, CPanel: 9 * ch * Panel,
	}
	return forward, dW
}

// dense returns y = x·W with W in panels.
func dense(n, in, out int) Product {
	return Product{M: n, N: out, K: in, ARow: in, ACol: 1, BPanel: in * Panel, BRow: Panel, CRow: out, CPanel: Panel}
}

func layers() []layer {
	ls := []layer{
		{"sgemm512", dense(512, 512, 512)},
		{"dense128x784x512", dense(128, 784, 512)},
		{"dense1x784x512", dense(1, 784, 512)},
		{"densedW128x784x512", Product{M: 784, N: 512, K: 128, ARow: 1, ACol: 784, BRow: 512, BPanel: Panel, CRow: Panel, CPanel: 784 * Panel}},
		{"dense128x512x10", dense(128, 512, 10)},
		{"dense128x512x3", dense(128, 512, 3)},
	}
	for _, c := range []struct {
		name     string
		size, ch int
	}{
		{"28x32", 28, 32}, {"14x64", 14, 64}, {"7x128", 7, 128}, {"32x64", 32, 64}, {"16x128", 16, 128}, {"8x256", 8, 256},
	} {
		f, d := conv3x3(c.size, c.ch, 8)
		ls = append(ls, layer{"conv" + c.name, f}, layer{"convdW" + c.name, d})
	}
	return ls
}

func random(n int) []float32 {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func BenchmarkProduct(b *testing.B) {
	for _, l := range layers() {
		b.Run(l.name, func(b *testing.B) {
			na, nb, nc := l.p.lens()
			x, w, y := random(na), random(nb), make([]float32, nc)
			b.ReportAllocs()
			for b.Loop() {
				l.p.Set(y, x, w)
			}
			b.ReportMetric(float64(l.p.FLOPs()*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
