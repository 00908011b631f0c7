package main

import (
	"slices"
	"testing"
)

func TestRead(t *testing.T) {
	r := results{}
	notes := r.read(`goos: linux
# peer 1.0
BenchmarkStep/lenet5/threads=1-16   10  123 ns/op  900 images/s  1.5 GFLOP/s
BenchmarkStep/lenet5/threads=1 1 700 images/s
BenchmarkStep/lenet5/threads=1 1 800 images/s
BenchmarkConv2D/6-16@5x5,14x14,batch=1/dX-2 5 42.5 GFLOP/s
ok  	squint	1s
`)
	if !slices.Equal(notes, []string{"peer 1.0"}) {
		t.Errorf("notes %q", notes)
	}
	for _, c := range []struct {
		name, unit string
		digits     int
		want       string
	}{
		{"Step/lenet5/threads=1", "images/s", 0, "800 (700–900)"},
		{"Step/lenet5/threads=1", "GFLOP/s", 1, "1.5"},
		{"Conv2D/6-16@5x5,14x14,batch=1/dX", "GFLOP/s", 1, "42.5"},
		{"Step/vgg", "images/s", 0, "–"},
	} {
		if got := r.cell(c.name, c.unit, c.digits); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	all := results{}
	all.merge("avx2/", r)
	all.add("avx2/Step/lenet5/threads=1", "images/s", 1000)
	if m := all.median("avx2/Step/lenet5/threads=1", "images/s"); m != 850 {
		t.Errorf("median of four %v, want 850", m)
	}
	if s := ratio(6, 4); s != "1.50" {
		t.Errorf("ratio %q", s)
	}
	if s := ratio(6, 0); s != "–" {
		t.Errorf("ratio to nothing %q", s)
	}
}
