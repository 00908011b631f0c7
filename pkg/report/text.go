package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"squint/pkg/eval"
)

// Where a list stops being read: a matrix wider than a terminal, a table
// longer than a few screens.
const (
	maxMatrix  = 20  // classes; beyond, the commonest mistakes are listed instead
	maxTable   = 100 // classes; beyond, the weakest are listed
	maxListed  = 20  // of the weakest classes or commonest mistakes
	maxSkipped = 10  // files
	lineCells  = 100 // a matrix with class names on top may be this wide
	headCells  = 8   // and each of those names so long
	fileCells  = 160 // a file's name, or the reason why it was skipped
)

// Text writes the report for people: a table of classes, the confusion matrix,
// what was skipped, and Line last.
func (r *Report) Text(w io.Writer, p Palette) error {
	var b strings.Builder
	if t := r.Test; t != nil {
		writeClasses(&b, t, p)
		writeSummary(&b, t)
		writeMatrix(&b, t, p)
	}
	writeTrust(&b, r.Trust, p)
	writeSkipped(&b, r.Skipped, p)
	b.WriteString(p.Bold(r.Line()) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func writeClasses(b *strings.Builder, t *eval.Result, p Palette) {
	classes := t.PerClass
	if len(classes) > maxTable {
		classes = slices.Clone(classes)
		slices.SortStableFunc(classes, func(c, d eval.ClassResult) int { return cmp.Compare(c.F1, d.F1) })
		classes = classes[:maxListed]
		b.WriteString(p.Bold(fmt.Sprintf("the %d weakest of %d classes", maxListed, len(t.PerClass))) + "\n")
	}
	var table Table
	table.Row(p.Bold("class"), p.Bold("n"), p.Bold("precision"), p.Bold("recall"), p.Bold("F1"))
	for _, c := range classes {
		noPrecision, noRecall, noF1 := c.Undefined()
		table.Row(name(c.Class), strconv.Itoa(c.N), rate(c.Precision, noPrecision), rate(c.Recall, noRecall), rate(c.F1, noF1))
	}
	table.Write(b) // a strings.Builder takes everything
	b.WriteString("\n")
}

func writeSummary(b *strings.Builder, t *eval.Result) {
	fmt.Fprintf(b, "balanced accuracy %s%%, macro F1 %s%%", percent(t.BalancedAccuracy), percent(t.MacroF1))
	if len(t.PerClass) > 5 {
		fmt.Fprintf(b, ", top-5 accuracy %s%%", percent(t.Top5))
	}
	fmt.Fprintf(b, "\nlog loss %.4f, Brier score %.4f, calibration error %.4f\n\n", t.LogLoss, t.Brier, t.ECE)
}

func writeMatrix(b *strings.Builder, t *eval.Result, p Palette) {
	if len(t.Confusion) > maxMatrix {
		writeConfused(b, t, p)
		return
	}
	const corner = "given \\ answer"
	names, heads := make([]string, len(t.Confusion)), make([]string, len(t.Confusion))
	line, longest := width(corner), 0
	for c := range names {
		names[c] = name(t.PerClass[c].Class)
		heads[c] = names[c]
		longest = max(longest, width(names[c]))
		line += 2 + width(names[c])
	}
	if longest > headCells || line > lineCells {
		// Names cut short enough to stand on columns may look alike: number them.
		digits := len(strconv.Itoa(len(names)))
		for c := range names {
			heads[c] = strconv.Itoa(c + 1)
			names[c] = fmt.Sprintf("%*d %s", digits, c+1, names[c])
		}
	}
	var table Table
	table.Row(append([]string{p.Bold(corner)}, heads...)...)
	for g, answers := range t.Confusion {
		cells := []string{names[g]}
		for a, n := range answers {
			switch cell := strconv.Itoa(n); {
			case g == a:
				cells = append(cells, p.Good(cell))
			case n == 0:
				cells = append(cells, p.Faint("·"))
			default:
				cells = append(cells, p.Bad(cell))
			}
		}
		table.Row(cells...)
	}
	table.Write(b)
	b.WriteString("\n")
}

func writeConfused(b *strings.Builder, t *eval.Result, p Palette) {
	pairs := eval.Confused(t.Confusion)
	if len(pairs) == 0 {
		return
	}
	var table Table
	table.Row(p.Bold("given"), p.Bold("answer"), p.Bold("mistakes"), p.Bold("of"))
	for _, c := range pairs[:min(maxListed, len(pairs))] {
		given, answer := t.PerClass[c.Given], t.PerClass[c.Answer]
		table.Row(name(given.Class), name(answer.Class), strconv.Itoa(c.N), strconv.Itoa(given.N))
	}
	table.Write(b)
	if more := len(pairs) - maxListed; more > 0 {
		fmt.Fprintf(b, "and %d more pairs\n", more)
	}
	b.WriteString("\n")
}

func writeSkipped(b *strings.Builder, skipped []Skipped, p Palette) {
	if len(skipped) == 0 {
		return
	}
	head := fmt.Sprintf("skipped %d files", len(skipped))
	if len(skipped) == 1 {
		head = "skipped 1 file"
	}
	b.WriteString(p.Warn(head) + "\n")
	for _, s := range skipped[:min(maxSkipped, len(skipped))] {
		fmt.Fprintf(b, "  %s: %s\n", Shorten(Clean(s.File), fileCells), Shorten(Clean(s.Reason), fileCells))
	}
	if more := len(skipped) - maxSkipped; more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
	b.WriteString("\n")
}

// name is a class for a table.
func name(class string) string { return Shorten(Clean(class), nameCells) }

// rate is a cell in percent, or – for nothing to divide by.
func rate(v float64, undefined bool) string {
	if undefined {
		return "–"
	}
	return percent(v)
}
