package report

import (
	"fmt"
	"strings"
	"testing"
)

// spread makes a classifier of k classes that knows most of ten pictures of
// class c and takes c%4 of them for class c+1 and one for class 0.
func spread(k int) [][]int {
	m := make([][]int, k)
	for g := range m {
		m[g] = make([]int, k)
		m[g][g] += 9 - g%4
		m[g][(g+1)%k] += g % 4
		m[g][0]++
	}
	return m
}

// perfect makes a classifier of k classes that knows all, two pictures each.
func perfect(k int) [][]int {
	m := make([][]int, k)
	for g := range m {
		m[g] = make([]int, k)
		m[g][g] = 2
	}
	return m
}

func breeds(k int) []string {
	s := make([]string, k)
	for i := range s {
		s[i] = fmt.Sprintf("breed %d", i+1)
	}
	return s
}

func TestText(t *testing.T) {
	hostile := []string{"cat\x1b[2J\x1b]0;owned\a", "\u202egod", "猫" + strings.Repeat("のねこ", 20), "\xffempty\n", "z" + strings.Repeat("\u0300", 100)}
	manySkipped := pets(t)
	for i := range 12 {
		file := fmt.Sprintf("pets/dog/\x1b[31m%d.png", i)
		if i == 2 {
			file = strings.Repeat("deep/", 50) + "cat.jpg"
		}
		manySkipped.Skipped = append(manySkipped.Skipped, Skipped{File: file, Reason: "not an image:\n\u202eHTML"})
	}
	for _, c := range []struct {
		name    string
		r       *Report
		palette Palette
	}{
		{"pets", pets(t), Palette{}},
		{"pets-colour", pets(t), Colors(true)},
		{"digits", digits(t), Palette{}},
		{"skipped", manySkipped, Palette{}},
		{"long-names", &Report{Test: scored(t, []string{"golden_retriever", "golden_doodle"}, [][]int{{3, 1}, {0, 4}})}, Palette{}},
		{"breeds-20", &Report{Test: scored(t, breeds(20), spread(20))}, Palette{}},
		{"breeds-25", &Report{Test: scored(t, breeds(25), spread(25))}, Palette{}},
		{"breeds-21-perfect", &Report{Test: scored(t, breeds(21), perfect(21))}, Palette{}},
		{"breeds-101", &Report{Test: scored(t, breeds(101), spread(101))}, Palette{}},
		{"hostile", &Report{Test: scored(t, hostile, [][]int{
			{9, 1, 0, 0, 0}, {2, 8, 0, 0, 0}, {0, 0, 100000, 0, 0}, {0, 0, 0, 0, 0}, {1, 0, 0, 0, 0},
		})}, Palette{}},
		{"no-test", &Report{Val: &Part{N: 30, Accuracy: 0.9}}, Palette{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			if err := c.r.Text(&b, c.palette); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name+".txt", b.String())
			for line := range strings.Lines(colours.ReplaceAllString(b.String(), "")) {
				if !harmless(strings.TrimSuffix(line, "\n")) {
					t.Errorf("raw on the terminal: %q", line)
				}
			}
			plain := strings.TrimSuffix(colours.ReplaceAllString(b.String(), ""), "\n")
			if last := plain[strings.LastIndexByte(plain, '\n')+1:]; last != c.r.Line() {
				t.Errorf("last line %q, want %q", last, c.r.Line())
			}
		})
	}
	if err := pets(t).Text(fullDisk{}, Palette{}); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}
