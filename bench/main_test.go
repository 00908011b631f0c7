package main

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

func TestBenchmarkLines(t *testing.T) {
	r := results{}
	notes := r.add(fmt.Appendf(nil, `goos: linux
# peer 1.0
BenchmarkStep/lenet5/threads=1-%d   10  123 ns/op  900 images/s  1.5 GFLOP/s
BenchmarkStep/lenet5/threads=1 1 700 images/s
BenchmarkStep/lenet5/threads=1 1 800 images/s
BenchmarkProduct/conv-3x3-%d 5 42.5 GFLOP/s
ok  	squint	1s
`, runtime.GOMAXPROCS(0), runtime.GOMAXPROCS(0)))
	if !slices.Equal(notes, []string{"peer 1.0"}) {
		t.Errorf("notes %q", notes)
	}
	if m := r.median("Step/lenet5/threads=1", "images/s"); m != 800 {
		t.Errorf("median %v, want 800", m)
	}
	if m := r.median("Product/conv-3x3", "GFLOP/s"); m != 42.5 {
		t.Errorf("median %v, want 42.5", m)
	}
	if m := r.median("Step/vgg", "images/s"); m != 0 {
		t.Errorf("median of nothing %v", m)
	}
	if s := beside(6, 4, "%.1f"); s != "4.0 | 1.50" {
		t.Errorf("beside: %q", s)
	}
	if s := beside(6, 0, "%.1f"); s != "– | –" {
		t.Errorf("beside nothing: %q", s)
	}
}
