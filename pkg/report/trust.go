package report

import (
	"fmt"
	"io"
	"strings"

	"squint/pkg/eval"
)

// Trust is what is known of how far the answers can be trusted.
type Trust struct {
	N       int     `json:"n"`       // validation pictures that it was learnt from
	Default float64 `json:"default"` // the precision where none is asked for; 0 is to answer always
	Levels  []Level `json:"levels"`  // by rising precision
}

// Level is one precision that can be asked for, what it costs, and what it was
// worth on the test part.
type Level struct {
	eval.Level
	Test *eval.Selected `json:"test"` // null without a test part
}

// NewTrust reports on t by the answers to the test part, if any; nil for nil.
func NewTrust(t *eval.Trust, labels []int, probs, familiar []float32) *Trust {
	if t == nil {
		return nil
	}
	out := &Trust{N: t.N, Default: t.Default, Levels: []Level{}}
	for _, l := range t.Levels {
		level := Level{Level: l}
		if len(labels) > 0 {
			s := eval.Select(eval.Rule{Score: l.Score, Familiar: t.Familiar}, labels, probs, familiar)
			level.Test = &s
		}
		out.Levels = append(out.Levels, level)
	}
	return out
}

// shown are the precisions that people see; --precision takes all between.
var shown = []float64{0.9, 0.95, 0.98, 0.99, 0.995}

// listed returns the levels that people see: those of shown, and the default.
func (t *Trust) listed() []Level {
	var ls []Level
	for _, l := range t.Levels {
		is := l.Precision == t.Default
		for _, p := range shown {
			is = is || l.Precision == p
		}
		if is {
			ls = append(ls, l)
		}
	}
	return ls
}

// Text says when the model answers and when it is unsure, as a table.
func (t *Trust) Text(w io.Writer, p Palette) error {
	var b strings.Builder
	writeTrust(&b, t, p)
	_, err := io.WriteString(w, b.String())
	return err
}

// writeTrust says when the model answers and when it is unsure.
func writeTrust(b *strings.Builder, t *Trust, p Palette) {
	if t == nil {
		return
	}
	if len(t.Levels) == 0 {
		fmt.Fprintf(b, "no share of right answers can be promised after %d validation pictures: it always answers\n\n", t.N)
		return
	}
	var table Table
	table.Row(p.Bold("right answers asked for"), p.Bold("answered"), p.Bold("of the test part"), p.Bold("right"))
	for _, l := range t.listed() {
		name := asked(l.Precision)
		if l.Precision == t.Default {
			name += " (default)"
		}
		row := []string{name, whole(l.Coverage)}
		if s := l.Test; s != nil {
			row = append(row, whole(s.Coverage), fmt.Sprintf("%s%%", percent(s.Right)))
		}
		table.Row(row...)
	}
	table.Write(b)
	b.WriteString("\n")
}

// asked writes a precision, which has few digits: "99.5%".
func asked(p float64) string { return fmt.Sprintf("%.4g%%", 100*p) }

func whole(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) }
