package main

import (
	"fmt"

	"squint/internal/simd"
)

// shapes are products C[m][n] = A[m][k]·B[k][n], and the layer that is one.
var shapes = []struct {
	size        [3]int // m, k, n
	layer, says string
}{
	{[3]int{512, 512, 512}, "Product/sgemm512", "the kernel alone"},
	{[3]int{128, 784, 512}, "Dense/784-512,batch=128/forward", "dense 784-512, batch of 128"},
	{[3]int{32, 288, 1024}, "Conv2D/32-32@3x3,32x32,batch=1/forward", "3×3 convolution 32-32, one picture of 32×32"},
	{[3]int{16, 150, 100}, "Conv2D/6-16@5x5,14x14,batch=1/forward", "LeNet-5's second convolution, one picture"},
}

func sgemmName(size [3]int, kind string) string {
	return fmt.Sprintf("Sgemm/%dx%dx%d/%s", size[0], size[1], size[2], kind)
}

func measureSgemm(b *bench, _ int) {
	for _, s := range shapes {
		for _, kind := range []string{"threads=1", "threads=2", "gonum"} {
			b.ours.merge("", b.run("internal/simd/blas32", fmt.Sprintf("^BenchmarkSgemm$/^%dx%dx%d$/^%s$", s.size[0], s.size[1], s.size[2], kind), "100ms", ""))
		}
		for threads := 1; threads <= 2; threads++ {
			b.sgemm(s.size, threads)
		}
	}
}

func writeSgemm(b *bench) {
	fmt.Print(`
## Matrix products

C = A·B in GFLOP/s: gonum's contract on our kernels (internal/simd/blas32, all
matrices row by row as BLAS has them), OpenBLAS's sgemm and gonum's own. Beside
these the layer that does the same work with its weights as the kernel wants
them, on one core, from the table above.
`)
	var rows [][]string
	for _, s := range shapes {
		layer := simd.Tiers()[0] + "/" + s.layer
		for threads := 1; threads <= 2; threads++ {
			kind := fmt.Sprintf("threads=%d", threads)
			name, gonum := sgemmName(s.size, kind), sgemmName(s.size, "gonum")
			us, them := b.ours.median(name, "GFLOP/s"), b.blas.median(name, "GFLOP/s")
			row := []string{
				fmt.Sprintf("%d×%d×%d", s.size[0], s.size[1], s.size[2]), fmt.Sprint(threads),
				b.ours.cell(name, "GFLOP/s", 1), b.blas.cell(name, "GFLOP/s", 1), ratio(us, them), b.ours.cell(gonum, "GFLOP/s", 1), ratio(us, b.ours.median(gonum, "GFLOP/s")), "", "", "",
			}
			if threads == 1 {
				copy(row[7:], []string{s.says, b.ours.cell(layer, "GFLOP/s", 1), ratio(b.ours.median(layer, "GFLOP/s"), them)})
			}
			rows = append(rows, row)
		}
	}
	table([]string{"m×k×n", "threads", "ours", "OpenBLAS", "ratio", "gonum", "ratio", "layer", "it does", "ratio to OpenBLAS"}, rows)
}
