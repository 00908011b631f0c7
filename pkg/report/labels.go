package report

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"squint/pkg/dataset"
	"squint/pkg/eval"
)

// Labels is what `check --labels` found: pictures whose class is likely to be
// wrong, the likeliest first.
type Labels struct {
	Title    string
	Set      *dataset.Set
	Probs    []float32 // [n][classes], from networks that had not learnt from the picture
	Suspects []eval.Suspect
}

// WriteCSV writes labels.csv: file,class,suggested,margin,p_class,p_suggested.
func (l *Labels) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"file", "class", "suggested", "margin", "p_class", "p_suggested"})
	for _, s := range l.Suspects {
		given, suggested := l.probs(s)
		c.Write([]string{l.Set.Files[s.Index], l.Set.Classes[s.Given], l.Set.Classes[s.Suggested], strconv.FormatFloat(s.Margin, 'f', 4, 64), float(given), float(suggested)})
	}
	c.Flush()
	return c.Error() // a csv.Writer keeps its first error
}

func (l *Labels) probs(s eval.Suspect) (given, suggested float32) {
	k := len(l.Set.Classes)
	p := l.Probs[s.Index*k : (s.Index+1)*k]
	return p[s.Given], p[s.Suggested]
}

// Text lists the likeliest for people.
func (l *Labels) Text(w io.Writer, p Palette) error {
	var b bytes.Buffer
	if len(l.Suspects) == 0 {
		fmt.Fprintf(&b, "%s\n", p.Good("no label looks wrong"))
		_, err := w.Write(b.Bytes())
		return err
	}
	b.WriteString(p.Warn(fmt.Sprintf("%s may be wrong, the likeliest first", plural(len(l.Suspects), "label"))) + "\n")
	var t Table
	t.Row(p.Bold("file"), p.Bold("is in"), p.Bold("looks like"), p.Bold("sure"))
	for _, s := range l.Suspects[:min(maxListed, len(l.Suspects))] {
		_, suggested := l.probs(s)
		t.Row(Shorten(Clean(l.Set.Files[s.Index]), 60), name(l.Set.Classes[s.Given]), name(l.Set.Classes[s.Suggested]), percent(float64(suggested))+"%")
	}
	t.Write(&b) // a bytes.Buffer takes everything
	if more := len(l.Suspects) - maxListed; more > 0 {
		fmt.Fprintf(&b, "and %d more\n", more)
	}
	_, err := w.Write(b.Bytes())
	return err
}

//go:embed labels.html
var labelsHTML string

// The gallery has the style of the report.
var labelsTemplate = template.Must(template.Must(pageTemplate.Clone()).New("labels").Parse(labelsHTML))

// mostSuspects is how many pictures the gallery shows.
const mostSuspects = 500

// WriteHTML writes the gallery, a page that needs nothing else.
func (l *Labels) WriteHTML(w io.Writer) error {
	v := &view{Page: &Page{Report: &Report{Classes: l.Set.Classes}, Title: Clean(l.Title), Set: l.Set, Probs: l.Probs}}
	for _, s := range l.Suspects[:min(mostSuspects, len(l.Suspects))] {
		x := v.shot(s.Index)
		given, suggested := l.probs(s)
		x.Answer, x.Score, x.Own = name(l.Set.Classes[s.Suggested]), percent(float64(suggested)), percent(float64(given))
		v.Suspects = append(v.Suspects, x)
	}
	var b bytes.Buffer
	err := labelsTemplate.Execute(&b, struct {
		*view
		N, All int
	}{v, l.Set.Len(), len(l.Suspects)})
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
