package hugepage

import "testing"

func TestFloats(t *testing.T) {
	for _, n := range []int{0, 1, from/4 - 1, from / 4, 3*from/4 + 5} {
		x := Floats(n)
		if len(x) != n {
			t.Fatalf("%d numbers, want %d", len(x), n)
		}
		for i := range x {
			if x[i] != 0 {
				t.Fatalf("number %d of %d is %v", i, n, x[i])
			}
			x[i] = 1
		}
	}
}
