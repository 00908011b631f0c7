package eval

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
)

// golden.json is made by make_golden.py, beside it, from scikit-learn 1.9.1,
// scipy 1.17.1 and statsmodels 0.15.0.
//
//go:embed testdata/golden.json
var goldenJSON []byte

type goldenCase struct {
	Name    string
	Labels  []int
	Classes int
	Probs   []float32
	Want    struct {
		Accuracy              float64
		Interval              [2]float64
		BalancedAccuracy      float64 `json:"balanced_accuracy"`
		MacroF1               float64 `json:"macro_f1"`
		Top5, Brier, ECE      float64
		LogLoss               float64 `json:"log_loss"`
		MacroAUC              float64 `json:"macro_auc"`
		AUC                   []*float64
		Precision, Recall, F1 []float64
		Support               []int
		Confusion             [][]int
	}
}

func readGolden(t *testing.T) (g struct {
	Cases  []goldenCase
	Wilson []struct {
		Correct, N         int
		Confidence, Lo, Hi float64
	}
	Risk []struct {
		Wrong, N     int
		Delta, Bound float64
	}
	Curve struct {
		Scores      []float32
		Is          []bool
		False, True []float64
		AUC         float64
	}
	Calibration []struct {
		Output             string
		Outputs            int
		Z                  []float32
		Labels             []int
		Scale, Bias, Curve []float64
	}
}) {
	t.Helper()
	if err := json.Unmarshal(goldenJSON, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// Both sides sum a hundred float64 terms of size 1, in other orders: 1e-14
// apart at worst. 1e-12 leaves room for their own formulas and fails on a
// difference in any definition.
const tolerance = 1e-12

func TestScoreAgreesWithScikitLearn(t *testing.T) {
	for _, c := range readGolden(t).Cases {
		t.Run(c.Name, func(t *testing.T) {
			got, err := Score(names(c.Classes), c.Labels, c.Probs)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences(got, c) {
				t.Error(d)
			}
		})
	}
}

func TestGoldenComparisonCanFail(t *testing.T) {
	c := readGolden(t).Cases[2]
	honest, err := Score(names(c.Classes), c.Labels, c.Probs)
	if err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func(*Result){
		func(r *Result) { r.Accuracy += 1e-9 },
		func(r *Result) { r.Interval[1] += 1e-9 },
		func(r *Result) { r.BalancedAccuracy += 1e-9 },
		func(r *Result) { r.MacroF1 = math.NaN() },
		func(r *Result) { r.Top5 -= 1e-9 },
		func(r *Result) { r.LogLoss += 1e-9 },
		func(r *Result) { r.Brier += 1e-9 },
		func(r *Result) { r.ECE += 1e-9 },
		func(r *Result) { r.PerClass[3].Recall += 1e-9 },
		func(r *Result) { r.PerClass[9].AUC -= 1e-9 },
		func(r *Result) { r.MacroAUC += 1e-9 },
		func(r *Result) { r.PerClass[3].N++ },
		func(r *Result) { r.Confusion[9][0]++ },
	} {
		r := *honest
		r.PerClass = slices.Clone(honest.PerClass)
		r.Confusion = slices.Clone(honest.Confusion)
		r.Confusion[9] = slices.Clone(honest.Confusion[9])
		spoil(&r)
		if n := len(differences(&r, c)); n != 1 {
			t.Errorf("%d differences found for one spoilt number in %+v", n, r)
		}
	}
}

func differences(got *Result, c goldenCase) (ds []string) {
	w := c.Want
	near := func(what string, got, want float64) {
		if !(math.Abs(got-want) <= tolerance) {
			ds = append(ds, fmt.Sprintf("%s: %v, want %v", what, got, want))
		}
	}
	near("accuracy", got.Accuracy, w.Accuracy)
	near("interval low", got.Interval[0], w.Interval[0])
	near("interval high", got.Interval[1], w.Interval[1])
	near("balanced accuracy", got.BalancedAccuracy, w.BalancedAccuracy)
	near("macro F1", got.MacroF1, w.MacroF1)
	near("top-5", got.Top5, w.Top5)
	near("log loss", got.LogLoss, w.LogLoss)
	near("Brier", got.Brier, w.Brier)
	near("ECE", got.ECE, w.ECE)
	near("macro AUC", got.MacroAUC, w.MacroAUC)
	for i, p := range got.PerClass {
		near("precision of "+p.Class, p.Precision, w.Precision[i])
		near("recall of "+p.Class, p.Recall, w.Recall[i])
		near("F1 of "+p.Class, p.F1, w.F1[i])
		auc := 0.5 // of a class that has none
		if w.AUC[i] != nil {
			auc = *w.AUC[i]
		}
		near("AUC of "+p.Class, p.AUC, auc)
		if p.N != w.Support[i] {
			ds = append(ds, fmt.Sprintf("n of %s: %d, want %d", p.Class, p.N, w.Support[i]))
		}
	}
	if !slices.EqualFunc(got.Confusion, w.Confusion, slices.Equal) {
		ds = append(ds, fmt.Sprintf("confusion: %v, want %v", got.Confusion, w.Confusion))
	}
	return ds
}

func TestWilsonAgreesWithStatsmodels(t *testing.T) {
	for _, w := range readGolden(t).Wilson {
		lo, hi := Wilson(w.Correct, w.N, w.Confidence)
		if !(math.Abs(lo-w.Lo) <= tolerance && math.Abs(hi-w.Hi) <= tolerance) {
			t.Errorf("Wilson(%d, %d, %v) = %v, %v; want %v, %v", w.Correct, w.N, w.Confidence, lo, hi, w.Lo, w.Hi)
		}
	}
}

func names(k int) []string {
	s := make([]string, k)
	for i := range s {
		s[i] = fmt.Sprintf("class%d", i)
	}
	return s
}
