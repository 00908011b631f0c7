package eval

import (
	"math"
	"testing"
)

func TestProperScores(t *testing.T) {
	for _, c := range []struct {
		name           string
		labels         []int
		probs          []float32
		logLoss, brier float64
	}{
		{"certain and right", []int{1}, []float32{0, 1}, 0, 0},
		{"certain and wrong", []int{0}, []float32{0, 1}, 23 * math.Ln2, 2},
		{"guessing", []int{0, 3}, []float32{0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25}, math.Log(4), 0.75},
		{"a row over 1", []int{0}, []float32{1.0005, 0}, 0, 0.0005 * 0.0005},
	} {
		// 1e-9 for float32(1.0005), whose distance from 1 is off by 1e-7 of itself.
		if got := LogLoss(c.labels, c.probs); math.Abs(got-c.logLoss) > 1e-9 || math.Signbit(got) {
			t.Errorf("%s: log loss %v, want %v", c.name, got, c.logLoss)
		}
		if got := Brier(c.labels, c.probs); math.Abs(got-c.brier) > 1e-9 {
			t.Errorf("%s: Brier %v, want %v", c.name, got, c.brier)
		}
	}
}
