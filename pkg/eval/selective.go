package eval

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Risk is the chance that a validation part is so lucky that fewer answers are
// right than a Level says: once in twenty.
const Risk = 0.05

// Precisions are the shares of right answers that users can ask for.
var Precisions = []float64{0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999}

// Level is a promise: where only answers with a probability of at least Score
// count, at least Precision of them are right.
type Level struct {
	Precision float64 `json:"precision"`
	Score     float32 `json:"score"`
	Coverage  float64 `json:"coverage"` // share of the validation pictures that are answered
	Right     float64 `json:"right"`    // share of those answers that is right
}

// Levels returns a Level for each of the rising precisions that pictures which
// the network has not learnt from allow to promise. answered lists the
// probability of each answer that may be given at all and right whether it was
// right; n counts all pictures, the others too.
//
// The thresholds that are tried leave the best 1 %, 2 %, … of all answers. One
// passes if the exact binomial bound on the share of its answers that are wrong
// is at most 1 − precision. From each of four starts, at confidence 1 − Risk/4, the
// tests go on to lower thresholds as long as they pass, so that their number costs
// nothing (fixed sequence testing with several starts: Angelopoulos et al. 2021,
// Learn then Test, arXiv 2110.01052; the bound on the selective risk is that of
// Geifman and El-Yaniv 2017, arXiv 1705.08500, lemma 3.1). So, over the draw of the
// validation pictures, each promise holds with a chance of 95 %, for pictures
// like them.
func Levels(n int, scores []float32, right []bool, precisions []float64) []Level {
	if len(scores) != len(right) || len(scores) > n {
		panic(fmt.Sprintf("eval: %d scores, %d answers of %d pictures", len(scores), len(right), n))
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	wrong := make([]int, len(order)+1) // among the best so many
	for j, i := range order {
		wrong[j+1] = wrong[j]
		if !right[i] {
			wrong[j+1]++
		}
	}
	var levels []Level
	for _, p := range precisions {
		best := 0 // answers
		for _, start := range starts {
			for share := start; share <= 100; share++ {
				m := (share*len(order) + 99) / 100
				for m > 0 && m < len(order) && scores[order[m]] == scores[order[m-1]] {
					m++ // equal scores are answered together
				}
				if RiskBound(wrong[m], m, Risk/float64(len(starts))) > 1-p {
					break
				}
				best = max(best, m)
			}
		}
		if best > 0 {
			levels = append(levels, Level{
				Precision: p, Score: scores[order[best-1]],
				Coverage: ratio(best, n), Right: ratio(best-wrong[best], best),
			})
		}
	}
	return levels
}

// starts are the shares of the answers, in percent, at which the tests begin:
// few answers are mostly right, but prove little.
var starts = [...]int{12, 25, 50, 75}

// RiskBound is the share of wrong answers that is not exceeded, except with
// chance delta, by a classifier that gave wrong of n answers wrong: the exact
// upper bound of Clopper and Pearson 1934, one-sided;
// scipy.stats.beta.ppf(1-delta, wrong+1, n-wrong).
func RiskBound(wrong, n int, delta float64) float64 {
	if wrong >= n {
		return 1
	}
	return mathext.InvRegIncBeta(float64(wrong)+1, float64(n-wrong), 1-delta)
}

// Selected is how a classifier did that says "unsure" by some Rule.
type Selected struct {
	N        int        `json:"n"`        // pictures
	Answered int        `json:"answered"` // those that got an answer
	Correct  int        `json:"correct"`  // answers that are right
	Coverage float64    `json:"coverage"` // Answered / N
	Right    float64    `json:"right"`    // Correct / Answered; 0 for no answers
	Interval [2]float64 `json:"interval"` // Wilson interval of Right, 95 %
}

// Select counts what a Rule lets through: probs is [len(labels)][classes],
// familiar [len(labels)].
func Select(r Rule, labels []int, probs, familiar []float32) Selected {
	s := Selected{N: len(labels)}
	for i, label := range labels {
		p := row(labels, probs, i)
		answer := Argmax(p)
		if r.Unsure(p[answer], familiar[i]) {
			continue
		}
		s.Answered++
		if answer == label {
			s.Correct++
		}
	}
	s.Coverage, s.Right = ratio(s.Answered, s.N), ratio(s.Correct, s.Answered)
	s.Interval[0], s.Interval[1] = Wilson(s.Correct, s.Answered, Confidence)
	return s
}
