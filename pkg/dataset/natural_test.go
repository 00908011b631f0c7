package dataset

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCompareNatural(t *testing.T) {
	sorted := []string{
		"", "0", "01", "1", "2", "10", "100", "99999999999999999999", "100000000000000000000",
		"A", "a", "a1", "a1b2", "a1b10", "a01c", "a2", "img9.png", "img10.png", "Ä", "é", "日本2", "日本10",
	}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := sign(compareNatural(a, b)), sign(i-j); got != want {
				t.Errorf("compareNatural(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

// A sort needs a total order: any shuffle of names must sort to the same list.
func TestCompareNaturalTotal(t *testing.T) {
	name := rapid.StringMatching(`[ab0129é]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if sign(compareNatural(a, b)) != -sign(compareNatural(b, a)) {
			t.Fatalf("%q and %q: not antisymmetric", a, b)
		}
		if (compareNatural(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q: equal only if the same", a, b)
		}
		s := []string{a, b, c}
		slices.SortFunc(s, compareNatural)
		if compareNatural(s[0], s[2]) > 0 {
			t.Fatalf("%q: not transitive", s)
		}
	})
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
