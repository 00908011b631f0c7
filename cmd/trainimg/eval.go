package main

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/models"
	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/report"
)

// evalCommand is `trainimg eval MODEL DIR`: the report of training for any
// model on any labelled pictures.
func evalCommand(common *cli.Common) *cobra.Command {
	var e evaluation
	cmd := &cobra.Command{
		Use:   "eval MODEL DIR",
		Short: "judge a model on labelled pictures",
		Example: `  trainimg eval runs/pets/model.safetensors more-pets/
  trainimg eval digits my-digits/ --min-accuracy 0.95
  trainimg eval old.safetensors pets/ --calibrate new.safetensors
  trainimg eval runs/pets pets/ --verify`,
		Long: `MODEL is a model file or the name of a built-in model. If DIR has a test part,
that is judged, otherwise every picture in it: give pictures that the model has
not learnt from.

--calibrate keeps the weights. DIR is then the folder that the model was trained
on: its validation part, which is told by the model's receipt, decides how
probabilities are corrected and from where on an answer is "unsure".

--verify wants that folder too: it looks whether these are the pictures that the
model learnt from, splits the test part off as then, and tests the model again.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			j := &job{options: &options{Common: *common}, ctx: cmd.Context(), stdout: cmd.OutOrStdout(), notes: common.Notes(cmd.ErrOrStderr()), bars: cmd.ErrOrStderr(), dir: args[1]}
			return j.eval(m, args[0], e)
		},
	}
	cmd.Flags().BoolVar(&e.json, "json", false, "print the report as JSON")
	cmd.Flags().Float64Var(&e.least, "min-accuracy", 0, "exit with 5 unless the accuracy reaches this (0.98)")
	cmd.Flags().StringVar(&e.predictions, "predictions", "", "write the answer for each picture to this CSV `FILE`")
	cmd.Flags().StringVar(&e.html, "html", "", "write the report as a page for people to this `FILE`")
	cmd.Flags().StringVar(&e.plots, "plots", "", "draw its figures as PNG and SVG files into this new `FOLDER`")
	cmd.Flags().StringVar(&e.calibrate, "calibrate", "", "write the model to a new `FILE`, with probabilities and thresholds learnt anew; DIR is what it was trained on")
	cmd.Flags().BoolVar(&e.verify, "verify", false, "test the model again on the pictures it was tested on: exit with 1 unless its report is true")
	return cmd
}

// evaluation is what to do with the result.
type evaluation struct {
	json                   bool
	least                  float64
	predictions, calibrate string
	verify                 bool
	html, plots            string
}

// openModel is models.Open with a hint.
func openModel(name string) (*model.Model, error) {
	m, err := models.Open(name)
	if err != nil {
		return nil, &cli.Error{Code: cli.Failure, Err: err, Hint: "name a model file such as runs/pets/model.safetensors"}
	}
	return m, nil
}

// onlyTest leaves only the test part of a source that has one.
func onlyTest(s *dataset.Source) {
	isTest := func(it dataset.Item) bool { return it.Part == dataset.Test }
	if slices.ContainsFunc(s.Items, isTest) {
		s.Items = slices.DeleteFunc(s.Items, func(it dataset.Item) bool { return !isTest(it) })
	}
}

func (j *job) eval(m *model.Model, name string, e evaluation) error {
	if e.calibrate != "" {
		if e.predictions+e.html+e.plots != "" {
			return cli.Errorf(cli.Usage, "run trainimg eval once more for them", "--calibrate writes no --predictions, --html or --plots")
		}
		r, err := j.calibrate(m, name, e.calibrate)
		if err != nil {
			return err
		}
		return j.show(r, e.json, e.least)
	}
	if e.verify {
		r, err := j.verify(m, name)
		if err != nil {
			return err
		}
		return j.show(r, e.json, e.least)
	}
	if err := j.look(); err != nil {
		return err
	}
	onlyTest(j.source)
	bar := j.Progress(j.bars, "reading", "pictures", int64(len(j.source.Items)))
	opt := reading(&j.Common, true)
	opt.Prep, opt.Classes = m.Prep, m.Classes
	opt.Progress = func(int, int) { bar.Add(1) }
	data, err := j.source.Load(j.ctx, opt)
	bar.Close()
	if err != nil {
		return unusable(err)
	}
	showData(j.notes, data)
	set := data.Test
	if set.Len() == 0 { // no part of its own: all of them
		set = data.Train
	}
	if set.Len() == 0 {
		return cli.Errorf(cli.Unusable, "trainimg info "+name+" lists the model's classes", "%q has no pictures of the model's classes", j.dir)
	}
	r := &report.Report{
		Version: cli.Release(), Model: name, Params: m.Net.Size(), Seed: m.Receipt.Seed, Classes: m.Classes,
		Data: report.Data{Path: j.dir, Kind: j.source.Kind}, Image: m.Prep.Size, Skipped: data.Skipped,
		Run: j.machine(),
	}
	var before report.Report // of the run that trained it
	if m.Report != nil && json.Unmarshal(m.Report, &before) == nil {
		r.Arch = before.Arch
	}
	probs, err := j.judge(m, r, set)
	if err != nil {
		return err
	}
	if e.predictions != "" {
		if err := writePredictions(e.predictions, m.Classes, set, probs); err != nil {
			return err
		}
	}
	if e.plots != "" {
		if err := writePlots(newPage(r, m, set, probs), e.plots); err != nil {
			return err
		}
	}
	if e.html != "" {
		var b bytes.Buffer
		if err := newPage(r, m, set, probs).WriteHTML(&b); err != nil {
			return err
		}
		if err := safefile.Create(e.html, b.Bytes()); err != nil {
			return err
		}
	}
	return j.show(r, e.json, e.least)
}
