package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"squint/pkg/report"
)

func TestTableIsWrittenBetweenTheMarks(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "accuracy.md")
	if err := os.WriteFile(doc, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := &result{other: 0.5}
	r.Val = &report.Part{N: 100, Accuracy: 0.925, Loss: 0.25}
	g := groups[0]
	results := make([]*result, len(g.changes))
	results[0], results[2] = r, r
	for range 2 { // again: the same
		if err := write(doc, table(g, results)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	got := string(b)
	if !strings.HasPrefix(got, "before\n") || !strings.HasSuffix(got, "after\n") || strings.Contains(got, "old") {
		t.Errorf("got\n%s", got)
	}
	for _, want := range []string{"| the default recipe | – | 92.50 % | 0.2500 | 50.00 % | 0 s |", "| `--progressive none` | 92.50 %"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once in\n%s", want, got)
		}
	}
	if err := os.WriteFile(doc, []byte("no marks"), 0o666); err != nil {
		t.Fatal(err)
	}
	if write(doc, "") == nil {
		t.Error("a page without marks was overwritten")
	}
}

// The first run of a group is what the others are compared with.
func TestGroups(t *testing.T) {
	for _, g := range groups {
		if g.changes[0].flags != nil {
			t.Errorf("%s: its first run is not the base", g.name)
		}
	}
}
