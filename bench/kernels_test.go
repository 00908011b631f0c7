package main

import (
	"slices"
	"testing"
)

func TestLayers(t *testing.T) {
	b := &bench{ours: results{}}
	for _, name := range []string{
		"avx2/Conv2D/16-6@5x5/dW", "avx2/Conv2D/6-16@5x5/forward", "avx2/Conv2D/6-16@5x5/dX", "avx2/Conv2D/6-16@3x3/dX",
		"avx2/Conv2D/6-2/dX", "go/Conv2D/1-1/dX", "avx2/Dense/1-1/dX",
	} {
		b.ours.add(name, "GFLOP/s", 1)
	}
	want := []string{"6-2", "6-16@3x3", "6-16@5x5", "16-6@5x5"}
	if got := b.layers("avx2/Conv2D/"); !slices.Equal(got, want) {
		t.Errorf("layers %q, want %q", got, want)
	}
}
