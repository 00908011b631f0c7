package main

import (
	"errors"
	"fmt"
	"time"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/nn"
	"squint/pkg/train"
)

// probeFor is how long the speed of training is measured on pictures of one
// size.
const probeFor = time.Second

// plan measures how fast training is, sets the epochs for --time and shows the
// plan. What the clock said is in the recipe from here on, as a number of epochs:
// the model depends on that, not on how fast this machine is later.
func (j *job) plan() error {
	speeds := map[train.Stage]float64{} // pictures a second
	var failed error
	seconds := func(s train.Stage) float64 {
		s.Epochs = 0
		if _, known := speeds[s]; !known && failed == nil {
			speeds[s], failed = j.measure(s)
		}
		// Validation is a third of the work a picture.
		return (float64(j.data.Train.Len()) + float64(j.data.Val.Len())/3) / speeds[s]
	}
	var takes float64
	if j.time > 0 {
		// What is left is for the end: statistics, the test.
		takes = j.recipe.EpochsIn(0.97*j.time.Seconds(), seconds)
		if takes > j.time.Seconds() && failed == nil {
			j.warn(fmt.Sprintf("one epoch alone takes about %s: --imgsz or --filters make it shorter", duration(time.Duration(takes*float64(time.Second)))))
		}
	} else {
		takes = j.recipe.Seconds(seconds)
	}
	if failed != nil {
		return failed
	}
	if err := j.recipe.CheckStages(); err != nil { // of --time and epochs for each together
		return &cli.Error{Code: cli.Usage, Err: err, Hint: "leave the epochs out: --progressive 32,48,64"}
	}
	showPlan(j.notes, j.recipe, j.data, takes, j.Workers())
	return nil
}

// measure trains a copy of the network on pictures of a stage's size, for a
// second or a small part of the run if that is less, and returns the pictures a
// second.
func (j *job) measure(stage train.Stage) (float64, error) {
	most := j.data.Train.Len() * j.recipe.Epochs / 20 / (len(j.recipe.Stages) + 1)
	net, err := nn.New(j.net.In, 1, j.net.Specs...)
	if err != nil {
		return 0, err
	}
	t, err := j.recipe.Trainer(net, j.data.Train)
	if err != nil {
		return 0, err
	}
	t.Threads = j.Workers()
	t.Epochs = 1 << 20
	stage.Epochs = t.Epochs
	t.Stages = []train.Stage{stage}
	enough := errors.New("enough")
	var seen int
	var start time.Time
	t.OnStep = func(p train.Progress) error {
		if start.IsZero() { // the first step warms caches up
			start = time.Now()
			return nil
		}
		seen += p.Examples
		if time.Since(start) > probeFor || seen > most && j.time == 0 {
			return enough
		}
		return nil
	}
	if _, err := t.Run(j.ctx, j.data.Train, &dataset.Set{}); !errors.Is(err, enough) {
		return 0, j.hint(err)
	}
	return float64(seen) / time.Since(start).Seconds(), nil
}
