package eval

import (
	"cmp"
	"slices"
)

// Point is a place on a ROC curve: what a threshold on the score lets through.
type Point struct {
	False float64 `json:"false"` // share of the negatives at or above the threshold
	True  float64 `json:"true"`  // share of the positives at or above it
}

// ROC returns the receiver operating characteristic of a score that should be
// high for positives: from (0, 0) to (1, 1), one point for each distinct score
// where the curve turns. It is nil where there is not one of both;
// sklearn.metrics.roc_curve.
func ROC(scores []float32, positive []bool) []Point {
	order := make([]int, len(scores))
	all := 0 // positives
	for i := range order {
		order[i] = i
		if positive[i] {
			all++
		}
	}
	if all == 0 || all == len(scores) {
		return nil
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	// Counts, so that points on a line are told exactly.
	type count struct{ f, t int }
	at := []count{{}}
	now := count{}
	for j, i := range order {
		if positive[i] {
			now.t++
		} else {
			now.f++
		}
		if j+1 < len(order) && scores[order[j+1]] == scores[i] {
			continue
		}
		if n := len(at); n >= 2 {
			a, b := at[n-2], at[n-1]
			if (b.f-a.f)*(now.t-b.t) == (now.f-b.f)*(b.t-a.t) {
				at = at[:n-1] // on the line between its neighbours
			}
		}
		at = append(at, now)
	}
	points := make([]Point, len(at))
	for i, c := range at {
		points[i] = Point{ratio(c.f, len(scores)-all), ratio(c.t, all)}
	}
	return points
}

// AUC is the area below a ROC curve: the chance that a positive has a higher
// score than a negative. 0.5 is guessing, and the answer to no curve;
// sklearn.metrics.roc_auc_score.
func AUC(curve []Point) float64 {
	if curve == nil {
		return 0.5
	}
	area := 0.0
	for i := 1; i < len(curve); i++ {
		area += (curve[i].False - curve[i-1].False) * (curve[i].True + curve[i-1].True) / 2
	}
	return area
}

// ClassROC is the ROC curve of one class against all others;
// probs is [len(labels)][classes].
func ClassROC(class int, labels []int, probs []float32) []Point {
	scores, is := make([]float32, len(labels)), make([]bool, len(labels))
	for i, label := range labels {
		scores[i] = row(labels, probs, i)[class]
		is[i] = label == class
	}
	return ROC(scores, is)
}

// classAUCs sets AUC of every class and returns the mean of those that have one.
func classAUCs(rs []ClassResult, labels []int, probs []float32) float64 {
	sum, n := 0.0, 0
	for c := range rs {
		curve := ClassROC(c, labels, probs)
		rs[c].AUC = AUC(curve)
		if curve != nil {
			sum += rs[c].AUC
			n++
		}
	}
	if n == 0 {
		return AUC(nil)
	}
	return sum / float64(n)
}
