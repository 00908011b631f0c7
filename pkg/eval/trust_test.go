package eval

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTrustLearns(t *testing.T) {
	// 1000 answers: the 20 least probable are wrong. 50 pictures are strange.
	const n = 1000
	labels, probs, familiar := make([]int, n), []float32{}, make([]float32, n)
	for i := range n {
		p := 0.6 + 0.4*float32(i)/n
		if probs = append(probs, p, 1-p); i < 20 {
			labels[i] = 1
		}
		familiar[i] = 5
		if i >= 100 && i < 150 {
			familiar[i] = 1
		}
	}
	var tr Trust
	tr.Learn(labels, probs, familiar)
	if tr.N != n || tr.Familiar != 5 || tr.Default != 0.95 {
		t.Fatalf("%+v", tr)
	}
	r, err := tr.Rule(0.99)
	if err != nil {
		t.Fatal(err)
	}
	if r.Familiar != 5 || r.Score < 0.6 || r.Score > 0.608 { // all but some of the 20 wrong ones
		t.Errorf("rule %+v", r)
	}
	if !r.Unsure(r.Score-0.001, 5) || !r.Unsure(0.9, 4.9) || r.Unsure(r.Score, 5) {
		t.Errorf("rule %+v lets the wrong answers through", r)
	}
	if r, err := tr.Rule(0); err != nil || r != (Rule{}) || r.Unsure(0, 0) {
		t.Errorf("rule for 0: %+v, %v", r, err)
	}
	// A precision between two levels takes the stricter.
	a, _ := tr.Rule(0.951)
	b, _ := tr.Rule(0.96)
	if a != b {
		t.Errorf("0.951 gives %+v, 0.96 %+v", a, b)
	}
	if _, err := tr.Rule(0.9999); err == nil || !strings.Contains(err.Error(), "at most 0.99") {
		t.Errorf("0.9999: %v", err)
	}
	if tr.DefaultRule() != mustRule(t, &tr, 0.95) {
		t.Error("the default is not the rule of 0.95")
	}
}

func mustRule(t *testing.T, tr *Trust, p float64) Rule {
	t.Helper()
	r, err := tr.Rule(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNoTrust(t *testing.T) {
	var none *Trust
	if _, err := none.Rule(0.9); err == nil {
		t.Error("a model without Trust promised something")
	}
	if none.DefaultRule() != (Rule{}) {
		t.Error("a model without Trust is unsure")
	}
	var tr Trust
	tr.Learn([]int{0, 1, 0}, []float32{1, 0, 1, 0, 1, 0}, nil)
	if len(tr.Levels) != 0 || tr.Default != 0 || tr.DefaultRule() != (Rule{}) {
		t.Errorf("three pictures promise %+v", tr)
	}
	if _, err := tr.Rule(0.5); err == nil {
		t.Error("three pictures promised something")
	}
}

func TestFamiliarity(t *testing.T) {
	p := NewPrototypes([]float32{3, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0}, []int{0, 0, 2, 2}, 3, 3)
	if want := []float32{1, 0, 0, 1, 0, 0, 0, 1, 0}; !slices.Equal(p.V, want) { // one cluster a picture that has features
		t.Fatalf("prototypes %v, want %v", p.V, want)
	}
	for _, c := range []struct {
		f    []float32
		want float64
	}{
		{[]float32{4, 0, 0}, 4},                        // cos 1
		{[]float32{0, 3, 3}, 3 * math.Sqrt2 / 5.65685}, // cos √½: 3√2 · √½⁵
		{[]float32{0, 0, 7}, 0},
		{[]float32{-1, -1, 0}, 0},
		{[]float32{0, 0, 0}, 0},
	} {
		if got := p.Familiarity(c.f); math.Abs(float64(got)-c.want) > 1e-4 {
			t.Errorf("%v: %v, want %v", c.f, got, c.want)
		}
	}
}

func TestTrustValidate(t *testing.T) {
	good := func() *Trust {
		return &Trust{
			Calibration: &Calibration{Scale: []float32{1}}, Levels: []Level{{Precision: 0.9}, {Precision: 0.95}}, Default: 0.9,
			Familiar: 1, Prototypes: &Prototypes{D: 2, V: make([]float32, 4)},
		}
	}
	if err := good().Validate(3, 2); err != nil {
		t.Error(err)
	}
	for i, spoil := range []func(*Trust){
		func(t *Trust) { t.Calibration.Scale = []float32{1, 2} },
		func(t *Trust) { t.Calibration.Scale = nil },
		func(t *Trust) { t.Calibration.Scale[0] = -1 },
		func(t *Trust) { t.Calibration.Bias = []float32{1} },
		func(t *Trust) { t.Calibration.Curve = []float32{1, 2} },
		func(t *Trust) { t.Levels[1].Precision = 0.9 },
		func(t *Trust) { t.Levels[1].Precision = 1 },
		func(t *Trust) { t.Default = 0.91 },
		func(t *Trust) { t.Prototypes.D = 4 },
		func(t *Trust) { t.Prototypes.V[1] = float32(math.NaN()) },
		func(t *Trust) { t.Prototypes = nil },
	} {
		tr := good()
		spoil(tr)
		if tr.Validate(3, 2) == nil {
			t.Errorf("case %d was not noticed", i)
		}
	}
}

// Two directions in one class get a prototype each, and what lies between is
// stranger than either.
func TestPrototypesFindClusters(t *testing.T) {
	var features []float32
	var labels []int
	for i := range 40 {
		e := 0.01 * float32(i%5)
		if i%2 == 0 {
			features = append(features, 1, e, 0)
		} else {
			features = append(features, e, 1, 0)
		}
		labels = append(labels, 0)
	}
	p := NewPrototypes(features, labels, 1, 3)
	a, b, between := p.Familiarity([]float32{1, 0.02, 0}), p.Familiarity([]float32{0.02, 1, 0}), p.Familiarity([]float32{0.71, 0.71, 0})
	if a < 0.99 || b < 0.99 || between > 0.3 {
		t.Errorf("familiarity %v, %v, between %v", a, b, between)
	}
}
