package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// A model file may come from anybody: what it says reaches the terminal without
// control characters and in bounds, whatever its report is.
func TestInfoOnUntrustedModels(t *testing.T) {
	in := tensor.Shape{H: 1, W: 1, C: 1}
	net, err := nn.New(in, 1, mlp.Perceptron(2, nn.Softmax{})...)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		report string
		ok     bool
	}{
		{"", true},
		{`{}`, true},
		{`{"train":{"n":-1,"epochs":1000000000000},"test":{"n":-5,"accuracy":1e300,"interval":[-1e300,1e300],"majority_class":"\u001b[2J\u202e"}}`, true},
		{`{"classes":["\u001b]0;x\u0007"],"test":{"n":1,"confusion":[[1,2,3],[]],"per_class":[{}]}}`, true},
		{`{"test":5}`, false},
		{`{"test":{"n":1e400}}`, false},
	} {
		m := &model.Model{
			Classes: []string{strings.Repeat("\u202e", 80), "../../etc/passwd <b>"}, Prep: imageio.Prep{Size: in}, Net: net,
			Receipt: model.Receipt{Version: "\x1b[31m", Go: strings.Repeat("x\n", 100)},
		}
		if c.report != "" {
			m.Report = json.RawMessage(c.report)
		}
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := m.Write(path); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr strings.Builder
		code := run(t.Context(), []string{"info", path}, strings.NewReader(""), &stdout, &stderr)
		if (code == 0) != c.ok {
			t.Errorf("report %d: exit code %d: %s", i, code, stderr.String())
		}
		for _, r := range stdout.String() + stderr.String() {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("report %d: %q in the output", i, r)
			}
		}
		if n := stdout.Len() + stderr.Len(); n > 4000 {
			t.Errorf("report %d: %d bytes of output", i, n)
		}
	}
}
