package report

import (
	"testing"
)

// mnist is the class counts of the MNIST test part.
var mnist = []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}

// digits is a classifier with 88 mistakes on them, 8 or 9 a class, each for
// the next class.
func digits(t testing.TB) *Report {
	classes, confusion := make([]string, 10), make([][]int, 10)
	for c := range classes {
		classes[c] = string(rune('0' + c))
		confusion[c] = make([]int, 10)
		wrong := 9
		if c < 2 {
			wrong = 8
		}
		confusion[c][c] = mnist[c] - wrong
		confusion[c][(c+1)%10] = wrong
	}
	return &Report{Classes: classes, Test: scored(t, classes, confusion)}
}

func TestLine(t *testing.T) {
	hostile := digits(t)
	hostile.Test.MajorityClass = "\x1b[2Jone\r\n"
	for _, c := range []struct {
		name string
		r    *Report
		want string
	}{
		// 98.92 and 99.29 are statsmodels 0.15.0's
		// proportion_confint(9912, 10000, method="wilson").
		{"digits", digits(t), `test accuracy 99.12% (95% interval 98.92–99.29, n=10000; always "1" 11.35%)`},
		{"pets", pets(t), `test accuracy 90.00% (95% interval 74.38–96.54, n=30; always "cat" 50.00%)`},
		{"hostile", hostile, `test accuracy 99.12% (95% interval 98.92–99.29, n=10000; always "\x1b[2Jone\x0d\x0a" 11.35%)`},
		{"no test part", &Report{Val: &Part{N: 300, Accuracy: 0.975}}, `validation accuracy 97.50% (n=300, chosen by it; no test part)`},
		{"nothing", &Report{}, `accuracy unknown (no test part)`},
	} {
		if got := c.r.Line(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		rate float64
		want string
	}{
		{0, "0.00"},
		{1, "100.00"},
		{59999.0 / 60000, "99.99"}, // a mistake was made
		{1.0 / 60000, "0.01"},
		{0.5, "50.00"},
		{0.99125, "99.13"},
		{2.0 / 3, "66.67"},
	} {
		if got := percent(c.rate); got != c.want {
			t.Errorf("%v: %s, want %s", c.rate, got, c.want)
		}
	}
}
