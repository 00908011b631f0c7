package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"squint/pkg/dataset"
	"squint/pkg/nn"
	"squint/pkg/recipe"
	"squint/pkg/report"
	"squint/pkg/train"
)

const fewest = 12 // names in a list before "and N more"

// showSource says what was found, before anything is decoded.
func showSource(w io.Writer, s *dataset.Source) {
	fmt.Fprintf(w, "%s: %d pictures in %d classes (%s)\n", report.Clean(s.Root), len(s.Items), len(s.Classes), s.Kind)
	if len(s.Ignored) > 0 {
		fmt.Fprintf(w, "ignored: %s\n", list(s.Ignored))
	}
}

func list(names []string) string {
	var shown []string
	for _, n := range names[:min(len(names), fewest)] {
		shown = append(shown, report.Clean(n))
	}
	t := strings.Join(shown, ", ")
	if more := len(names) - len(shown); more > 0 {
		t += fmt.Sprintf(" and %d more", more)
	}
	return t
}

// showData says what was loaded: classes with counts, the split, what was
// skipped.
func showData(w io.Writer, d *dataset.Data) {
	train, val, test := d.Train.Counts(), d.Val.Counts(), d.Test.Counts()
	var t report.Table
	t.Row("class", "train", "val", "test")
	const most = 40
	for c, name := range d.Classes {
		if c == most {
			t.Row(fmt.Sprintf("… %d more classes", len(d.Classes)-most))
			break
		}
		t.Row(report.Shorten(report.Clean(name), 32), fmt.Sprint(train[c]), fmt.Sprint(val[c]), fmt.Sprint(test[c]))
	}
	t.Row("all", fmt.Sprint(d.Train.Len()), fmt.Sprint(d.Val.Len()), fmt.Sprint(d.Test.Len()))
	t.Write(w)
	for _, s := range d.Warnings {
		fmt.Fprintf(w, "warning: %s\n", report.Clean(s))
	}
	if d.Unkept != nil {
		fmt.Fprintf(w, "the pictures are not kept for the next run: %s\n", report.Clean(d.Unkept.Error()))
	}
	for i, s := range d.Skipped {
		if i == fewest {
			fmt.Fprintf(w, "skipped: %d more (report.json lists all)\n", len(d.Skipped)-i)
			break
		}
		fmt.Fprintf(w, "skipped: %s: %s\n", report.Clean(s.File), report.Clean(s.Reason))
	}
}

// showNetwork prints one line a layer.
func showNetwork(w io.Writer, r *recipe.Recipe, net *nn.Network) {
	s := r.Prep.Size
	channels := "grey"
	if s.C == 3 {
		channels = "colour"
	}
	fmt.Fprintf(w, "\n%s on %d×%d pixels in %s\n", r.Arch, s.W, s.H, channels)
	for _, why := range r.Why {
		fmt.Fprintf(w, "  %s\n", why)
	}
	networkTable(net).Write(w)
}

func networkTable(net *nn.Network) *report.Table {
	t := &report.Table{}
	t.Row("layer", "output", "parameters", "MFLOP")
	t.Row("input", net.In.String(), "", "")
	macs := 0
	for _, r := range net.Rows() {
		params, mflop := "", ""
		if r.Params > 0 {
			params = fmt.Sprint(r.Params)
		}
		if r.MACs > 0 {
			mflop = fmt.Sprintf("%.2f", 2e-6*float64(r.MACs))
		}
		macs += r.MACs
		t.Row(report.Shorten(r.Layer, 72), r.Out.String(), params, mflop)
	}
	t.Row("all", "", fmt.Sprint(net.Size()), fmt.Sprintf("%.2f", 2e-6*float64(macs)))
	return t
}

// showPlan says how the training will go, and how long.
func showPlan(w io.Writer, r *recipe.Recipe, d *dataset.Data, seconds float64, threads int) {
	optimizer := fmt.Sprintf("%s, learning rate %g (%s), weight decay %g", r.Optimizer, r.LR, r.Schedule, r.WeightDecay)
	if r.Optimizer == "sgd" && r.Momentum != 0 {
		optimizer += fmt.Sprintf(", momentum %g", r.Momentum)
	}
	if r.EMA != 0 {
		optimizer += fmt.Sprintf(", weight average %g", r.EMA)
	}
	n := d.Train.Len()
	batch := fmt.Sprintf("batches of %d", r.Batch)
	if r.Batch == 0 {
		batch = "one batch of all"
	}
	fmt.Fprintf(w, "\n%d epochs of %d pictures in %s\n%s\n", r.Epochs, n, batch, optimizer)
	if len(r.Stages) > 0 {
		var stages []string
		for _, s := range r.Stages {
			stages = append(stages, fmt.Sprintf("%d on %d×%d pixels", s.Epochs, s.W, s.H))
		}
		fmt.Fprintf(w, "smaller pictures first: %s\n", strings.Join(stages, ", "))
	}
	if r.Aug != "none" {
		fmt.Fprintf(w, "training pictures are deformed: %s\n", r.Aug)
	}
	if r.ClassWeights == "balanced" {
		fmt.Fprintf(w, "rare classes count as much as frequent ones\n")
	}
	threadsText := "1 thread"
	if threads != 1 {
		threadsText = fmt.Sprintf("%d threads", threads)
	}
	fmt.Fprintf(w, "about %s at %.0f pictures/s on %s\n", duration(time.Duration(seconds*float64(time.Second))), float64(n*r.Epochs)/seconds, threadsText)
}

func duration(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// describeEpoch is the line for an epoch.
func describeEpoch(e train.Epoch, epochs int) string {
	val := ""
	if e.ValLoss != 0 || e.ValAccuracy != 0 {
		val = fmt.Sprintf("  validation loss %.4f accuracy %.2f%%", e.ValLoss, 100*e.ValAccuracy)
	}
	return fmt.Sprintf("epoch %*d/%d  loss %.4f%s  %s, %.0f pictures/s",
		len(fmt.Sprint(epochs)), e.Epoch, epochs, e.TrainLoss, val, duration(time.Duration(e.Seconds*float64(time.Second))), e.ImagesPerSecond)
}
