package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"runtime"
	"time"

	"squint/internal/cli"
	"squint/internal/simd"
	"squint/pkg/conv"
	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/model"
	"squint/pkg/report"
	"squint/pkg/train"
)

// finish judges the trained network on the test part and saves everything.
func (j *job) finish(res *train.Result, took time.Duration) error {
	if err := j.insist(func() error { return j.folder.checkpoint(j, res.State) }); err != nil {
		return err
	}
	net, err := conv.Plain(j.net)
	if err != nil {
		return err
	}
	last := res.Epochs[len(res.Epochs)-1]
	r := &report.Report{
		Version: cli.Release(), Model: modelFile, Arch: j.recipe.Arch, Params: net.Size(), Seed: j.recipe.Seed,
		Classes: j.data.Classes, Data: report.Data{Path: j.dir, Kind: j.source.Kind}, Image: j.recipe.Prep.Size,
		Train:   report.Train{N: j.data.Train.Len(), Epochs: len(res.Epochs), Loss: last.TrainLoss},
		Skipped: j.data.Skipped,
		Run:     j.machine(),
	}
	for _, e := range res.Epochs {
		r.Train.Seconds += e.Seconds
		r.Train.ImagesPerSecond += e.ImagesPerSecond / float64(len(res.Epochs))
	}
	m := &model.Model{Classes: j.data.Classes, Prep: j.recipe.Prep, Net: net}
	if err := m.LearnTrust(j.ctx, j.data.Train, j.data.Val, j.Workers()); err != nil {
		return err
	}
	if n := j.data.Val.Len(); n > 0 { // again: by the model as it will answer
		probs, _, err := m.Predict(j.ctx, j.data.Val.Pixels, j.Workers())
		if err != nil {
			return err
		}
		val, err := eval.Score(j.data.Classes, j.data.Val.Labels, probs)
		if err != nil {
			return err
		}
		r.Val = &report.Part{N: n, Accuracy: val.Accuracy, Loss: val.LogLoss}
	}
	probs, err := j.judge(m, r, j.data.Test)
	if err != nil {
		return err
	}
	if err := j.sign(m, r); err != nil {
		return err
	}
	page := newPage(r, m, j.data.Test, probs)
	page.Epochs, page.Counts = j.folder.metrics, j.data.Train.Counts()
	if err := j.insist(func() error { return j.folder.save(m, page) }); err != nil {
		return err
	}
	if j.plots {
		if err := writePlots(page, j.folder.file("plots")); err != nil {
			return err
		}
	}
	return j.tell(r, res)
}

// machine is what the run ran on.
func (j *job) machine() report.Run {
	return report.Run{Threads: j.Workers(), Kernels: simd.Tier(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
}

// judge puts into the report how the model answers about a set, and returns its
// probabilities.
func (j *job) judge(m *model.Model, r *report.Report, set *dataset.Set) ([]float32, error) {
	probs, familiar, err := m.Predict(j.ctx, set.Pixels, j.Workers())
	if err != nil {
		return nil, err
	}
	r.Trust = report.NewTrust(m.Trust, set.Labels, probs, familiar)
	if set.Len() > 0 {
		r.Test, err = eval.Score(m.Classes, set.Labels, probs)
	}
	return probs, err
}

// sign puts report and receipt into the model, without what differs from run
// to run: the same seed and data give the same bytes.
func (j *job) sign(m *model.Model, r *report.Report) error {
	recipe, err := json.Marshal(j.recipe)
	if err != nil {
		return err
	}
	m.Receipt = model.Receipt{
		Version: r.Version, Go: runtime.Version(), Seed: j.recipe.Seed, Recipe: recipe,
		Data: dataHash(j.data), Split: splitHash(j.data),
	}
	m.Report, err = r.Stable()
	return err
}

// dataHash is the SHA-256 of what the pictures show and what class each has,
// whatever part they are in.
func dataHash(d *dataset.Data) string {
	return hashed(func(h hash.Hash) {
		for c, class := range d.Classes {
			fmt.Fprintf(h, "%q\n", class)
			for _, set := range []*dataset.Set{d.Train, d.Val, d.Test} {
				for i, label := range set.Labels {
					if label == c {
						h.Write(set.Keys[i][:])
					}
				}
			}
		}
	})
}

// splitHash is the SHA-256 of which picture with which class is in which part,
// in their order: all that training depends on beside the recipe.
func splitHash(d *dataset.Data) string {
	return hashed(func(h hash.Hash) {
		fmt.Fprintf(h, "%q\n", d.Classes)
		for _, set := range []*dataset.Set{d.Train, d.Val, d.Test} {
			fmt.Fprintf(h, "%d\n", set.Len())
			for i, label := range set.Labels {
				fmt.Fprintf(h, "%d ", label)
				h.Write(set.Keys[i][:])
			}
		}
	})
}

func hashed(write func(hash.Hash)) string {
	h := sha256.New()
	write(h)
	return hex.EncodeToString(h.Sum(nil))
}

// tell prints the result: as text whose last line is the accuracy, or as JSON.
func (j *job) tell(r *report.Report, res *train.Result) error {
	if res.Stopped {
		fmt.Fprintf(j.notes, "stopped after %d epochs: no better validation for %d\n", len(res.Epochs), j.recipe.Patience)
	}
	fmt.Fprintf(j.notes, "best validation in epoch %d of %d\nmodel %s\nreport %s\nnext: classify -m %s PICTURE…\n\n",
		res.BestEpoch, len(res.Epochs), j.folder.file(modelFile), j.folder.file(pageFile), j.folder.file(modelFile))
	return j.show(r, j.json, j.minAccuracy)
}

// show prints a report to standard output and applies the quality gate.
func (j *job) show(r *report.Report, asJSON bool, least float64) error {
	var err error
	if asJSON {
		err = r.WriteJSON(j.stdout)
	} else {
		err = r.Text(j.stdout, j.Palette(j.stdout))
	}
	if err != nil || least == 0 {
		return err
	}
	if r.Test == nil {
		return cli.Errorf(cli.GateMissed, "leave --test above 0", "--min-accuracy %g: there is no test part to measure it on", least)
	}
	if r.Test.Accuracy < least {
		return cli.Errorf(cli.GateMissed, "more pictures, more --epochs, or another --arch may reach it", "test accuracy %.4f is below --min-accuracy %g", r.Test.Accuracy, least)
	}
	return nil
}
