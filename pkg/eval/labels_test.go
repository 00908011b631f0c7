package eval

import (
	"slices"
	"testing"
)

func TestSuspects(t *testing.T) {
	labels := []int{0, 0, 0, 1, 1, 1, 0}
	probs := []float32{
		.9, .1,
		.8, .2,
		.05, .95, // looks like 1: above the mean .68 of class 1's
		.1, .9,
		.2, .8,
		.65, .35, // looks a bit like 0, but less than class 0's do (mean .5625): .65 is above it
		.5, .5,
	}
	// Class 0's mean: (.9+.8+.05+.5)/4 = .5625. Class 1's: (.9+.8+.35)/3 = .683.
	got := Suspects(labels, probs)
	if len(got) != 2 || got[0].Index != 2 || got[0].Suggested != 1 || got[1].Index != 5 || got[1].Given != 1 || got[1].Suggested != 0 {
		t.Errorf("%+v", got)
	}
	if Suspects(nil, nil) != nil {
		t.Error("suspects among nothing")
	}
	// A classifier that is never sure of class 1 holds its label to less.
	got = Suspects([]int{1, 1, 0, 0}, []float32{.6, .4, .6, .4, .9, .1, .55, .45})
	at := slices.IndexFunc(got, func(s Suspect) bool { return s.Index == 0 })
	if at >= 0 {
		t.Errorf("%+v: .6 is less than the pictures of class 0 have", got)
	}
}
