package main

import (
	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/model"
	"squint/pkg/report"
)

// calibrate gives a model its Trust anew, without training: from the pictures
// that it was trained on, split as they were then, and writes the model with the
// report about it to a new file.
func (j *job) calibrate(m *model.Model, name, out string) (*report.Report, error) {
	r, err := j.asTrained(m, name)
	if err != nil {
		return nil, err
	}
	if err := m.LearnTrust(j.ctx, j.data.Train, j.data.Val, j.Workers()); err != nil {
		return nil, err
	}
	if m.Trust == nil {
		return nil, cli.Errorf(cli.Unusable, "train with --val above 0", "%q has no validation part to calibrate with", j.dir)
	}
	if _, err := j.judge(m, r, j.data.Test); err != nil {
		return nil, err
	}
	if m.Report, err = r.Stable(); err != nil {
		return nil, err
	}
	b, err := m.Encode()
	if err != nil {
		return nil, err
	}
	r.Model, r.Data.Path, r.Run = name, j.dir, j.machine()
	return r, safefile.Create(out, b)
}
