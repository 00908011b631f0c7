package main

import (
	"encoding/json"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/model"
	"squint/pkg/recipe"
	"squint/pkg/report"
)

// calibrate gives a model its Trust anew, without training: from the pictures
// that it was trained on, split as they were then, and writes the model with the
// report about it to a new file.
func (j *job) calibrate(m *model.Model, name, out string) (*report.Report, error) {
	var rec recipe.Recipe
	var r report.Report
	if m.Receipt.Split == "" || m.Receipt.Recipe == nil || m.Report == nil {
		return nil, cli.Errorf(cli.Failure, "train it anew: trainimg "+j.dir, "%q does not say how its pictures were split", name)
	}
	if err := json.Unmarshal(m.Receipt.Recipe, &rec); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(m.Report, &r); err != nil {
		return nil, err
	}
	rec.Prep = m.Prep
	j.recipe = &rec
	if err := j.look(); err != nil {
		return nil, err
	}
	if err := j.load(); err != nil {
		return nil, err
	}
	if splitHash(j.data) != m.Receipt.Split {
		return nil, cli.Errorf(cli.Unusable, "name the folder that the model was trained on, as it was then", "the pictures in %q are not those that %q was trained on", j.dir, name)
	}
	if err := m.LearnTrust(j.ctx, j.data.Train, j.data.Val, j.Workers()); err != nil {
		return nil, err
	}
	if m.Trust == nil {
		return nil, cli.Errorf(cli.Unusable, "train with --val above 0", "%q has no validation part to calibrate with", j.dir)
	}
	if _, err := j.judge(m, &r, j.data.Test); err != nil {
		return nil, err
	}
	var err error
	if m.Report, err = r.Stable(); err != nil {
		return nil, err
	}
	b, err := m.Encode()
	if err != nil {
		return nil, err
	}
	r.Model, r.Data.Path, r.Run = name, j.dir, j.machine()
	return &r, safefile.Create(out, b)
}
