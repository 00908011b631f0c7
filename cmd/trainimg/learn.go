package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/recipe"
	"squint/pkg/train"
)

// job is one training run on its way through the steps of run.
type job struct {
	*options
	ctx    context.Context
	stdout io.Writer
	notes  io.Writer // plans and warnings: standard error, or nowhere
	bars   io.Writer // progress: standard error

	dir    string // the data, as the user named it
	source *dataset.Source
	data   *dataset.Data
	recipe *recipe.Recipe
	net    *nn.Network
	folder *runFolder
	resume *train.State // where to go on from; nil for a new run
}

// run is the main verb: look, decide, load, learn, judge, save.
func (o *options) run(cmd *cobra.Command, args []string) error {
	j := &job{options: o, ctx: cmd.Context(), stdout: cmd.OutOrStdout(), notes: o.Notes(cmd.ErrOrStderr()), bars: cmd.ErrOrStderr()}
	if len(args) == 1 {
		j.dir = args[0]
	}
	if o.resume != "" {
		return j.goOn(cmd)
	}
	if j.dir == "" {
		return cli.Errorf(cli.Usage, "trainimg --help shows examples", "name the folder of pictures to train on")
	}
	if err := cli.Assignment(cmd, j.dir); err != nil {
		return err
	}
	if isRun(j.dir) {
		return cli.Errorf(cli.Usage, "trainimg --resume "+j.dir, "%q is the folder of a run, not of pictures", j.dir)
	}
	if err := j.look(); err != nil {
		return err
	}
	if err := j.decide(cmd); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return err
	}
	if err := j.build(); err != nil {
		return err
	}
	if err := j.plan(); err != nil {
		return err
	}
	if o.dryRun {
		return nil
	}
	var err error
	if j.folder, err = newRunFolder(j.out, j.dir); err != nil {
		return err
	}
	return j.learn()
}

// look scans the data and says what is there.
func (j *job) look() error {
	var err error
	if j.source, err = scan(j.dir); err != nil {
		return err
	}
	showSource(j.notes, j.source)
	return nil
}

// scan is dataset.Scan with the command's exit codes.
func scan(dir string) (*dataset.Source, error) {
	s, err := dataset.Scan(dir)
	return s, unusable(err)
}

// unusable gives errors about the data their exit code and a hint.
func unusable(err error) error {
	var u *dataset.Unusable
	if errors.As(err, &u) {
		return &cli.Error{Code: cli.Unusable, Err: err, Hint: "put the pictures of each class into a folder of its own: pets/cat/…, pets/dog/…"}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return &cli.Error{Code: cli.Failure, Err: err, Hint: "name the folder that holds the pictures, one folder a class"}
	}
	return err
}

// decide makes the recipe from the data and the flags.
func (j *job) decide(cmd *cobra.Command) error {
	if err := j.readWishes(cmd); err != nil {
		return err
	}
	p := j.source.Probe(j.ctx, 200, reading(&j.Common, j.noCache))
	n := 0
	for _, it := range j.source.Items {
		if it.Part == "" || it.Part == dataset.Train {
			n++
		}
	}
	facts := recipe.Facts{Classes: len(j.source.Classes), Train: n, Width: p.Width, Height: p.Height, Colour: p.Colour}
	if p.Pictures == 0 { // let Load name every file and its reason
		facts.Width, facts.Height = 28, 28
	}
	r, err := recipe.Choose(facts, j.wishes)
	if err != nil {
		return &cli.Error{Code: cli.Usage, Err: err}
	}
	j.recipe = r
	override(cmd, &j.over, r)
	r.Seed = j.over.Seed
	r.Val, r.Test = j.over.Val, j.over.Test
	r.Optimizer, r.Schedule, r.ClassWeights = cmp.Or(j.optimizer, r.Optimizer), cmp.Or(j.schedule, r.Schedule), j.weights
	return nil
}

// readWishes completes the wishes from flags that need work.
func (j *job) readWishes(cmd *cobra.Command) error {
	w := &j.wishes
	w.Hidden, w.Fit = j.hidden, imageio.Fit(j.resize)
	if w.Fit == "stretch" { // the zero value, so that models of either spelling are one
		w.Fit = ""
	}
	switch {
	case j.gray && j.colorInput:
		return cli.Errorf(cli.Usage, "", "--gray and --color contradict each other")
	case j.gray:
		w.Channels = 1
	case j.colorInput:
		w.Channels = 3
	}
	var err error
	if j.imgsz != "" {
		if w.Height, w.Width, err = parseSize(j.imgsz); err != nil {
			return err
		}
	}
	for _, n := range j.hidden {
		if n < 1 {
			return cli.Errorf(cli.Usage, "--hidden 512,256", "--hidden: a layer of %d units", n)
		}
	}
	if w.Dropout < 0 || w.Dropout >= 1 {
		return cli.Errorf(cli.Usage, "--dropout 0.2", "--dropout: got %g, want 0 to below 1", w.Dropout)
	}
	if !(j.over.Val >= 0 && j.over.Test >= 0 && j.over.Val+j.over.Test < 1) {
		return cli.Errorf(cli.Usage, "--val 0.1 --test 0.1", "--val %g and --test %g leave nothing to train on", j.over.Val, j.over.Test)
	}
	if j.subject == "digits" {
		w.Subject = imageio.SubjectDigits
	}
	if j.init != "" {
		m, err := openModel(j.init)
		if err != nil {
			return err
		}
		w.Start = recipe.StartFrom(m.Name, m.Net, m.Prep)
	}
	w.Arch = j.arch
	if strings.HasSuffix(j.arch, ".json") {
		w.Network, err = readNetwork(j.arch)
	}
	return err
}

// override puts the numbers that were given as flags into the recipe.
func override(cmd *cobra.Command, from, to *recipe.Recipe) {
	for name, set := range map[string]func(){
		"epochs":          func() { to.SetEpochs(from.Epochs) },
		"batch":           func() { to.Batch = from.Batch },
		"lr":              func() { to.LR = from.LR },
		"momentum":        func() { to.Momentum = from.Momentum },
		"weight-decay":    func() { to.WeightDecay = from.WeightDecay },
		"label-smoothing": func() { to.LabelSmoothing = from.LabelSmoothing },
		"ema":             func() { to.EMA = from.EMA },
		"patience":        func() { to.Patience = from.Patience },
		"bn-batch":        func() { to.Micro = from.Micro },
		"bn-estimate":     func() { to.Estimate = from.Estimate },
	} {
		if cmd.Flags().Changed(name) {
			set()
		}
	}
}

func parseSize(s string) (h, w int, err error) {
	hs, ws, two := strings.Cut(strings.ToLower(s), "x")
	if !two {
		ws = hs
	}
	h, err = strconv.Atoi(hs)
	if err == nil {
		w, err = strconv.Atoi(ws)
	}
	if err != nil || h < 1 || w < 1 || h > 4096 || w > 4096 {
		return 0, 0, cli.Errorf(cli.Usage, "--imgsz 64 or --imgsz 48x64 (height x width)", "--imgsz: got %q, want pixels, 1 to 4096", s)
	}
	return h, w, nil
}

func readNetwork(path string) (nn.Specs, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	specs, err := recipe.ParseNetwork(b)
	if err != nil {
		return nil, cli.Errorf(cli.Usage, "trainimg info MODEL --network prints the network of a model to start from", "%q: %w", path, err)
	}
	return specs, nil
}

// load decodes the pictures and says what became of them.
func (j *job) load() error {
	bar := j.Progress(j.bars, "reading", "pictures", int64(len(j.source.Items)))
	opt := reading(&j.Common, j.noCache)
	opt.Prep, opt.Val, opt.Test = j.recipe.Prep, j.recipe.Val, j.recipe.Test
	opt.Progress = func(int, int) { bar.Add(1) }
	data, err := j.source.Load(j.ctx, opt)
	bar.Close()
	if err != nil {
		return unusable(err)
	}
	j.data = data
	if len(j.recipe.Prep.Mean) == 0 {
		j.recipe.Prep.Mean, j.recipe.Prep.Std = data.Train.MeanStd()
		for c, s := range j.recipe.Prep.Std {
			if s == 0 { // pictures of one colour: nothing to divide by
				j.recipe.Prep.Std[c] = 1
			}
		}
	}
	showData(j.notes, data)
	if n := len(data.Warnings) + len(data.Skipped); j.strict && n > 0 {
		return cli.Errorf(cli.Unusable, "trainimg check "+j.dir+" lists everything; without --strict training goes on", "%q: %d things that harm", j.dir, n)
	}
	return nil
}

// build makes the network and shows it.
func (j *job) build() error {
	var err error
	if j.net, err = nn.New(j.recipe.Prep.Size, 1, j.recipe.Network...); err != nil {
		return &cli.Error{Code: cli.Usage, Err: err, Hint: "choose a larger --imgsz or another --arch"}
	}
	showNetwork(j.notes, j.recipe, j.net)
	return nil
}

// learn trains, saving checkpoints, then judges and saves the result.
func (j *job) learn() error {
	t, err := j.recipe.Trainer(j.net, j.data.Train)
	if err != nil {
		return err
	}
	t.Threads = j.Workers()
	t.Resume = j.resume
	if err := j.folder.begin(j); err != nil {
		return err
	}
	left := j.recipe.Epochs
	if j.resume != nil {
		left -= len(j.resume.History)
	}
	bar := j.Progress(j.bars, "training", "pictures", int64(j.data.Train.Len())*int64(left))
	board, err := j.openBoard()
	if err != nil {
		return err
	}
	defer board.close()
	accuracy := ""      // of the last validation
	var saved time.Time // long ago: there is something to go on from right after the first step
	t.OnStep = func(p train.Progress) error {
		bar.Doing(fmt.Sprintf("epoch %d/%d, loss %.3f%s, rate %.2g", p.Epoch, p.Epochs, p.Loss, accuracy, p.LR))
		bar.Add(p.Examples)
		if time.Since(saved) < j.saveEvery {
			return nil
		}
		saved = time.Now()
		if err := j.folder.checkpoint(j, p.State()); err != nil { // the one before stays
			bar.Line(fmt.Sprintf("warning: no checkpoint: %v; the run goes on", err))
		}
		return nil
	}
	t.OnEpoch = func(e train.Epoch) error {
		bar.Line(describeEpoch(e, j.recipe.Epochs))
		if j.data.Val.Len() > 0 {
			accuracy = fmt.Sprintf(", accuracy %.2f%%", 100*e.ValAccuracy)
		}
		for _, err := range []error{j.folder.epoch(e), board.epoch(e)} {
			if err != nil {
				bar.Line(fmt.Sprintf("warning: %v; the run goes on", err))
			}
		}
		return nil
	}
	t.OnTrouble = func(what string) { bar.Line("warning: " + what) }
	start := time.Now()
	res, err := t.Run(j.ctx, j.data.Train, j.data.Val)
	bar.Close()
	if res == nil {
		return err
	}
	if err != nil {
		return j.interrupted(res, err)
	}
	if err := j.finish(res, time.Since(start)); errors.Is(err, context.Canceled) {
		return j.interrupted(res, err)
	} else {
		return err
	}
}

// warn says what does not end the run.
func (j *job) warn(what string) { fmt.Fprintf(j.notes, "warning: %s\n", what) }

// hint gives the errors of training a hint.
func (j *job) hint(err error) error {
	var bad *train.NotFinite
	if errors.As(err, &bad) {
		return &cli.Error{Code: cli.Failure, Err: err, Hint: fmt.Sprintf("try --lr %g", j.recipe.LR/10)}
	}
	return err
}

// interrupted saves a run that did not get to its end.
func (j *job) interrupted(res *train.Result, err error) error {
	if !errors.Is(err, context.Canceled) {
		return j.hint(err)
	}
	if e := j.folder.checkpoint(j, res.State); e != nil {
		return e
	}
	fmt.Fprintf(j.notes, "saved at step %d. To go on:\n  trainimg --resume %s\n", res.State.Step, j.folder.path)
	return err
}

// runName is the folder's name that a data folder gives to its runs.
func runName(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	name := filepath.Base(abs)
	if ext := filepath.Ext(name); ext == ".csv" || ext == ".jsonl" {
		name = strings.TrimSuffix(name, ext)
	}
	return name
}
