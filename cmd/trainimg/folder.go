package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/report"
	"squint/pkg/train"
)

// The files of a run folder.
const (
	modelFile       = "model.safetensors"
	argsFile        = "args.json"
	metricsFile     = "metrics.csv"
	splitFile       = "split.csv"
	predictionsFile = "predictions-test.csv"
	reportFile      = "report.json"
	pageFile        = "report.html"
)

// runFolder is where a run leaves its files.
type runFolder struct {
	path    string
	metrics []report.Epoch
	saved   int // which of checkpointFiles is the newest; the next one replaces the other
}

// newRunFolder makes the folder: out, or runs/NAME, with -2, -3 … behind it
// where that exists.
func newRunFolder(out, dir string) (*runFolder, error) {
	if out == "" {
		out = filepath.Join("runs", runName(dir))
	}
	path, err := safefile.NewDir(out)
	if err != nil {
		return nil, err
	}
	return &runFolder{path: path, saved: 1}, nil
}

func (f *runFolder) file(name string) string { return filepath.Join(f.path, name) }

// write makes a file whole or not at all.
func (f *runFolder) write(name string, fill func(w io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	return safefile.Write(f.file(name), b.Bytes())
}

// begin writes what is known before training.
func (f *runFolder) begin(j *job) error {
	fmt.Fprintf(j.notes, "\nrun folder %s\n", f.path)
	if j.resume != nil {
		for _, e := range j.resume.History {
			f.metrics = append(f.metrics, report.Epoch(e))
		}
	}
	args, err := json.MarshalIndent(j.recipe, "", "  ")
	if err != nil {
		return err
	}
	if err := safefile.Write(f.file(argsFile), append(args, '\n')); err != nil {
		return err
	}
	if err := f.write(splitFile, func(w io.Writer) error { return report.Split(w, placed(j.data)) }); err != nil {
		return err
	}
	return f.writeMetrics()
}

// placed lists the pictures of all parts for split.csv.
func placed(d *dataset.Data) func(yield func(report.Placed) bool) {
	return func(yield func(report.Placed) bool) {
		for _, part := range []struct {
			name dataset.Part
			set  *dataset.Set
		}{{dataset.Train, d.Train}, {dataset.Val, d.Val}, {dataset.Test, d.Test}} {
			for i, file := range part.set.Files {
				p := report.Placed{File: file, Class: d.Classes[part.set.Labels[i]], Part: string(part.name), Group: part.set.Groups[i].String()}
				if !yield(p) {
					return
				}
			}
		}
	}
}

// epoch adds a line to metrics.csv.
func (f *runFolder) epoch(e train.Epoch) error {
	f.metrics = append(f.metrics, report.Epoch(e))
	return f.writeMetrics()
}

func (f *runFolder) writeMetrics() error {
	return f.write(metricsFile, func(w io.Writer) error {
		_, err := report.NewMetrics(w, f.metrics...)
		return err
	})
}

// lastRun is the value of --resume when none is given.
const lastRun = "last"

// newest returns the run folder of a data folder with the highest number.
func newest(dir string) (string, error) {
	base := filepath.Join("runs", runName(dir))
	best := ""
	if isRun(base) {
		best = base
	}
	for i := 2; ; i++ {
		path := base + "-" + strconv.Itoa(i)
		if _, err := os.Stat(path); err != nil {
			break
		}
		if isRun(path) {
			best = path
		}
	}
	if best == "" {
		return "", cli.Errorf(cli.Usage, "start it: trainimg "+dir, "no run of %q in %q to go on with", dir, "runs")
	}
	return best, nil
}

// save writes the model and everything about it.
func (f *runFolder) save(m *model.Model, page *report.Page) error {
	test, probs := page.Set, page.Probs
	if test.Len() > 0 {
		err := f.write(predictionsFile, func(w io.Writer) error {
			return report.Predictions(w, m.Classes, test.Files, test.Labels, probs)
		})
		if err != nil {
			return err
		}
	}
	if err := m.Write(f.file(modelFile)); err != nil {
		return err
	}
	if err := f.write(pageFile, page.WriteHTML); err != nil {
		return err
	}
	return f.write(reportFile, page.WriteJSON)
}
