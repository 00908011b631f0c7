// Package eval says how good a classifier's answers are, from labelled
// pictures and the probabilities it gave them.
//
// Everything here is a pure function of its arguments: no input, no output, no
// shared state, and sums run in one fixed order, so the same answers give the
// same bytes. All functions may be called from several goroutines.
//
// A new measure is one file with its test: a function of (labels, probs), then
// one field of Result and one line in Score. What is not one number for the
// whole test part (a curve, a threshold) stays outside Result and gets its own
// type, as Bin has in calibration.go.
package eval

import (
	"fmt"
	"math"
)

// Confidence is the level of Result.Interval.
const Confidence = 0.95

// Result is how a classifier did on labelled pictures; its JSON is the "test"
// object of report.json. Every number in it is finite.
type Result struct {
	N        int        `json:"n"`
	Correct  int        `json:"correct"`
	Accuracy float64    `json:"accuracy"` // Correct / N
	Interval [2]float64 `json:"interval"` // Wilson interval of Accuracy, 95 %

	// Majority is the accuracy of always answering MajorityClass, the most
	// frequent class among the labels, the first such in class order.
	Majority      float64 `json:"majority"`
	MajorityClass string  `json:"majority_class"`

	// BalancedAccuracy is the mean recall of the classes that have examples;
	// sklearn.metrics.balanced_accuracy_score.
	BalancedAccuracy float64 `json:"balanced_accuracy"`
	// MacroF1 is the mean F1 of the classes that have examples or were
	// answered; sklearn.metrics.f1_score(average="macro").
	MacroF1 float64 `json:"macro_f1"`
	// MacroAUC is the mean AUC of the classes that have one, 0.5 for none;
	// sklearn.metrics.roc_auc_score(average="macro", multi_class="ovr").
	MacroAUC float64 `json:"macro_auc"`
	// Top5 is the share of pictures whose class is among the five most probable,
	// which is 1 where there are only five classes.
	Top5 float64 `json:"top5"`

	LogLoss float64 `json:"log_loss"` // see LogLoss
	Brier   float64 `json:"brier"`    // see Brier
	ECE     float64 `json:"ece"`      // see ECE

	PerClass  []ClassResult `json:"per_class"` // in class order
	Confusion [][]int       `json:"confusion"` // [given class][answer], pictures
}

// Score measures the answers of a classifier: labels[i] is the class of picture
// i as an index into classes, and probs, [len(labels)][len(classes)] row by
// row, are its probabilities. The answer to a picture is Argmax of its row.
//
// Each row must be finite, not negative and sum to 1 within 1e-3, which is what
// tells probabilities from sigmoid outputs that nobody normalised; the error
// names the row and the class. No pictures is an error too.
func Score(classes []string, labels []int, probs []float32) (*Result, error) {
	if err := check(classes, labels, probs); err != nil {
		return nil, err
	}
	n, k := len(labels), len(classes)
	r := &Result{N: n, Confusion: Confusion(k, labels, probs)}
	r.PerClass = perClass(classes, r.Confusion)
	for c, p := range r.PerClass {
		r.Correct += r.Confusion[c][c]
		if m := ratio(p.N, n); m > r.Majority {
			r.Majority, r.MajorityClass = m, p.Class
		}
	}
	r.Accuracy = ratio(r.Correct, n)
	r.Interval[0], r.Interval[1] = Wilson(r.Correct, n, Confidence)
	r.BalancedAccuracy, r.MacroF1 = macro(r.PerClass)
	r.MacroAUC = classAUCs(r.PerClass, labels, probs)
	r.Top5 = TopAccuracy(5, labels, probs)
	r.LogLoss = LogLoss(labels, probs)
	r.Brier = Brier(labels, probs)
	r.ECE = ECE(Reliability(labels, probs))
	return r, nil
}

// sumSlack is how far a row of probabilities may sum from 1: a float32 softmax
// over 1000 classes is off by less than 1e-4, raw sigmoid outputs by tenths.
const sumSlack = 1e-3

func check(classes []string, labels []int, probs []float32) error {
	n, k := len(labels), len(classes)
	if n == 0 || k == 0 {
		return fmt.Errorf("eval: %d pictures of %d classes, want at least one of each", n, k)
	}
	if len(probs) != n*k {
		return fmt.Errorf("eval: %d probabilities for %d pictures of %d classes, want %d", len(probs), n, k, n*k)
	}
	for i, label := range labels {
		if label < 0 || label >= k {
			return fmt.Errorf("eval: row %d: label %d, want 0 to %d", i, label, k-1)
		}
		sum := 0.0
		for c, p := range probs[i*k : (i+1)*k] {
			if !(p >= 0) || math.IsInf(float64(p), 0) { // !(p >= 0) also holds for NaN
				return fmt.Errorf("eval: row %d, class %q: probability %v, want 0 to 1", i, classes[c], p)
			}
			sum += float64(p)
		}
		if math.Abs(sum-1) > sumSlack {
			return fmt.Errorf("eval: row %d: probabilities sum to %.4g, want 1", i, sum)
		}
	}
	return nil
}

// ratio is a/b, and 0 where nothing was counted (b = 0).
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
