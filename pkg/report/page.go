package report

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"squint/pkg/dataset"
	"squint/pkg/eval"
)

// Page is report.html: the report with its pictures, in one file that needs
// nothing else, no script and no network.
type Page struct {
	*Report
	Title   string
	Epochs  []Epoch // nil for none
	Counts  []int   // training pictures of each class; nil for unknown
	Receipt []Fact
	// Set holds the test pictures, as the network sees them, and Probs, [n][classes],
	// its answers. Set.Len() may be 0.
	Set   *dataset.Set
	Probs []float32
}

// Fact is a line of the receipt.
type Fact struct{ Name, Value string }

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"percent": percent, "asked": asked, "whole": whole,
	"clean": Clean,
	"four":  func(v float64) string { return fmt.Sprintf("%.4f", v) },
	"bar":   func(v float64) string { return fmt.Sprintf("%.1f%%", 100*v) },
	"number": func(v any) string { // as report.json writes it
		b, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(b)
	},
}).Parse(pageHTML))

// How many pictures the page shows: enough to see what goes wrong, few enough
// for an e-mail.
const (
	mostShown    = 24  // of a list of mistakes
	mostInCell   = 24  // of a cell of the confusion matrix
	mostInMatrix = 600 // of all cells
	rightInCell  = 6   // of a cell of right answers
)

// WriteHTML writes the page.
func (p *Page) WriteHTML(w io.Writer) error {
	v := &view{Page: p, budget: mostInMatrix}
	v.prepare()
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// view is what the template reads.
type view struct {
	*Page
	budget int // pictures that cells may still show

	Verdict  string
	Advice   []string
	Heads    []string // of the matrix
	Matrix   []matrixRow
	Pairs    []cellView // instead of the matrix, where it would be too wide
	Cells    []cellView // what was taken for what, with pictures
	Wrong    int
	Sure     []shot // the most confident errors
	Worst    []shot // the errors whose own class got the least
	Suspects []shot
	Levels   []Level

	Curves, Accuracy, Calibration, Coverage, ROC template.HTML
}

type matrixRow struct {
	Name, Head string
	N          int
	Cells      []cellView
}

// cellView is one cell of the confusion matrix.
type cellView struct {
	Given, Answer string
	Path          string // in report.json
	N, Of         int
	Share         float64 // of its row
	ID            string  // of its pictures; "" for none
	Right         bool
	Style         template.CSS
	Shots         []shot
	More          int
}

// shot is a picture with what was said about it.
type shot struct {
	File, Given, Answer string
	Score, Own          string // probability of the answer, and of its own class
	Image               template.URL
	Pixelated           bool
}

func (v *view) prepare() {
	v.Verdict, v.Advice = verdict(v.Page)
	v.Curves, v.Accuracy = lossChart(v.Epochs), accuracyChart(v.Epochs)
	if v.Trust != nil {
		v.Levels = v.Trust.listed()
	}
	t := v.Test
	if t == nil {
		return
	}
	v.Wrong = t.N - t.Correct
	v.matrix()
	if v.Set.Len() == 0 {
		return
	}
	v.Calibration = calibrationChart(eval.Reliability(v.Set.Labels, v.Probs))
	v.ROC = rocChart(v.Classes, v.Set.Labels, v.Probs)
	v.Coverage = coverageChart(v.Set.Labels, v.Probs)
	v.mistakes()
}

// mistakes fills the lists of errors.
func (v *view) mistakes() {
	type mistake struct {
		i        int
		top, own float32
	}
	var wrong []mistake
	k := len(v.Classes)
	for i, label := range v.Set.Labels {
		p := v.Probs[i*k : (i+1)*k]
		if a := eval.Argmax(p); a != label {
			wrong = append(wrong, mistake{i, p[a], p[label]})
		}
	}
	slices.SortStableFunc(wrong, func(a, b mistake) int { return cmp.Compare(b.top, a.top) })
	sure := map[int]bool{}
	for _, m := range wrong[:min(mostShown, len(wrong))] {
		v.Sure = append(v.Sure, v.shot(m.i))
		sure[m.i] = true
	}
	slices.SortStableFunc(wrong, func(a, b mistake) int { return cmp.Compare(a.own, b.own) })
	for _, m := range wrong {
		if len(v.Classes) > 2 && len(v.Worst) < mostShown && !sure[m.i] { // with two classes, the two lists are one
			v.Worst = append(v.Worst, v.shot(m.i))
		}
	}
	for _, s := range eval.Suspects(v.Set.Labels, v.Probs) {
		if len(v.Suspects) == mostShown/2 || s.Margin < leastMargin {
			break
		}
		v.Suspects = append(v.Suspects, v.shot(s.Index))
	}
}

// leastMargin is from where on the page calls a label suspect.
const leastMargin = 0.9

func (v *view) shot(i int) shot {
	k := len(v.Classes)
	p := v.Probs[i*k : (i+1)*k]
	a, label := eval.Argmax(p), v.Set.Labels[i]
	return shot{
		File: Clean(v.Set.Files[i]), Given: name(v.Classes[label]), Answer: name(v.Classes[a]),
		Score: percent(float64(p[a])), Own: percent(float64(p[label])),
		Image: thumbnail(v.Set, i), Pixelated: v.Set.Shape.W < 64,
	}
}

// matrix fills the confusion matrix and the pictures behind its cells.
func (v *view) matrix() {
	t := v.Test
	pictures := v.byCell()
	cell := func(g, a int) cellView {
		c := cellView{
			Given: name(v.Classes[g]), Answer: name(v.Classes[a]), Path: fmt.Sprintf("test.confusion.%d.%d", g, a),
			N: t.Confusion[g][a], Of: t.PerClass[g].N, Right: g == a,
		}
		if c.Of > 0 {
			c.Share = float64(c.N) / float64(c.Of)
		}
		// Mistakes are rare: their colour grows fast.
		strength := c.Share
		if !c.Right {
			strength = min(1, 0.12+2.5*c.Share)
		}
		if c.N > 0 {
			kind := "bad"
			if c.Right {
				kind = "good"
			}
			c.Style = template.CSS(fmt.Sprintf("background:color-mix(in srgb,var(--%s) %.0f%%,var(--card))", kind, 10+55*strength))
		}
		if shown := pictures[[2]int{g, a}]; len(shown) > 0 {
			most := mostInCell
			if c.Right {
				most = rightInCell
			}
			most = min(most, len(shown), v.budget)
			v.budget -= most
			for _, i := range shown[:most] {
				c.Shots = append(c.Shots, v.shot(i))
			}
			if most > 0 {
				c.ID, c.More = fmt.Sprintf("c%d-%d", g, a), len(shown)-most
			}
		}
		return c
	}
	// Mistakes come first, the commonest before the others, so that the budget
	// is theirs.
	cells := map[[2]int]cellView{}
	for _, pair := range eval.Confused(t.Confusion) {
		at := [2]int{pair.Given, pair.Answer}
		cells[at] = cell(pair.Given, pair.Answer)
		v.Cells = append(v.Cells, cells[at])
	}
	for c := range v.Classes {
		if t.Confusion[c][c] > 0 {
			cells[[2]int{c, c}] = cell(c, c)
			v.Cells = append(v.Cells, cells[[2]int{c, c}])
		}
	}
	v.Cells = slices.DeleteFunc(v.Cells, func(c cellView) bool { return c.ID == "" })
	if len(v.Classes) > maxMatrix {
		for _, pair := range eval.Confused(t.Confusion)[:min(maxListed, len(eval.Confused(t.Confusion)))] {
			v.Pairs = append(v.Pairs, cells[[2]int{pair.Given, pair.Answer}])
		}
		return
	}
	for g := range v.Classes {
		row := matrixRow{Name: name(v.Classes[g]), N: t.PerClass[g].N}
		v.Heads = append(v.Heads, name(v.Classes[g]))
		for a := range v.Classes {
			c, ok := cells[[2]int{g, a}]
			if !ok {
				c = cell(g, a)
			}
			row.Cells = append(row.Cells, c)
		}
		v.Matrix = append(v.Matrix, row)
	}
}

// byCell lists the pictures of each cell, the most confident answers first.
func (v *view) byCell() map[[2]int][]int {
	k := len(v.Classes)
	cells := map[[2]int][]int{}
	for i, label := range v.Set.Labels {
		at := [2]int{label, eval.Argmax(v.Probs[i*k : (i+1)*k])}
		cells[at] = append(cells[at], i)
	}
	for at, list := range cells { // in any order: cells do not touch each other
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(v.Probs[b*k+at[1]], v.Probs[a*k+at[1]]) })
	}
	return cells
}

// plural writes "1 picture", "2 pictures".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + strings.TrimSuffix(what, "s") + "s"
}
