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
		{"densedX128x784x512", Product{M: 784, N: 128, K: Panel, Batch: 512 / Panel, ABatch: 784 * Panel, ARow: Panel, ACol: 1, BBatch: 128 * Panel, BPanel: Panel, BRow: 128, CRow: 128, CPanel: Panel}},
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

// BenchmarkVector runs each function on the values of 8 images of 28×28×32, which
// is about what a layer handles at a time (800 KB a slice), and on the rows of one image
// (28×32 values a call).
func BenchmarkVector(b *testing.B) {
	const n, row, c = 8 * 28 * 28 * 32, 28 * 32, 32
	w, x, y, z := random(n), random(n), random(n), random(n)
	k, l, m := random(c), random(c), random(c)
	u, v := make([]float64, c), make([]float64, c)
	rgb, bytes := make([]uint8, n-n%3), make([]uint8, n)
	for i := range bytes {
		bytes[i] = uint8(i*7) % 4
	}
	run := func(name string, bytesEach int, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(bytesEach)*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
	rows := func(f func(i, j int)) func() {
		return func() {
			for i := 0; i < n; i += row {
				f(i, i+row)
			}
		}
	}
	run("Add", 12, func() { Add(w, x) })
	run("Axpy", 12, func() { Axpy(w, x, 1) })
	run("ReLU", 8, func() { ReLU(w, x) })
	run("ReLUrows", 8, rows(func(i, j int) { ReLU(w[i:j], x[i:j]) }))
	run("ReLUGrad", 12, func() { ReLUGrad(w, x, y) })
	run("ScaleShift", 8, func() { ScaleShift(w, x, k, l) })
	run("ScaleShiftRows", 8, rows(func(i, j int) { ScaleShift(w[i:j], x[i:j], k, l) }))
	run("Combine", 12, func() { Combine(w, x, y, k, l, m) })
	run("NormalizeRGB", 5, func() { Normalize(w[:len(rgb)], rgb, k[:3], l[:3]) })
	run("SumRows", 4, func() { clear(k); SumRows(k, x) })
	run("Moments", 4, func() { Moments(u, v, x) })
	run("MomentsRows", 4, rows(func(i, j int) { Moments(u, v, x[i:j]) }))
	run("DotRows", 8, func() { DotRows(u, v, x, y) })
	run("MaxPool2x2", 4, func() {
		for i := 0; i < n; i += 2 * row {
			MaxPool2x2(w[i/4:i/4+row/2], bytes[i/4:i/4+row/2], x[i:i+row], x[i+row:i+2*row], c)
		}
	})
	run("MaxPool2x2Grad", 4, func() {
		for i := 0; i < n; i += 2 * row {
			MaxPool2x2Grad(w[i:i+row], w[i+row:i+2*row], x[i/4:i/4+row/2], bytes[i/4:i/4+row/2], c)
		}
	})
	clear(w)
	run("SGD", 20, func() { SGD(w, x, y, 1e-3, 0.9, 1e-4, true) })
	run("AdamW", 28, func() { AdamW(w, x, y, z, 1e-3, 0.9, 0.999, 1e-8, 1e-2, 1, 1) })
	run("SumSq", 4, func() { SumSq(x) })
	run("IsFinite", 4, func() { IsFinite(x) })
}
