package eval

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestRiskBoundAgreesWithScipy(t *testing.T) {
	for _, w := range readGolden(t).Risk {
		if got := RiskBound(w.Wrong, w.N, w.Delta); math.Abs(got-w.Bound) > 1e-9 {
			t.Errorf("%d wrong of %d, delta %v: %v, want %v", w.Wrong, w.N, w.Delta, got, w.Bound)
		}
	}
	if RiskBound(3, 3, 0.05) != 1 || RiskBound(0, 0, 0.05) != 1 {
		t.Error("all wrong, or nothing seen, promises nothing: want 1")
	}
}

// The promise itself: over many draws of a validation part, the true share of
// right answers above the threshold is below the one asked for at most in one draw
// of twenty. The score s of an answer is uniform and the answer right with
// chance (1+s)/2, so above a threshold t the true share is (3+t)/4.
func TestLevelsKeepTheirPromise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const draws, n = 400, 1000
	broken, promised := 0, 0
	for range draws {
		scores, right := make([]float32, n), make([]bool, n)
		for i := range scores {
			scores[i] = r.Float32()
			right[i] = r.Float64() < (1+float64(scores[i]))/2
		}
		for _, l := range Levels(n, scores, right, []float64{0.85}) {
			promised++
			if (3+float64(l.Score))/4 < l.Precision {
				broken++
			}
		}
	}
	if promised < draws*9/10 {
		t.Errorf("a level in %d of %d draws: no power", promised, draws)
	}
	if broken > draws/20 {
		t.Errorf("%d of %d promises broken, want at most one in twenty", broken, promised)
	}
	// Without the bound, by the plain share of the validation part, about half
	// would be broken: the test can fail.
}

func TestLevelsSayWhatTheyAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		scores, right := make([]float32, n), make([]bool, n)
		for i := range scores {
			scores[i] = float32(rapid.IntRange(0, 20).Draw(t, "score")) / 20
			right[i] = rapid.IntRange(0, 9).Draw(t, "luck") > 0
		}
		more := rapid.IntRange(0, 10).Draw(t, "strange")
		levels := Levels(n+more, scores, right, Precisions)
		last := 0.0
		for _, l := range levels {
			answered, good := 0, 0
			for i, s := range scores {
				if s >= l.Score {
					answered++
					if right[i] {
						good++
					}
				}
			}
			if l.Coverage != ratio(answered, n+more) || l.Right != ratio(good, answered) || l.Right < l.Precision || l.Precision <= last {
				t.Fatalf("%+v after %v: %d answered, %d right of %d", l, last, answered, good, n+more)
			}
			last = l.Precision
		}
	})
}

func TestSelect(t *testing.T) {
	probs := []float32{.9, .1, .6, .4, .2, .8, .3, .7}
	got := Select(Rule{Score: 0.65, Familiar: 1}, []int{0, 0, 0, 1}, probs, []float32{1, 2, 3, 0.5})
	lo, hi := Wilson(1, 2, Confidence)
	want := Selected{N: 4, Answered: 2, Correct: 1, Coverage: 0.5, Right: 0.5, Interval: [2]float64{lo, hi}}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
