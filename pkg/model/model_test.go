package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"squint/internal/safefile"
	"squint/internal/safetensors"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"

	"github.com/google/go-cmp/cmp"
)

var newGolden = flag.Bool("new-golden", false, "write the golden files that are missing; they are kept for ever")

// goldens are models of every released form of file. All are tiny, whose
// weights 16 bits hold exactly.
var goldens = []struct {
	file   string
	change func(m *model.Model)
	probs  []float64 // of two pictures, from testdata/make_golden.py
}{
	{"testdata/v1.safetensors", func(*model.Model) {}, []float64{
		0.2298166381518316, 0.3896690425079278, 0.3805143193402407,
		0.1476669052213677, 0.2645430386391689, 0.5877900561394636,
	}},
	{"testdata/v1-half.safetensors", func(m *model.Model) { m.Half = true }, []float64{
		0.2298166381518316, 0.3896690425079278, 0.3805143193402407,
		0.1476669052213677, 0.2645430386391689, 0.5877900561394636,
	}},
	{"testdata/v1-trust.safetensors", trusting, []float64{0.34063553846365224, 0.5028760697254593, 0.15648839181088853, 0.3064752149312233, 0.40562638992551625, 0.28789839514326043}},
}

// trusting adds all that came after the first files of version 1.
func trusting(m *model.Model) {
	m.Prep.Views = imageio.ViewsMirror
	m.Trust = &eval.Trust{
		N: 200, Default: 0.9, Familiar: 0.25,
		Calibration: &eval.Calibration{Scale: []float32{1.5}, Curve: []float32{0, 0.5, -0.25}, Bias: []float32{0.125, 0, -1}},
		Levels:      []eval.Level{{Precision: 0.9, Score: 0.5, Coverage: 0.75, Right: 0.95}, {Precision: 0.99, Score: 0.875, Coverage: 0.25, Right: 1}},
		Prototypes:  &eval.Prototypes{D: 18, V: make([]float32, 2*18)},
	}
	for i := range m.Trust.Prototypes.V {
		m.Trust.Prototypes.V[i] = float32(i%5-2) / 8
	}
}

// Files of version 1 can be read for ever and give the same answers.
func TestGoldenFiles(t *testing.T) {
	for _, g := range goldens {
		made := tiny(t)
		g.change(made)
		if *newGolden {
			if err := safefile.Create(g.file, encode(t, made)); err != nil && !errors.Is(err, fs.ErrExist) {
				t.Fatal(err)
			}
		}
		m, err := model.Read(g.file)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != filepath.Base(g.file) || m.Half != made.Half {
			t.Errorf("%s: name %q, half %v", g.file, m.Name, m.Half)
		}
		got := make([]float32, 2*3)
		classifier(t, m, 2).Probs(got, pixels(2), 2)
		for i, want := range g.probs {
			// Sums of up to 27 float32 products of order 1: an error of about 1e-6.
			if math.Abs(float64(got[i])-want) > 5e-6 {
				t.Errorf("%s: probability %d is %v, want %v", g.file, i, got[i], want)
			}
		}
		want, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) > 4096 {
			t.Errorf("%s: %d bytes, want a tiny file", g.file, len(want))
		}
		if !bytes.Equal(encode(t, m), want) {
			t.Errorf("%s, written again, differs", g.file)
		}
		if !bytes.Equal(encode(t, made), want) {
			t.Errorf("the model that %s was made from is written in another way now", g.file)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	a := tiny(t)
	b, err := model.Decode(encode(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(a.Classes, b.Classes) || !cmp.Equal(a.Prep, b.Prep) || !cmp.Equal(a.Receipt, b.Receipt) || !cmp.Equal(a.Report, b.Report) || !cmp.Equal(a.Net.Specs, b.Net.Specs) {
		t.Errorf("got %+v, want %+v", b, a)
	}
	if !slices.Equal(a.Net.W, b.Net.W) {
		t.Error("weights differ")
	}
}

// What is optional may be missing, and a report may be indented.
func TestOptional(t *testing.T) {
	m := tiny(t)
	m.Report, m.Receipt = nil, model.Receipt{}
	got, err := model.Decode(encode(t, m))
	if err != nil || got.Report != nil || !cmp.Equal(got.Receipt, m.Receipt) {
		t.Errorf("%v: report %s, receipt %+v", err, got.Report, got.Receipt)
	}
	m.Report = json.RawMessage("{\n  \"n\": [1, 2]\n}\n")
	got, err = model.Decode(encode(t, m))
	if err != nil || string(got.Report) != `{"n":[1,2]}` {
		t.Errorf("%v: report %s", err, got.Report)
	}
}

func TestEveryDamagedBitIsSeen(t *testing.T) {
	for _, g := range goldens {
		b, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				if _, err := model.Decode(b); err == nil {
					t.Fatalf("%s: bit %d of byte %d (%q): no error", g.file, bit, i, b[i])
				}
				b[i] ^= 1 << bit
			}
		}
		for n := range b {
			if _, err := model.Decode(b[:n]); err == nil {
				t.Fatalf("%s: cut to %d bytes: no error", g.file, n)
			}
		}
		if _, err := model.Decode(b); err != nil {
			t.Errorf("%s, undamaged: %v", g.file, err)
		}
	}
}

func TestWriteRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pets.safetensors")
	for range 2 { // the second time over the first
		if err := tiny(t).Write(path); err != nil {
			t.Fatal(err)
		}
	}
	m, err := model.Read(path)
	if err != nil || m.Name != "pets.safetensors" {
		t.Fatalf("%v: name %q", err, m.Name)
	}
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("<html>"), 0o666); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{dir: "folder", bad: "HTML page", filepath.Join(dir, "none"): "no such file"} {
		if _, err := model.Read(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Read(%s): %v, want an error with %q and the name", path, err, want)
		}
	}
}

// edit writes the tiny model with other metadata or tensors, sealed.
func edit(t testing.TB, change func(meta map[string]string, tensors *[]safetensors.Tensor)) []byte {
	t.Helper()
	f, err := safetensors.Decode(encode(t, tiny(t)))
	if err != nil {
		t.Fatal(err)
	}
	change(f.Meta, &f.Tensors)
	b, err := safetensors.Encode(f.Meta, f.Tensors)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHostileMetadata(t *testing.T) {
	classes := func(n int) string {
		return `["a"` + strings.Repeat(`,"a"`, n-1) + `]`
	}
	deep := strings.Repeat(`[{"kind":"residual","body":`, 100) + "[]" + strings.Repeat("}]", 100)
	for _, c := range []struct{ key, value, want string }{
		{"format", "squint-model-2", "version \"2\""},
		{"format", "squint-checkpoint-1", "squint-checkpoint-1"},
		{"format", "pt", "pt"},
		{"calibration", "{}", "newer squint"},
		{"classes", "", "missing"},
		{"classes", "null", "0 classes"},
		{"classes", `["a","b"]`, "2 classes for a network"},
		{"classes", `["a","b","c","d"]`, "4 classes for a network"},
		{"classes", `["a","b",3]`, "classes"},
		{"classes", `["a","b",""]`, "class 2"},
		{"classes", `["a","b","a"]`, "twice"},
		{"classes", `["a","b","c\u0000"]`, "control"},
		{"classes", `["a","b","\u001b[2J"]`, "control"},
		{"classes", `["a","b","c\n"]`, "control"},
		{"classes", `["a","b","\u009b"]`, "control"},
		{"classes", `["a","b","` + strings.Repeat("c", 256) + `"]`, "255"},
		{"classes", `["a","b","\u0063"]`, "want"},
		{"classes", `["a", "b","c"]`, "want"},
		{"classes", `["a","b","c"] `, "want"},
		{"classes", `["a","b","c"]["d"]`, "want"},
		{"classes", classes(65537), "65537 classes"},
		{"prep", "", "missing"},
		{"prep", "{}", "input size"},
		{"prep", `{"size":{"h":6,"w":6,"c":3},"fit":"zoom"}`, "fit"},
		{"prep", `{"size":{"h":6,"w":6,"c":3},"size":{"h":6,"w":6,"c":3}}`, "want"},
		{"prep", `{"Size":{"h":6,"w":6,"c":3}}`, "want"},
		{"prep", `{"size":{"h":6,"w":6,"c":3},"zoom":1}`, "unknown field"},
		{"prep", `{"size":{"h":6,"w":6,"c":1}}`, ""},
		{"prep", `{"size":{"h":100000,"w":6,"c":3}}`, "input size"},
		{"prep", `{"size":{"h":6,"w":6,"c":3},"mean":[1e39,0,0]}`, "prep"},
		{"prep", `{"size":{"h":6,"w":6,"c":3},"std":[0,1,1]}`, "standard deviation"},
		{"receipt", "", "missing"},
		{"receipt", "{}", "want"},
		{"receipt", `{"seed":-1}`, "receipt"},
		{"receipt", `{"seed":1,"data":"xyz"}`, "hexadecimal"},
		{"receipt", `{"seed":1,"recipe":{ }}`, "want"},
		{"receipt", `{"seed":1,"time":"now"}`, "unknown field"},
		{"report", "", "report"},
		{"report", "{", "report"},
		{"report", "[]", "object"},
		{"report", "{ }", "want"},
		{"report", `{"a":"` + strings.Repeat("x", 1<<19) + `"}`, "want at most"},
		{"network", "", "missing"},
		{"network", "[]", "network"},
		{"network", "null", "network"},
		{"network", `[{"kind":"gru"}]`, "unknown kind"},
		{"network", `[{"kind":"flatten"},{"kind":"dense","units":3}]`, ""},
		{"network", `[{"kind":"dense","units":3}]`, "flatten"},
		{"network", deep, "nested"},
		{"network", "[" + strings.Repeat(`{"kind":"relu"},`, 5000) + `{"kind":"relu"}]`, "5001 layers"},
		// 10^15 multiply-adds, 10^9 activations and 10^9 weights from a small file
		{"network", `[{"kind":"flatten"},{"kind":"dense","units":16777216},{"kind":"dense","units":3}]`, "the file holds"},
		{"network", `[{"kind":"conv","filters":65536,"kernel":3,"pad":255},{"kind":"globalpool"},{"kind":"dense","units":3}]`, "too large"},
		{"network", `[{"kind":"conv","filters":2,"kernel":1,"pad":255},{"kind":"conv","filters":2,"kernel":1,"pad":255},` +
			strings.Repeat(`{"kind":"avgpool","size":1},`, 100) + `{"kind":"globalpool"},{"kind":"dense","units":3}]`, "buffers"},
	} {
		b := edit(t, func(meta map[string]string, _ *[]safetensors.Tensor) { meta[c.key] = c.value })
		if _, err := decode(t, b); err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 400 {
			t.Errorf("%s %.60q: %v, want a short error with %q", c.key, c.value, err, c.want)
		}
	}
	for _, key := range []string{"format", "classes", "network", "prep", "receipt"} {
		b := edit(t, func(meta map[string]string, _ *[]safetensors.Tensor) { delete(meta, key) })
		if _, err := model.Decode(b); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("without %s: %v", key, err)
		}
	}
}

func TestHostileWeights(t *testing.T) {
	value := func(v float32) func(map[string]string, *[]safetensors.Tensor) {
		return func(_ map[string]string, ts *[]safetensors.Tensor) {
			last := &(*ts)[len(*ts)-1]
			values := make([]float32, last.Len())
			last.Floats(values)
			values[len(values)-1] = v
			*last = safetensors.New(last.Name, last.DType, last.Shape, values)
		}
	}
	for _, c := range []struct {
		want   string
		change func(map[string]string, *[]safetensors.Tensor)
	}{
		{"NaN", value(float32(math.NaN()))},
		{"+Inf", value(float32(math.Inf(1)))},
		{"-Inf", value(float32(math.Inf(-1)))},
		{"the file holds", func(_ map[string]string, ts *[]safetensors.Tensor) { *ts = (*ts)[1:] }},
		{"the file holds", func(_ map[string]string, ts *[]safetensors.Tensor) { *ts = nil }},
		{"belong to no layer", func(_ map[string]string, ts *[]safetensors.Tensor) {
			*ts = append(*ts, safetensors.New("8.weight", safetensors.F32, nil, []float32{1}))
		}},
		{"are missing", func(_ map[string]string, ts *[]safetensors.Tensor) { (*ts)[0].Name = "0.Weight" }},
		{"have shape", func(_ map[string]string, ts *[]safetensors.Tensor) { slices.Reverse((*ts)[0].Shape) }},
		{"have shape", func(_ map[string]string, ts *[]safetensors.Tensor) { (*ts)[0].Shape = []int{54} }},
	} {
		if _, err := model.Decode(edit(t, c.change)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
	if _, err := model.Decode(edit(t, value(1))); err != nil {
		t.Errorf("a finite weight: %v", err)
	}
}

// What Decode refuses, Encode does not write.
func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(m *model.Model)
	}{
		{"no network", func(m *model.Model) { m.Net = nil }},
		{"2 classes", func(m *model.Model) { m.Classes = m.Classes[:2] }},
		{"control", func(m *model.Model) { m.Classes[1] = "a\x00" }},
		{"UTF-8", func(m *model.Model) { m.Classes[1] = "a\xff" }},
		{"twice", func(m *model.Model) { m.Classes[1] = m.Classes[0] }},
		{"prepared to", func(m *model.Model) { m.Prep.Size.H = 7 }},
		{"means", func(m *model.Model) { m.Prep.Mean = []float32{1} }},
		{"NaN", func(m *model.Model) { m.Net.W[3] = float32(math.NaN()) }},
		{"report", func(m *model.Model) { m.Report = json.RawMessage("{") }},
		{"at most", func(m *model.Model) {
			m.Report = json.RawMessage(`{"a":"` + strings.Repeat("x", model.MaxReport) + `"}`)
		}},
		{"receipt", func(m *model.Model) { m.Receipt.Recipe = json.RawMessage("{") }},
		{"hexadecimal", func(m *model.Model) { m.Receipt.Split = "ABCD" }},
	} {
		m := tiny(t)
		c.change(m)
		if _, err := m.Encode(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Encode: %v, want an error with %q", err, c.want)
		}
	}
}

// One output tells two classes apart; an MLP's weights survive too.
func TestSingleOutput(t *testing.T) {
	m := tiny(t)
	var err error
	m.Net, err = nn.New(m.Prep.Size, 1, mlp.MLP([]int{20}, 1, nn.ReLU{}, nn.Sigmoid{}, 0.5)...)
	if err != nil {
		t.Fatal(err)
	}
	m.Classes = []string{"no", "yes"}
	got, err := model.Decode(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	c, err := got.NewClassifier(1)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float32, 2)
	c.Probs(p, pixels(1), 1)
	if s := p[0] + p[1]; s < 1-1e-6 || s > 1+1e-6 {
		t.Errorf("probabilities %v", p)
	}
}
