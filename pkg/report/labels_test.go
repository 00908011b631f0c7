package report

import (
	"bytes"
	"strings"
	"testing"

	"squint/pkg/eval"
)

func TestLabels(t *testing.T) {
	p := page(t, []string{"cat", "<dog>"}, 50, 8, 3)
	l := &Labels{Title: "pets", Set: p.Set, Probs: p.Probs, Suspects: eval.Suspects(p.Set.Labels, p.Probs)}
	if len(l.Suspects) == 0 {
		t.Fatal("the page's mistakes are no suspects")
	}
	var csv, html, text bytes.Buffer
	if err := l.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	if err := l.WriteHTML(&html); err != nil {
		t.Fatal(err)
	}
	if err := l.Text(&text, Palette{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(csv.String(), "\n"); n != 1+len(l.Suspects) || !strings.HasPrefix(csv.String(), "file,class,suggested,margin,p_class,p_suggested\n") {
		t.Errorf("%d suspects:\n%s", len(l.Suspects), csv.String())
	}
	if n := strings.Count(html.String(), "<figure"); n != len(l.Suspects) || strings.Contains(html.String(), "<dog>") {
		t.Errorf("%d figures for %d suspects, or a class that is a tag", n, len(l.Suspects))
	}
	if !strings.Contains(text.String(), "may be wrong, the likeliest first") {
		t.Error(text.String())
	}
	l.Suspects = nil
	text.Reset()
	if err := l.Text(&text, Palette{}); err != nil || text.String() != "no label looks wrong\n" {
		t.Errorf("%q, %v", text.String(), err)
	}
}
