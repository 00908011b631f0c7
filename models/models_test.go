package models

import (
	"encoding/json"
	"errors"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/report"
)

func TestNames(t *testing.T) {
	if got := strings.Join(Names(), " "); got != "catdog digits" {
		t.Errorf("built-in models %q, want catdog and digits", got)
	}
}

// Every model that is built in can be read, says how it was made, and answers.
func TestBuiltin(t *testing.T) {
	for _, name := range Names() {
		m, err := Builtin(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Name != name || m.Report == nil || m.Receipt.Version == "" || m.Receipt.Data == "" || m.Receipt.Recipe == nil {
			t.Errorf("%s: want a name, a report and a receipt: %q, %d bytes, %+v", name, m.Name, len(m.Report), m.Receipt)
		}
		probs, err := m.Classify(image.NewGray(image.Rect(0, 0, 40, 30)))
		if err != nil || len(probs) != len(m.Classes) {
			t.Errorf("%s: Classify: %v, %v", name, probs, err)
		}
	}
}

// What the report in a model says of the test part is what the model scores
// there now. Pictures are decoded and resized by code that may change in the
// last bit, which moves single answers: 3 in a thousand are let pass.
func TestReportedAccuracy(t *testing.T) {
	root := os.Getenv("SQUINT_DATA")
	if root == "" {
		root = "../../shared/data"
	}
	for name, dir := range map[string]string{"catdog": "catdog/test", "digits": "mnist"} {
		m, err := Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		var r report.Report
		if err := json.Unmarshal(m.Report, &r); err != nil {
			t.Fatal(err)
		}
		src, err := dataset.Scan(filepath.Join(root, dir))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("no %s in %s (set SQUINT_DATA)", dir, root)
		}
		if err != nil {
			t.Fatal(err)
		}
		var items []dataset.Item
		for _, it := range src.Items {
			if it.Part != dataset.Train { // all of a folder without parts
				items = append(items, it)
			}
		}
		src.Items = items
		d, err := src.Load(t.Context(), dataset.Options{Prep: m.Prep, Classes: m.Classes})
		if err != nil {
			t.Fatal(err)
		}
		set := d.Test
		if set.Len() == 0 {
			set = d.Train
		}
		probs, _, err := m.Predict(t.Context(), set.Pixels, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, err := eval.Score(m.Classes, set.Labels, probs)
		if err != nil {
			t.Fatal(err)
		}
		if d := got.Accuracy - r.Test.Accuracy; got.N != r.Test.N || d > 0.003 || d < -0.003 {
			t.Errorf("%s scores %.4f of %d, its report says %.4f of %d", name, got.Accuracy, got.N, r.Test.Accuracy, r.Test.N)
		}
	}
}

func TestUnknownBuiltin(t *testing.T) {
	for _, name := range []string{"", "none", "README.md", "../models/README"} {
		if _, err := Builtin(name); err == nil || !strings.Contains(err.Error(), "no built-in model") {
			t.Errorf("Builtin(%q): %v", name, err)
		}
	}
}
