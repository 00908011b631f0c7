package eval

import (
	"slices"
	"testing"
)

func TestConfused(t *testing.T) {
	got := Confused([][]int{
		{9, 2, 0},
		{5, 9, 2},
		{2, 0, 9},
	})
	want := []Pair{{1, 0, 5}, {0, 1, 2}, {1, 2, 2}, {2, 0, 2}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	// More pairs than an unstable sort leaves in order by luck.
	alike := make([][]int, 6)
	for g := range alike {
		alike[g] = []int{1, 1, 1, 1, 1, 1}
	}
	alike[5][4] = 2
	pairs := Confused(alike)
	if len(pairs) != 30 || pairs[0] != (Pair{5, 4, 2}) || !slices.IsSortedFunc(pairs[1:], func(p, q Pair) int {
		return 6*(p.Given-q.Given) + p.Answer - q.Answer
	}) {
		t.Errorf("equally frequent mistakes out of class order: %v", pairs)
	}
	if got := Confused([][]int{{3, 0}, {0, 3}}); len(got) != 0 {
		t.Errorf("%v, want none", got)
	}
}
