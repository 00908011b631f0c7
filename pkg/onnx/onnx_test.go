package onnx

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"squint/internal/safefile"
	"squint/pkg/conv"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

var newGolden = flag.Bool("new-golden", false, "write the golden files that are missing; then run testdata/make_golden.py")

// networks are small and have, all together, every kind of layer. `make
// check-onnx` trains those of files.
var networks = []struct {
	name  string
	in    tensor.Shape
	specs nn.Specs // instead of a file
	views imageio.Views
	trust *eval.Trust
}{
	{name: "pictures", in: tensor.Shape{H: 20, W: 18, C: 3}},
	{name: "vectors", in: tensor.Shape{H: 6, W: 8, C: 3}},
	{name: "odd", in: tensor.Shape{H: 5, W: 4, C: 1}},
	{"sigmoid", tensor.Shape{H: 3, W: 4, C: 1}, mlp.MLP([]int{5}, 1, nn.ReLU{}, nn.Sigmoid{}, 0), imageio.ViewsMirror, calibrated([]float32{1.5}, []float32{0.5}, []float32{-0.25})},
	{"threshold", tensor.Shape{H: 3, W: 4, C: 3}, mlp.Perceptron(4, nn.Threshold{}), imageio.ViewsShifts, calibrated([]float32{0.5, 1, 2, 3}, nil, []float32{1, 0, -1, 0.5})},
	{"linear", tensor.Shape{H: 1, W: 1, C: 3}, nn.Specs{mlp.Dense{Units: 3}}, imageio.ViewsOne, calibrated([]float32{0.25}, nil, nil)},
}

func calibrated(scale, curve, bias []float32) *eval.Trust {
	return &eval.Trust{Calibration: &eval.Calibration{Scale: scale, Curve: curve, Bias: bias}}
}

func specs(t *testing.T, i int) nn.Specs {
	t.Helper()
	n := networks[i]
	if n.specs != nil {
		return n.specs
	}
	b, err := os.ReadFile(filepath.Join("testdata", n.name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var s nn.Specs
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// example is a model of the i-th network whose weights follow a formula.
func example(t *testing.T, i int) *model.Model {
	t.Helper()
	in := networks[i].in
	net, err := nn.New(in, 1, specs(t, i)...)
	if err != nil {
		t.Fatal(err)
	}
	k := 0
	for _, p := range net.Params() {
		w := make([]float32, p.Size())
		for i := range w {
			w[i] = float32(k*7919%257-128) / 512
			if strings.HasSuffix(p.Name, "running_var") {
				w[i] += 1
			}
			k++
		}
		p.Import(w)
	}
	net.Sync()
	m := &model.Model{Prep: imageio.Prep{Size: in, Views: networks[i].views}, Net: net, Trust: networks[i].trust, Receipt: model.Receipt{Version: "1.2.3"}}
	for c := range nn.Classes(net.Outputs()) {
		m.Classes = append(m.Classes, "<é\""+string(rune('a'+c)))
	}
	if i%2 == 0 { // without and with
		m.Prep.Mean = []float32{0.5, 0.25, 0.125}[:in.C]
		m.Prep.Std = []float32{0.25, 0.5, 0.75}[:in.C]
	}
	return m
}

// pixels are the bytes of two pictures.
func pixels(in tensor.Shape) []uint8 {
	b := make([]uint8, 2*in.Size())
	for i := range b {
		b[i] = uint8(i * 37 % 251)
	}
	return b
}

// The files are those that ONNX Runtime ran, and it gave the same answers: those
// of golden.json, from testdata/make_golden.py.
func TestGoldenFiles(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil && !*newGolden {
		t.Fatal(err)
	}
	var golden map[string][]float64
	if err := json.Unmarshal(b, &golden); err != nil && !*newGolden {
		t.Fatal(err)
	}
	for i, n := range networks {
		m := example(t, i)
		got, err := Encode(m)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("testdata", n.name+".onnx")
		if *newGolden {
			if err := safefile.Create(file, got); err != nil && !errors.Is(err, fs.ErrExist) {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is written in another way: if that is meant, remove it, write it with -new-golden and run make_golden.py", file)
		}
		probs, _, err := m.Predict(t.Context(), pixels(n.in), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(probs) != len(golden[n.name]) {
			t.Errorf("%s: %d probabilities, ONNX Runtime gave %d", n.name, len(probs), len(golden[n.name]))
			continue
		}
		for j, want := range golden[n.name] {
			// Two float32 computations of sums of a few hundred products.
			if !(math.Abs(float64(probs[j])-want) <= 1e-5) {
				t.Errorf("%s: probability %d is %v, ONNX Runtime's %v", n.name, j, probs[j], want)
			}
		}
	}
}

// A new kind of layer must be added here, in layers.go and in a golden file.
func TestEveryKind(t *testing.T) {
	seen := map[string]bool{}
	var note func(s nn.Specs)
	note = func(s nn.Specs) {
		for _, l := range s {
			seen[nn.Kind(l)] = true
			if r, ok := l.(conv.Residual); ok {
				note(r.Body)
				note(r.Skip)
			}
		}
	}
	for i := range networks {
		note(specs(t, i))
	}
	for _, kind := range nn.Kinds() {
		if !seen[kind] && kind != nn.Kind(unknown{}) {
			t.Errorf("kind %q is in none of the networks that ONNX Runtime has run", kind)
		}
	}
}

// unknown is a kind of layer that has no ONNX form.
type unknown struct{}

func (unknown) Build(at nn.Site) (nn.Layer, error) { return nn.Identity{}.Build(at) }

func init() { nn.Register[unknown]("unknown") }

func TestUnknownKind(t *testing.T) {
	for _, s := range []nn.Specs{
		{nn.Flatten{}, unknown{}, mlp.Dense{Units: 2}},
		{conv.Residual{Body: nn.Specs{unknown{}}}, nn.Flatten{}, mlp.Dense{Units: 2}},
		{conv.Residual{Body: nn.Specs{nn.ReLU{}}, Skip: nn.Specs{unknown{}}}, nn.Flatten{}, mlp.Dense{Units: 2}},
	} {
		m := example(t, 3) // two classes
		m.Trust = nil
		var err error
		if m.Net, err = nn.New(m.Prep.Size, 1, s...); err != nil {
			t.Fatal(err)
		}
		if _, err := Encode(m); err == nil || !strings.Contains(err.Error(), `layers of kind "unknown" are not known`) {
			t.Errorf("%v", err)
		}
	}
}

func TestInvalidModel(t *testing.T) {
	m := example(t, 0)
	m.Classes = m.Classes[1:]
	if _, err := Encode(m); err == nil {
		t.Error("a model with too few classes: no error")
	}
}
