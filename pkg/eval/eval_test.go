package eval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// answers draws labelled rows of probabilities. Values within a row differ, so
// that no property hangs on how ties are broken.
func answers(t *rapid.T) (k int, labels []int, probs []float32) {
	k = rapid.IntRange(1, 8).Draw(t, "classes")
	n := rapid.IntRange(1, 40).Draw(t, "pictures")
	labels = rapid.SliceOfN(rapid.IntRange(0, k-1), n, n).Draw(t, "labels")
	for range n {
		order := rapid.Permutation(names(k)).Draw(t, "order")
		steep := rapid.Float64Range(0.1, 3).Draw(t, "steep")
		p, sum := make([]float64, k), 0.0
		for i, name := range order {
			p[i] = math.Exp(steep * float64(name[len(name)-1]-'0'))
			sum += p[i]
		}
		for _, v := range p {
			probs = append(probs, float32(v/sum))
		}
	}
	return k, labels, probs
}

func TestScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, labels, probs := answers(t)
		r, err := Score(names(k), labels, probs)
		if err != nil {
			t.Fatal(err)
		}
		if r.N != len(labels) || r.Accuracy != float64(r.Correct)/float64(r.N) {
			t.Fatalf("accuracy %v of %d/%d", r.Accuracy, r.Correct, r.N)
		}
		if r.Interval[0] < 0 || r.Interval[0] > r.Accuracy || r.Accuracy > r.Interval[1] || r.Interval[1] > 1 {
			t.Fatalf("accuracy %v outside interval %v", r.Accuracy, r.Interval)
		}
		seen, answered, right := 0, 0, 0
		for c, p := range r.PerClass {
			support := 0
			for _, n := range r.Confusion[c] {
				support += n
			}
			if p.N != support {
				t.Fatalf("class %d: n = %d, its confusion row sums to %d", c, p.N, support)
			}
			if float64(p.N)/float64(r.N) > r.Majority {
				t.Fatalf("majority %v, but class %d has %d of %d", r.Majority, c, p.N, r.N)
			}
			seen, answered, right = seen+p.N, answered+p.Answered, right+r.Confusion[c][c]
		}
		if seen != r.N || answered != r.N || right != r.Correct {
			t.Fatalf("%d seen, %d answered, %d right in the confusion matrix of %d with %d right", seen, answered, right, r.N, r.Correct)
		}
		if r.Top5 < r.Accuracy || k <= 5 && r.Top5 != 1 {
			t.Fatalf("top-5 accuracy %v of %d classes, accuracy %v", r.Top5, k, r.Accuracy)
		}
		if r.Brier < 0 || r.Brier > 2 || r.ECE < 0 || r.ECE > 1 || r.LogLoss < 0 {
			t.Fatalf("Brier %v, ECE %v, log loss %v", r.Brier, r.ECE, r.LogLoss)
		}
		if _, err := json.Marshal(r); err != nil { // fails on NaN and Inf
			t.Fatal(err)
		}
	})
}

func TestPermutingClassesPermutesResults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, labels, probs := answers(t)
		to := make([]int, k) // class c becomes to[c]
		for i := range to {
			to[i] = i
		}
		to = rapid.Permutation(to).Draw(t, "to")
		classes2, labels2, probs2 := make([]string, k), make([]int, len(labels)), make([]float32, len(probs))
		for c, name := range names(k) {
			classes2[to[c]] = name
			for i := range labels {
				probs2[i*k+to[c]] = probs[i*k+c]
			}
		}
		for i, label := range labels {
			labels2[i] = to[label]
		}
		a, err := Score(names(k), labels, probs)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Score(classes2, labels2, probs2)
		if err != nil {
			t.Fatal(err)
		}
		for c := range to {
			if a.PerClass[c] != b.PerClass[to[c]] {
				t.Fatalf("%+v became %+v", a.PerClass[c], b.PerClass[to[c]])
			}
			for d := range to {
				if a.Confusion[c][d] != b.Confusion[to[c]][to[d]] {
					t.Fatalf("confusion %v became %v under %v", a.Confusion, b.Confusion, to)
				}
			}
		}
		// Sums over classes run in another order: a few times 1e-16 apart.
		for _, v := range [][2]float64{{a.Accuracy, b.Accuracy}, {a.Majority, b.Majority}, {a.BalancedAccuracy, b.BalancedAccuracy},
			{a.MacroF1, b.MacroF1}, {a.Top5, b.Top5}, {a.LogLoss, b.LogLoss}, {a.Brier, b.Brier}, {a.ECE, b.ECE}} {
			if math.Abs(v[0]-v[1]) > 1e-13 {
				t.Fatalf("%v became %v", a, b)
			}
		}
	})
}

func TestScoreOfNothingToDivideBy(t *testing.T) {
	// "b" is never answered, "c" has no pictures, "d" has neither.
	r, err := Score([]string{"a", "b", "c", "d"}, []int{0, 1, 0}, []float32{
		1, 0, 0, 0,
		1, 0, 0, 0,
		0, 0, 1, 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []ClassResult{
		{Class: "a", N: 2, Answered: 2, Precision: 0.5, Recall: 0.5, F1: 0.5, AUC: 0.25},
		{Class: "b", N: 1, AUC: 0.5},
		{Class: "c", Answered: 1, AUC: 0.5},
		{Class: "d", AUC: 0.5},
	}
	if !slices.Equal(r.PerClass, want) {
		t.Errorf("per class %+v, want %+v", r.PerClass, want)
	}
	for c, undefined := range [][3]bool{{}, {true, false, false}, {false, true, false}, {true, true, true}} {
		p, rec, f1 := r.PerClass[c].Undefined()
		if got := [3]bool{p, rec, f1}; got != undefined {
			t.Errorf("class %d: precision, recall, F1 undefined: %v, want %v", c, got, undefined)
		}
	}
	// Recall over a and b: (1/2 + 0)/2. F1 over a, b and c: (1/2 + 0 + 0)/3.
	if r.BalancedAccuracy != 0.25 || r.MacroF1 != 0.5/3 {
		t.Errorf("balanced accuracy %v, macro F1 %v", r.BalancedAccuracy, r.MacroF1)
	}
	if r.MajorityClass != "a" || r.Majority != 2.0/3 {
		t.Errorf("majority %q %v", r.MajorityClass, r.Majority)
	}
}

func TestMajorityTieIsTheFirstClass(t *testing.T) {
	r, err := Score([]string{"a", "b", "c"}, []int{2, 1}, []float32{1, 0, 0, 1, 0, 0})
	if err != nil || r.MajorityClass != "b" || r.Majority != 0.5 || r.Correct != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestScoreErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	ab := []string{"a", "b"}
	for _, c := range []struct {
		classes []string
		labels  []int
		probs   []float32
		want    string
	}{
		{ab, nil, nil, "0 pictures of 2 classes"},
		{nil, []int{0}, nil, "1 pictures of 0 classes"},
		{ab, []int{0, 1}, []float32{1, 0, 1}, "3 probabilities for 2 pictures of 2 classes, want 4"},
		{ab, []int{0, 2}, []float32{1, 0, 1, 0}, "row 1: label 2, want 0 to 1"},
		{ab, []int{-1}, []float32{1, 0}, "row 0: label -1"},
		{ab, []int{0, 1}, []float32{1, 0, 0, nan}, `row 1, class "b": probability NaN`},
		{ab, []int{0}, []float32{inf, 0}, `row 0, class "a": probability +Inf`},
		{ab, []int{0}, []float32{-inf, 0}, `row 0, class "a": probability -Inf`},
		{ab, []int{0}, []float32{-0.1, 1.1}, `row 0, class "a": probability -0.1`},
		{ab, []int{0, 0}, []float32{1, 0, 0.9, 0.7}, "row 1: probabilities sum to 1.6"},
		{ab, []int{0}, []float32{0, 0}, "row 0: probabilities sum to 0"},
		{ab, []int{0}, []float32{math.MaxFloat32, math.MaxFloat32}, "row 0: probabilities sum to 6.8"},
	} {
		r, err := Score(c.classes, c.labels, c.probs)
		if err == nil || r != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "eval: ") {
			t.Errorf("Score(%v, %v, %v): %v, want an error with %q", c.classes, c.labels, c.probs, err, c.want)
		}
	}
}

// The field names are a contract with whoever reads report.json.
func TestResultJSON(t *testing.T) {
	r, err := Score([]string{"cat", "dog"}, []int{0, 1}, []float32{1, 0, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	r.Interval = [2]float64{0.1, 0.9} // its digits are TestWilson's business
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	// Log loss is half of 23·ln 2, Brier half of 2; one right of two at full
	// confidence is a calibration error of 1/2.
	const want = `{"n":2,"correct":1,"accuracy":0.5,"interval":[0.1,0.9],"majority":0.5,"majority_class":"cat",` +
		`"balanced_accuracy":0.5,"macro_f1":0.3333333333333333,"macro_auc":0.5,"top5":1,"log_loss":7.971192576439371,"brier":1,"ece":0.5,` +
		`"per_class":[{"class":"cat","n":1,"answered":2,"precision":0.5,"recall":1,"f1":0.6666666666666666,"auc":0.5},` +
		`{"class":"dog","n":1,"answered":0,"precision":0,"recall":0,"f1":0,"auc":0.5}],"confusion":[[1,0],[1,0]]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func BenchmarkScore(b *testing.B) {
	const n, k = 10000, 10
	rng := rand.New(rand.NewPCG(1, 2))
	labels, probs := make([]int, n), make([]float32, n*k)
	for i := range labels {
		labels[i] = rng.IntN(k)
		row, sum := probs[i*k:(i+1)*k], float32(0)
		for c := range row {
			row[c] = rng.Float32()
			sum += row[c]
		}
		for c := range row {
			row[c] /= sum
		}
	}
	classes := names(k)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Score(classes, labels, probs); err != nil {
			b.Fatal(err)
		}
	}
}
