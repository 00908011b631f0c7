package eval

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestROCAgreesWithScikitLearn(t *testing.T) {
	w := readGolden(t).Curve
	got := ROC(w.Scores, w.Is)
	// Ours leaves out the points within a straight line: each of theirs lies on
	// ours, and each of ours is one of theirs.
	at := 0
	for i := range w.False {
		p := Point{w.False[i], w.True[i]}
		if math.Abs(p.False-got[at].False) < tolerance && math.Abs(p.True-got[at].True) < tolerance {
			at++
			continue
		}
		a, b := got[at-1], got[at]
		if cross := (b.False-a.False)*(p.True-a.True) - (p.False-a.False)*(b.True-a.True); math.Abs(cross) > tolerance {
			t.Errorf("sklearn's %v is not on the line from %v to %v", p, a, b)
		}
	}
	if at != len(got) {
		t.Errorf("%d of %d points are sklearn's", at, len(got))
	}
	if a := AUC(got); math.Abs(a-w.AUC) > tolerance {
		t.Errorf("AUC %v, want %v", a, w.AUC)
	}
}

// AUC is the share of pairs in which the positive scores higher, ties half.
func TestAUCIsTheShareOfPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "n")
		is := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "is")
		scores := make([]float32, n)
		for i := range scores {
			scores[i] = float32(rapid.IntRange(0, 6).Draw(t, "score"))
		}
		pairs, won := 0.0, 0.0
		for i := range n {
			for j := range n {
				if is[i] && !is[j] {
					pairs++
					if scores[i] > scores[j] {
						won++
					} else if scores[i] == scores[j] {
						won += 0.5
					}
				}
			}
		}
		curve := ROC(scores, is)
		if pairs == 0 {
			if curve != nil || AUC(curve) != 0.5 {
				t.Fatalf("a curve without two sides: %v", curve)
			}
			return
		}
		if got := AUC(curve); math.Abs(got-won/pairs) > 1e-12 {
			t.Fatalf("AUC %v, want %v", got, won/pairs)
		}
		if first, last := curve[0], curve[len(curve)-1]; first != (Point{}) || last != (Point{1, 1}) {
			t.Fatalf("from %v to %v", first, last)
		}
	})
}
