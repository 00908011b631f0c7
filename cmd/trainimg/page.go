package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"squint/internal/safefile"
	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/report"
	"squint/pkg/report/plots"
)

// newPage is report.html for a model's answers to a set.
func newPage(r *report.Report, m *model.Model, set *dataset.Set, probs []float32) *report.Page {
	title := filepath.Base(filepath.Clean(r.Data.Path))
	p := &report.Page{Report: r, Title: report.Clean(title), Set: set, Probs: probs}
	add := func(name string, value any) {
		if s := report.Clean(fmt.Sprint(value)); s != "" && s != "0" {
			p.Receipt = append(p.Receipt, report.Fact{Name: name, Value: s})
		}
	}
	add("pictures", r.Data.Path)
	add("model", r.Model)
	add("network", strings.TrimPrefix(fmt.Sprintf("%s, %d weights, input %v", r.Arch, r.Params, r.Image), ", "))
	add("made by", "squint "+m.Receipt.Version)
	p.Receipt = append(p.Receipt, report.Fact{Name: "seed", Value: fmt.Sprint(m.Receipt.Seed)})
	add("SHA-256 of pictures and labels", m.Receipt.Data)
	add("SHA-256 of the split", m.Receipt.Split)
	if r.Train.Seconds > 0 {
		add("training", fmt.Sprintf("%.0f s, %.0f pictures/s", r.Train.Seconds, r.Train.ImagesPerSecond))
	}
	add("machine", fmt.Sprintf("%s, %d threads, kernels %s, %s", r.Run.Platform, r.Run.Threads, r.Run.Kernels, r.Run.Go))
	var recipe map[string]json.RawMessage
	if json.Unmarshal(m.Receipt.Recipe, &recipe) == nil && recipe != nil {
		say := func(key string) string { return strings.Trim(string(recipe[key]), `"`) }
		add("epochs", say("epochs"))
		add("optimizer", fmt.Sprintf("%s, learning rate %s (%s), weight decay %s, batch %s", say("optimizer"), say("lr"), say("schedule"), say("weight_decay"), say("batch")))
		add("augmentation", say("aug"))
	}
	return p
}

// writePlots draws the page's figures into a new folder.
func writePlots(p *report.Page, dir string) error {
	dir, err := safefile.NewDir(dir)
	if err != nil {
		return err
	}
	files, err := plots.Draw(p)
	if err != nil {
		return err
	}
	for name, b := range files { // in any order
		if err := safefile.Write(filepath.Join(dir, name), b); err != nil {
			return err
		}
	}
	return nil
}
