package eval

import (
	"math"
	"testing"
)

func TestReliabilityBins(t *testing.T) {
	// Confidences 0.5, 0.6 and 1 fall in bins ⌊15·p⌋ = 7, 9 and 14 (the last holds
	// 1 too): float32(0.6) is just above 9/15. The two in bin 14 are one right, one wrong.
	bins := Reliability([]int{0, 1, 0, 1}, []float32{
		0.5, 0.5,
		0.4, 0.6,
		1, 0,
		1, 0,
	})
	for b, got := range bins {
		want := map[int]Bin{7: {1, 0.5, 1}, 9: {1, float64(float32(0.6)), 1}, 14: {2, 1, 0.5}}[b]
		if got != want {
			t.Errorf("bin %d: %+v, want %+v", b, got, want)
		}
	}
	if len(bins) != Bins {
		t.Errorf("%d bins, want %d", len(bins), Bins)
	}
	// (|1-0.5| + |1-0.6| + 2·|0.5-1|) / 4
	if got, want := ECE(bins), (0.5+1-float64(float32(0.6))+1)/4; math.Abs(got-want) > 1e-15 {
		t.Errorf("ECE %v, want %v", got, want)
	}
}

func TestECEOfNothing(t *testing.T) {
	if got := ECE(make([]Bin, Bins)); got != 0 {
		t.Errorf("%v, want 0", got)
	}
}
