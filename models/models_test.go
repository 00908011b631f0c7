package models

import (
	"image"
	"strings"
	"testing"
)

// Every model that is built in can be read, says how it was made, and answers.
func TestBuiltin(t *testing.T) {
	for _, name := range Names() {
		m, err := Builtin(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Name != name || m.Report == nil || m.Receipt.Version == "" || m.Receipt.Data == "" {
			t.Errorf("%s: want a name, a report and a receipt: %q, %d bytes, %+v", name, m.Name, len(m.Report), m.Receipt)
		}
		probs, err := m.Classify(image.NewGray(image.Rect(0, 0, 40, 30)))
		if err != nil || len(probs) != len(m.Classes) {
			t.Errorf("%s: Classify: %v, %v", name, probs, err)
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
