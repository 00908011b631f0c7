// Package report writes what a training run leaves for people and for other
// programs: report.json, the text at the end of a run, split.csv,
// predictions-test.csv and metrics.csv.
//
// Everything goes to an io.Writer that the caller opens, syncs and renames. The
// same values give the same bytes. Names that come from files reach a
// terminal only through Clean; JSON and CSV hold them as they are.
//
// One file per output: a page or a plot is a new file here with a method of
// Report or a function beside Predictions; its numbers come from pkg/eval.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/tensor"
)

// Schema is the version of report.json. It changes when a field changes its
// meaning or goes away, not when one is added.
const Schema = 1

// Report is report.json. All but Train.Seconds, Train.ImagesPerSecond and Run
// is the same for the same data, flags and version.
type Report struct {
	Schema  int          `json:"schema"` // WriteJSON fills it in
	Version string       `json:"version"`
	Model   string       `json:"model"` // file name of the model
	Arch    string       `json:"arch"`  // "lenet"
	Params  int          `json:"params"`
	Seed    uint64       `json:"seed"`
	Classes []string     `json:"classes"`
	Data    Data         `json:"data"`
	Image   tensor.Shape `json:"image"` // what the network sees
	Train   Train        `json:"train"`
	Val     *Part        `json:"val"`   // null without a validation part
	Test    *eval.Result `json:"test"`  // null without a test part
	Trust   *Trust       `json:"trust"` // null where nothing is known
	Skipped []Skipped    `json:"skipped"`
	Run     Run          `json:"run"`
}

// Data says what was learnt from.
type Data struct {
	Path string `json:"path"`
	Kind string `json:"kind"` // "folders", "split folders", "idx" or "manifest"
}

// Train is how the training went.
type Train struct {
	N               int     `json:"n"` // pictures in the training part
	Epochs          int     `json:"epochs"`
	Seconds         float64 `json:"seconds"`
	ImagesPerSecond float64 `json:"images_per_second"`
	Loss            float64 `json:"loss"` // mean over the last epoch, as trained: with augmentation and dropout
}

// Part is how the saved model did on the validation part, by which it was
// chosen: the accuracy flatters a little.
type Part struct {
	N        int     `json:"n"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
}

// Skipped is a file that was not used, {"file","reason"}.
type Skipped = dataset.Skipped

// Run is the machine that trained.
type Run struct {
	Threads  int    `json:"threads"`
	Kernels  string `json:"kernels"`  // "avx512", "avx2", "go"
	Go       string `json:"go"`       // "go1.26.8"
	Platform string `json:"platform"` // "linux/amd64"
}

// WriteJSON writes report.json: indented, lists of numbers on one line, "[]"
// for what is empty. A number that is not finite is an error, and then nothing
// is written.
func (r *Report) WriteJSON(w io.Writer) error {
	out := *r
	out.Schema = Schema
	if out.Classes == nil {
		out.Classes = []string{}
	}
	if out.Skipped == nil {
		out.Skipped = []Skipped{}
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	b = flatten(b)
	_, err = w.Write(append(b, '\n'))
	return err
}

// Stable returns the report as compact JSON without what differs from run to
// run (seconds, speed, the machine) and without where the data lay: what a
// model file keeps. The same data, flags and version give the same bytes.
func (r *Report) Stable() (json.RawMessage, error) {
	out := *r
	out.Schema = Schema
	out.Train.Seconds, out.Train.ImagesPerSecond = 0, 0
	out.Run = Run{}
	out.Data.Path = ""
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b, nil
}

// flatten puts the lists of indented JSON that hold only numbers on one line:
// a confusion matrix of 100 classes has 100 lines instead of 10,000. In a
// string no [ comes before a line break, which JSON writes \n there.
func flatten(text []byte) []byte {
	var out []byte
	for {
		before, list, found := bytes.Cut(text, []byte("[\n"))
		out = append(out, before...)
		if !found {
			return out
		}
		end := bytes.IndexAny(list, `]["{`)
		if list[end] != ']' {
			out, text = append(out, "[\n"...), list
			continue
		}
		out = append(out, '[')
		out = append(out, bytes.Join(bytes.Fields(list[:end]), []byte(" "))...)
		text = list[end:]
	}
}
