package report

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"squint/pkg/eval"
	"squint/pkg/tensor"
)

var update = flag.Bool("update", false, "write the golden files in testdata instead of comparing with them")

// golden compares got with testdata/name, which is this package's own output,
// read and approved by a person.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got):\n%s\nif this is meant: go test ./pkg/report -update", file, d)
	}
}

// scored makes the result of a classifier with this confusion matrix, which
// gave every answer 3/4.
func scored(t testing.TB, classes []string, confusion [][]int) *eval.Result {
	t.Helper()
	var labels []int
	var probs []float32
	for g, answers := range confusion {
		for a, n := range answers {
			for range n {
				labels = append(labels, g)
				for c := range classes {
					p := float32(0.25) / float32(len(classes)-1)
					if c == a {
						p = 0.75
					}
					probs = append(probs, p)
				}
			}
		}
	}
	r, err := eval.Score(classes, labels, probs)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pets(t testing.TB) *Report {
	classes := []string{"cat", "dog"}
	return &Report{
		Version: "v0.1.0",
		Model:   "model.safetensors",
		Arch:    "convnet",
		Params:  1234567,
		Seed:    7,
		Classes: classes,
		Data:    Data{Path: "pets/", Kind: "folders"},
		Image:   tensor.Shape{H: 64, W: 64, C: 3},
		Train:   Train{N: 240, Epochs: 12, Seconds: 34.5, ImagesPerSecond: 83.5, Loss: 0.0625},
		Val:     &Part{N: 30, Accuracy: 0.9, Loss: 0.25},
		Test:    scored(t, classes, [][]int{{14, 1}, {2, 13}}),
		Skipped: []Skipped{{File: "pets/cat/7.jpg", Reason: "truncated JPEG"}},
		Run:     Run{Threads: 2, Kernels: "avx512", Go: "go1.26.8", Platform: "linux/amd64"},
	}
}

// The file is a contract: a change here is a change for everyone who reads it.
func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	if err := pets(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.String())

	var back Report
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	want := pets(t)
	want.Schema = Schema
	if d := cmp.Diff(want, &back); d != "" {
		t.Errorf("read back (-want +got):\n%s", d)
	}
}

// What CLI users are promised, whatever else the file holds.
func TestReportFields(t *testing.T) {
	var b strings.Builder
	if err := pets(t).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"schema", "classes", "arch", "params", "seed",
		"train.n", "train.epochs", "train.seconds", "train.images_per_second",
		"val.n", "val.accuracy", "val.loss",
		"test.n", "test.accuracy", "test.interval", "test.majority", "test.confusion", "test.ece",
		"test.per_class.class", "test.per_class.n", "test.per_class.precision", "test.per_class.recall", "test.per_class.f1",
		"skipped.file", "skipped.reason",
	} {
		if !has(t, b.String(), path) {
			t.Errorf("no %s", path)
		}
	}
	if has(t, b.String(), "test.per_class.recal") {
		t.Error("the check finds a field that is not there")
	}
}

// has walks dotted names through objects and the first elements of arrays.
func has(t *testing.T, text, path string) bool {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := v.([]any); ok {
			v = list[0]
		}
		object, ok := v.(map[string]any)
		if !ok {
			return false
		}
		if v, ok = object[name]; !ok {
			return false
		}
	}
	return true
}

func TestWriteJSONOfLittle(t *testing.T) {
	var b strings.Builder
	if err := new(Report).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema": 1`, `"classes": []`, `"val": null`, `"test": null`, `"skipped": []`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}

func TestWriteJSONLeavesStringsAlone(t *testing.T) {
	const nasty = "[\n  1,\n  2\n]"
	r := &Report{Classes: []string{nasty, "a[", "\x1b", "</script>"}}
	var b strings.Builder
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r.Classes, back.Classes); d != "" {
		t.Error(d)
	}
}

func TestWriteJSONErrors(t *testing.T) {
	r := pets(t)
	r.Val.Loss = math.NaN()
	var b strings.Builder
	if err := r.WriteJSON(&b); err == nil || !strings.Contains(err.Error(), "NaN") || b.Len() > 0 {
		t.Errorf("%v after %d bytes, want an error about NaN and none", err, b.Len())
	}
	if err := pets(t).WriteJSON(fullDisk{}); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}

var errFull = fmt.Errorf("no space left on device")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func BenchmarkWriteJSONOfManyClasses(b *testing.B) {
	const k = 1000
	r := &Report{Test: &eval.Result{Confusion: make([][]int, k)}}
	for g := range r.Test.Confusion {
		r.Test.Confusion[g] = make([]int, k)
	}
	for b.Loop() {
		if err := r.WriteJSON(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
