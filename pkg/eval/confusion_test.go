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
	if got := Confused([][]int{{3, 0}, {0, 3}}); len(got) != 0 {
		t.Errorf("%v, want none", got)
	}
}
