package main

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/report"
)

// The files of `trainimg check --labels`.
const (
	labelsCSV  = "labels.csv"
	labelsPage = "labels.html"
)

// labels ranks the pictures whose class the networks of the other folds
// contradict, and writes the list and a page with the pictures to out.
func (o *options) labels(cmd *cobra.Command, dir, out string) error {
	j := &job{options: o, ctx: cmd.Context(), stdout: cmd.OutOrStdout(), notes: io.Discard, bars: cmd.ErrOrStderr(), dir: dir}
	if err := j.look(); err != nil {
		return err
	}
	if err := j.decideSmall(cmd); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return err
	}
	defer j.data.Close()
	all := together(j.data)
	if all.Len() < minLabels {
		return cli.Errorf(cli.Unusable, "there is too little to learn from", "--labels: %d pictures, want at least %d", all.Len(), minLabels)
	}
	bar := j.Progress(j.bars, "training", "networks", folds)
	probs, err := outOfFold(j.ctx, j.recipe, all, j.Workers(), func() { bar.Add(1) })
	bar.Close()
	if err != nil {
		return j.hint(err)
	}
	page := &report.Labels{Title: runName(dir), Set: all, Probs: probs, Suspects: eval.Suspects(all.Labels, probs)}
	if out == "" {
		out = filepath.Join("runs", runName(dir)+"-labels")
	}
	if out, err = safefile.NewDir(out); err != nil {
		return err
	}
	for name, write := range map[string]func(io.Writer) error{labelsCSV: page.WriteCSV, labelsPage: page.WriteHTML} { // in any order
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		if err := safefile.Write(filepath.Join(out, name), b.Bytes()); err != nil {
			return err
		}
	}
	fmt.Fprintln(j.stdout)
	if err := page.Text(j.stdout, j.Palette(j.stdout)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.stdout, "all of them: %s\nwith pictures: %s\n", filepath.Join(out, labelsCSV), filepath.Join(out, labelsPage))
	return err
}

// minLabels is how many pictures networks can learn anything from.
const minLabels = 40

// decideSmall makes the recipe of a network that is trained in a short time:
// good enough to be surprised by a wrong label.
func (j *job) decideSmall(cmd *cobra.Command) error {
	if j.arch == "" || j.arch == "auto" {
		j.arch = "convnet"
		p := j.source.Probe(j.ctx, 50, reading(&j.Common, j.noCache))
		if max(p.Width, p.Height) <= 48 && p.Colour < 0.05 {
			j.arch = "lenet"
		} else if j.imgsz == "" {
			j.imgsz = "32"
		}
	}
	j.over.Val, j.over.Test = 0, 0
	if err := j.decide(cmd); err != nil {
		return err
	}
	const seen = 200_000 // pictures by each network, where they are neither many nor few
	j.recipe.Val, j.recipe.Test, j.recipe.Stages = 0, 0, nil
	j.recipe.SetEpochs(min(max(seen/max(1, len(j.source.Items)), 4), 40))
	return nil
}

// together makes one set of all parts.
func together(d *dataset.Data) *dataset.Set {
	all := &dataset.Set{Classes: d.Classes, Shape: d.Train.Shape}
	for _, s := range []*dataset.Set{d.Train, d.Val, d.Test} {
		all.Pixels = append(all.Pixels, s.Pixels...)
		all.Labels, all.Files = append(all.Labels, s.Labels...), append(all.Files, s.Files...)
		all.Keys, all.Groups = append(all.Keys, s.Keys...), append(all.Groups, s.Groups...)
	}
	return all
}
