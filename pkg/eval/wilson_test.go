package eval

import (
	"testing"

	"pgregory.net/rapid"
)

func TestWilsonProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 1_000_000).Draw(t, "n")
		correct := rapid.IntRange(0, n).Draw(t, "correct")
		lo, hi := Wilson(correct, n, 0.95)
		p := float64(correct) / float64(n)
		if !(0 <= lo && lo <= p && p <= hi && hi <= 1 && lo < hi) {
			t.Fatalf("Wilson(%d, %d) = %v, %v around %v", correct, n, lo, hi, p)
		}
		if wlo, whi := Wilson(correct, n, 0.99); wlo > lo || whi < hi {
			t.Fatalf("Wilson(%d, %d): 99 %% %v, %v inside 95 %% %v, %v", correct, n, wlo, whi, lo, hi)
		}
		// Right and wrong change places; 1-hi loses the digits below 1e-16.
		mlo, mhi := Wilson(n-correct, n, 0.95)
		if d := mlo + hi - 1; d > 1e-14 || d < -1e-14 {
			t.Fatalf("Wilson(%d, %d) = %v, %v, mirrored %v, %v", correct, n, lo, hi, mlo, mhi)
		}
	})
}

func TestWilsonEnds(t *testing.T) {
	if lo, hi := Wilson(0, 0, 0.95); lo != 0 || hi != 1 {
		t.Errorf("of nothing: %v, %v", lo, hi)
	}
	for _, n := range []int{1, 7, 300, 10000} {
		if lo, _ := Wilson(0, n, 0.95); lo != 0 {
			t.Errorf("0 of %d: from %v", n, lo)
		}
		if _, hi := Wilson(n, n, 0.95); hi != 1 {
			t.Errorf("%d of %d: to %v", n, n, hi)
		}
	}
}

func TestWilsonPanicsOnNonsense(t *testing.T) {
	for _, f := range []func(){
		func() { Wilson(-1, 3, 0.95) },
		func() { Wilson(4, 3, 0.95) },
		func() { Wilson(1, 3, 95) },
		func() { Wilson(1, 3, 0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		}()
	}
}
