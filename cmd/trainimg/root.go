package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"squint/internal/cli"
	"squint/pkg/recipe"
)

// Names that other programs give to these flags.
var aliases = map[string]string{
	"batch-size": "batch", "img-size": "imgsz", "size": "imgsz", "lr0": "lr", "workers": "threads", "output-dir": "out", "project": "out", "grey": "gray", "colour": "color", "test-split": "test", "val-split": "val",
}

// Flags of other programs that have no counterpart here.
var foreign = map[string]string{
	"device":     "there is only the processor to train on: leave it out",
	"pretrained": "name the model to begin with: --init catdog",
	"exist-ok":   "a run folder that exists is never overwritten: the new one gets -2",
}

// options are the flags of the main verb. What shapes the network is in
// wishes; what else shapes the run overrides the recipe's choice where the
// flag was given.
type options struct {
	cli.Common
	wishes recipe.Wishes

	arch, imgsz, resize string
	hidden              []int
	gray, colorInput    bool

	over      recipe.Recipe
	optimizer string
	schedule  string
	weights   string

	subject     string
	noCache     bool
	time        time.Duration
	out         string
	resume      string
	saveEvery   time.Duration
	tensorboard string
	init        string
	dryRun      bool
	strict      bool
	plots       bool
	json        bool
	minAccuracy float64
}

func root() *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:   "trainimg DIR [flags]",
		Short: "trainimg trains an image classifier on a folder of labelled pictures",
		Example: `  trainimg pets/                         train on pets/cat/…, pets/dog/…; the model goes to runs/pets/
  trainimg digits/ --arch lenet          with the network of LeCun 1998
  trainimg pets/ --arch mlp --hidden 300,100 --epochs 20
  trainimg pets/ --time 10m              as long as ten minutes allow
  trainimg --resume runs/pets            go on after Ctrl-C or a crash
  trainimg eval runs/pets/model.safetensors more-pets/
  trainimg fetch mnist                   download MNIST into data/mnist`,
		Long: `DIR is one folder per class; or train/, val/ and test/ holding those; or the IDX
files of MNIST and sets like it; or a manifest (CSV or JSON lines: path, label,
split). Nothing is ever written into DIR. Pictures for validation and test are
split off by content where DIR does not give them.

Networks:
` + networks(),
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	o.AddTo(cmd)
	o.AddMemory(cmd)
	f := cmd.Flags()
	f.SortFlags = false
	o.addInput(cmd)
	f.StringVar(&o.init, "init", "", "begin with all but the last layer of a `MODEL`: catdog, digits or a model file; for small folders")
	f.IntSliceVar(&o.hidden, "hidden", nil, "hidden layers of mlp, such as `512,256`")
	f.StringVar(&o.wishes.Activation, "activation", "", "of hidden layers: relu, tanh, sigmoid, softplus; threshold for the perceptron")
	f.StringVar(&o.wishes.Output, "output", "", "output `UNITS`: sigmoid or softmax (default by network)")
	f.Float32Var(&o.wishes.Dropout, "dropout", 0, "drop this share of hidden values while training")
	cli.AddChoice(cmd, f, &o.wishes.Views, "tta", "how often to look at a picture to answer: %s (test-time augmentation)", "auto", "one", "mirror", "shifts")
	cli.AddChoice(cmd, f, &o.wishes.BatchNorm, "batch-norm", "in mlp, while it learns: %s", "auto", "yes", "no")
	cli.AddChoice(cmd, f, &o.wishes.Stem, "stem", "first layer of convnet: %s", "auto", "whitened", "learned")
	cli.AddCount(f, &o.wishes.Filters, 1, "filters", "", "`N` filters in convnet's first group (default by the number of pictures)")

	cli.AddCount(f, &o.over.Epochs, 1, "epochs", "", "go `N` times through the training pictures")
	f.StringVar(&o.wishes.Progressive, "progressive", "auto", "learn from smaller pictures first: `SIZES` such as 32,48,64, with or without epochs for each (32:10,48:6); auto, none")
	f.DurationVar(&o.time, "time", 0, "train about this long (10m): sets --epochs by a short probe")
	cli.AddCount(f, &o.over.Batch, 0, "batch", "b", "`N` pictures a step; 0 is all at once, 1 one by one")
	f.Float32Var(&o.over.LR, "lr", 0, "learning rate")
	cli.AddChoice(cmd, f, &o.optimizer, "optimizer", "%s (default sgd)", "", "sgd", "adamw")
	cli.AddChoice(cmd, f, &o.schedule, "schedule", "of the learning rate: %s", "", "triangular", "cosine", "step", "constant")
	f.Float32Var(&o.over.Momentum, "momentum", 0, "of sgd (default 0.9)")
	f.Float32Var(&o.over.WeightDecay, "weight-decay", 0, "how fast weights shrink by themselves")
	f.Float32Var(&o.over.LabelSmoothing, "label-smoothing", 0, "move targets towards undecided by this share")
	f.Float32Var(&o.over.EMA, "ema", 0, "keep an average of the weights with this decay a step; 0 keeps the weights themselves")
	cli.AddCount(f, &o.over.Micro, 1, "bn-batch", "", "batch norm sees `N` pictures at a time")
	cli.AddCount(f, &o.over.Estimate, 0, "bn-estimate", "", "estimate its statistics anew at the end from `N` pictures; 0 keeps the running ones")
	cli.AddChoice(cmd, f, &o.weights, "class-weights", "%s: let rare classes count as much as frequent ones", "none", "balanced")
	f.Float64Var(&o.over.Val, "val", 0.1, "share of the pictures for validation, where DIR has no such part")
	f.Float64Var(&o.over.Test, "test", 0.1, "share of the pictures for the test, where DIR has no such part")
	cli.AddCount(f, &o.over.Patience, 0, "patience", "", "stop after `N` epochs without a better validation; 0 never")

	f.Float64Var(&o.minAccuracy, "min-accuracy", 0, "exit with 5 unless the test accuracy reaches this (0.98)")
	f.StringVarP(&o.out, "out", "o", "", "run `FOLDER` (default runs/NAME; never overwritten)")
	f.StringVar(&o.resume, "resume", "", "go on with the run in `FOLDER`")
	f.Lookup("resume").NoOptDefVal = lastRun
	f.DurationVar(&o.saveEvery, "save-every", 5*time.Minute, "save a checkpoint this often")
	f.BoolVar(&o.strict, "strict", false, "stop, with exit code 3, if the pictures have anything that harms")
	f.StringVar(&o.tensorboard, "tensorboard", "", "write losses, accuracy and learning rate of every epoch to `FOLDER` for TensorBoard")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the plan and stop")
	f.BoolVar(&o.plots, "plots", false, "also draw the report's figures as PNG and SVG files into the run folder")
	f.BoolVar(&o.json, "json", false, "print the final report as JSON")

	color := cmd.PersistentFlags().Lookup("color")
	color.Value = &colorFlag{color.Value, &o.colorInput}
	color.NoOptDefVal = inColor
	color.Usage += "; alone: read the pictures in colour"

	cmd.AddCommand(checkCommand(o), evalCommand(&o.Common), infoCommand(&o.Common), exportCommand(&o.Common), importCommand(&o.Common), fetchCommand(&o.Common))
	return cmd
}

// addInput adds the flags that shape what the network sees, which training and
// check share, and how it is read.
func (o *options) addInput(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.arch, "arch", "auto", "the `NETWORK`: "+strings.Join(recipe.Names(), ", ")+", or a network file (.json)")
	f.StringVar(&o.imgsz, "imgsz", "", "input size `N` or HxW in pixels (default by the pictures)")
	f.BoolVar(&o.gray, "gray", false, "read the pictures in grey")
	cli.AddChoice(cmd, f, &o.resize, "resize", "how pictures become that size: %s", "stretch", "crop", "pad")
	cli.AddChoice(cmd, f, &o.subject, "subject", "what the pictures show: %s; one digit or letter is found and laid out as in MNIST", "any", "digits")
	f.StringVar(&o.wishes.Aug, "aug", "auto", "deform the training pictures: auto, none, digits or photos, and what else: `photos,rotate=10`")
	f.Uint64Var(&o.over.Seed, "seed", 0, "of every random choice")
	f.BoolVar(&o.noCache, "no-cache", false, "open every picture, whatever is kept from an earlier run, and keep nothing")
}

// networks lists the architectures for help.
func networks() string {
	var b strings.Builder
	for _, name := range recipe.Names() {
		fmt.Fprintf(&b, "  %-11s %s\n", name, recipe.About(name))
	}
	return b.String()
}

// colorFlag gives --color its second meaning: alone, it is the opposite of
// --gray; with a value it is about the terminal, as in every command.
type colorFlag struct {
	pflag.Value
	pictures *bool
}

const inColor = "pictures"

func (c *colorFlag) Set(s string) error {
	if s == inColor {
		*c.pictures = true
		return nil
	}
	return c.Value.Set(s)
}

// joinOptional writes "--color always" as "--color=always" and "--resume
// FOLDER" as "--resume=FOLDER": a flag whose value may be left out takes it
// only that way.
func joinOptional(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if i+1 < len(args) {
			next := args[i+1]
			if a == "--color" && slices.Contains([]string{"auto", "always", "never"}, next) || a == "--resume" && isRun(next) {
				a += "=" + next
				i++
			}
		}
		out = append(out, a)
	}
	return out
}
