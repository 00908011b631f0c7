// Package recipe decides how a data set is learnt: which network, how large the
// pictures, which optimizer, how long. Choose turns what is known about the
// data and what the user wished into a Recipe, which holds everything that
// shapes the weights: the same recipe on the same data gives the same model.
//
// A new architecture is one more row of the table in arch.go.
package recipe

import (
	"fmt"

	"squint/pkg/augment"
	"squint/pkg/conv"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
	"squint/pkg/train"
)

// Recipe is a training run as data. Its JSON is args.json in the run folder
// and part of the model's receipt.
type Recipe struct {
	Arch    string       `json:"arch"`
	Network nn.Specs     `json:"network"`
	Start   *Start       `json:"start,omitempty"` // the model to begin with
	Prep    imageio.Prep `json:"prep"`

	Val  float64 `json:"val"`  // share split off for validation, where the data has no such part
	Test float64 `json:"test"` // likewise for the test

	Epochs         int            `json:"epochs"`
	Stages         []train.Stage  `json:"stages,omitempty"` // see train.Trainer
	Estimate       int            `json:"estimate"`         // see train.Trainer
	Batch          int            `json:"batch"`            // 0: all examples at once
	Shards         int            `json:"shards"`           // see train.Trainer
	Micro          int            `json:"micro"`            // see train.Trainer
	Optimizer      string         `json:"optimizer"`
	LR             float32        `json:"lr"`
	Momentum       float32        `json:"momentum"`
	WeightDecay    float32        `json:"weight_decay"`
	Schedule       string         `json:"schedule"`
	LabelSmoothing float32        `json:"label_smoothing"`
	EMA            float32        `json:"ema"`
	Aug            string         `json:"aug"` // "none", "digits" or "photos"
	Augment        augment.Policy `json:"augment"`
	ClassWeights   string         `json:"class_weights"` // "none" or "balanced"
	Patience       int            `json:"patience"`
	Seed           uint64         `json:"seed"`

	// Why says in whole sentences what was decided by the data.
	Why []string `json:"-"`

	sides []int // of stages that share the epochs
}

// Facts is what is known of the data before it is loaded.
type Facts struct {
	Classes       int
	Train         int     // pictures to learn from, about
	Width, Height int     // medians
	Colour        float64 // share of the pictures that show colour
}

// Wishes is what the user decides of what the network and its input look like;
// zero values leave it to the recipe. What else a Recipe holds can be changed
// after Choose.
type Wishes struct {
	Arch          string // "auto" or "", or a name from Names
	Network       nn.Specs
	Start         *Start
	Hidden        []int // of mlp
	Activation    string
	Output        string // "sigmoid", "softmax", "threshold"
	Dropout       float32
	BatchNorm     string // of mlp: "auto" or "", "yes", "no"
	Stem          string // of convnet: "auto" or "", "whitened", "learned"
	Filters       int    // of convnet's first group; 0 by the number of pictures
	Views         string // "auto" or "", "one", "mirror", "shifts"
	Progressive   string // "auto" or "", "none", or see stages
	Height, Width int
	Channels      int // 1 grey, 3 colour
	Fit           imageio.Fit
	Subject       imageio.Subject
	Aug           string // "auto" or "", else see augment.Parse
}

// Choose makes the recipe. Mean and Std of its Prep are left for when the
// training part is loaded.
func Choose(f Facts, w Wishes) (*Recipe, error) {
	r := &Recipe{
		Val: 0.1, Test: 0.1, Momentum: 0.9, Optimizer: "sgd", Schedule: "triangular", ClassWeights: "none",
		Prep: imageio.Prep{Fit: w.Fit, Subject: w.Subject},
	}
	switch {
	case w.Start != nil:
		if w.Arch != "" && w.Arch != "auto" || len(w.Hidden) > 0 {
			return nil, fmt.Errorf("recipe: a model to begin with brings its network: leave the architecture out")
		}
		if c := w.Start.prep.Size.C; w.Channels != 0 && w.Channels != c {
			return nil, fmt.Errorf("recipe: %s reads pictures of %d channels, not of %d", w.Start.Model, c, w.Channels)
		}
		w.Arch = fromModel
		w.Start.fill(&w)
		r.Start, r.Prep = w.Start, imageio.Prep{Fit: w.Fit, Subject: w.Subject, Mean: w.Start.prep.Mean, Std: w.Start.prep.Std, Invert: w.Start.prep.Invert, Deslant: w.Start.prep.Deslant}
	case w.Network != nil:
		w.Arch = custom
	}
	a, err := find(f, w, r)
	if err != nil {
		return nil, err
	}
	r.Arch = a.name
	c := &choice{Facts: f, Wishes: w, Recipe: r}
	c.chooseInput(a)
	if err := c.chooseAugment(); err != nil {
		return nil, err
	}
	if r.Network, err = a.network(c); err != nil {
		return nil, fmt.Errorf("recipe: %s: %w", a.name, err)
	}
	c.chooseViews()
	if err := c.chooseStages(); err != nil {
		return nil, err
	}
	return r, nil
}

// choice is a Recipe in the making.
type choice struct {
	Facts
	Wishes
	*Recipe
}

func (c *choice) because(format string, args ...any) {
	c.Why = append(c.Why, fmt.Sprintf(format, args...))
}

// small tells whether the pictures are of the size of MNIST's.
func (f Facts) small() bool { return max(f.Width, f.Height) <= 48 }

// grey tells whether the pictures show no colour to speak of.
func (f Facts) grey() bool { return f.Colour < 0.05 }

// chooseInput decides size and channels of the network's input.
func (c *choice) chooseInput(a *arch) {
	s := &c.Prep.Size
	s.C = c.Channels
	digits := c.Prep.Subject == imageio.SubjectDigits
	switch {
	case s.C != 0:
	case digits:
		s.C = 1
	case c.grey():
		s.C = 1
		c.because("grey, because %s", shareOfColour(c.Colour))
	case a.grey:
		s.C = 1
		c.because("grey, as %s reads pictures unless told otherwise (--color)", a.name)
	default:
		s.C = 3
	}
	s.H, s.W = c.Wishes.Height, c.Wishes.Width
	if s.H != 0 {
		return
	}
	if digits {
		s.H, s.W = 28, 28 // MNIST's
		return
	}
	if c.small() {
		s.H, s.W = c.Facts.Height, c.Facts.Width
		if a.least > 0 {
			s.H, s.W = max(s.H, a.least), max(s.W, a.least)
		}
		c.because("%d×%d pixels, the size of the pictures", s.W, s.H)
		return
	}
	s.H, s.W = a.side, a.side
	c.because("%d×%d pixels, the pictures being larger (median %d×%d)", s.W, s.H, c.Facts.Width, c.Facts.Height)
}

func shareOfColour(share float64) string {
	if share == 0 {
		return "no picture looked at shows colour"
	}
	return fmt.Sprintf("only %.0f%% of the pictures looked at show colour", 100*share)
}

// chooseAugment decides how pictures are deformed while training.
func (c *choice) chooseAugment() error {
	c.Recipe.Aug = c.Wishes.Aug
	if c.Recipe.Aug == "" || c.Recipe.Aug == "auto" {
		c.Recipe.Aug = "photos"
		if c.Prep.Subject == imageio.SubjectDigits {
			c.Recipe.Aug = "digits"
		} else if c.grey() && c.small() {
			c.Recipe.Aug = "digits"
			c.because("deformed like handwriting and never mirrored (--aug digits), because the pictures are small and grey")
		}
	}
	var err error
	c.Augment, err = augment.Parse(c.Recipe.Aug)
	return err
}

// chooseViews decides how often the network looks at a picture to answer: at
// both sides where it has learnt both.
func (c *choice) chooseViews() {
	switch v := c.Wishes.Views; v {
	case "one":
	case "", "auto":
		if (c.Recipe.Arch == "convnet" || c.Recipe.Arch == fromModel) && c.Augment.Flip != augment.FlipNone {
			c.Prep.Views = imageio.ViewsMirror
			c.because("it answers by a picture and its mirror image together")
		}
	default:
		c.Prep.Views = imageio.Views(v)
	}
}

// chooseStages cuts the run into stages.
func (c *choice) chooseStages() error {
	switch c.Progressive {
	case "none":
	case "", "auto":
		if least := min(c.Prep.Size.H, c.Prep.Size.W); c.Recipe.Arch == "convnet" && least >= 64 {
			c.sides = []int{least / 2, least * 2 / 3, least * 5 / 6}
			c.because("smaller pictures first (%d, %d, %d pixels), which cost less; in a crop things are larger, so %d suits the answers", c.sides[0], c.sides[1], c.sides[2], least)
		}
	default:
		return c.parseStages(c.Progressive)
	}
	c.share()
	return nil
}

// output returns the output activation and the number of output units: one
// sigmoid for two classes, else one unit a class.
func (c *choice) output(byDefault string) (nn.Spec, int, error) {
	name := c.Wishes.Output
	if name == "" {
		name = byDefault
		if c.Classes == 2 && name == "softmax" {
			name = "sigmoid"
		}
	}
	spec, err := nn.ActivationNamed(name)
	if err != nil {
		return nil, 0, err
	}
	units := c.Classes
	if c.Classes == 2 && name != "softmax" {
		units = 1
	}
	return spec, units, nil
}

// epochs sets the length of the run so that about samples pictures are seen,
// within bounds.
func (c *choice) epochs(samples, least, most int) {
	c.Epochs = min(max(samples/max(1, c.Train), least), most)
}

// Trainer returns the trainer of a recipe for its network, which gets initial
// weights by the seed and, where it has a whitened stem, by the training part.
func (r *Recipe) Trainer(net *nn.Network, fit *dataset.Set) (*train.Trainer, error) {
	optimizer, err := train.OptimizerNamed(r.Optimizer, r.Momentum, r.WeightDecay)
	if err != nil {
		return nil, err
	}
	schedule, err := train.ScheduleNamed(r.Schedule)
	if err != nil {
		return nil, err
	}
	net.Init(r.Seed)
	if err := conv.Whiten(net, r.sample(fit, 400)); err != nil {
		return nil, err
	}
	if r.Start != nil && r.Start.net != nil { // else the weights come from a checkpoint
		if err := r.Start.adopt(net); err != nil {
			return nil, err
		}
	}
	t := &train.Trainer{
		Net: net, Loss: nn.LossFor(net.Output()), Optimizer: optimizer, Schedule: schedule, LR: r.LR,
		Smoothing: r.LabelSmoothing, EMA: r.EMA, Prep: &r.Prep, Augment: r.Augment,
		Epochs: r.Epochs, Stages: r.Stages, Estimate: r.Estimate, Seed: r.Seed, Batch: r.Batch, Shards: r.Shards, Micro: r.Micro, Patience: r.Patience,
	}
	switch r.ClassWeights {
	case "", "none":
	case "balanced":
		t.Weights = balanced(fit.Counts())
	default:
		return nil, fmt.Errorf("recipe: class weights %q, want none or balanced", r.ClassWeights)
	}
	return t, nil
}

// sample returns the first n pictures of a set, which are as good as drawn at
// random, normalised.
func (r *Recipe) sample(fit *dataset.Set, n int) tensor.Batch {
	x := tensor.NewBatch(min(n, fit.Len()), fit.Shape, 0)
	r.Prep.Floats(x.Data, fit.Pixels[:len(x.Data)])
	return x
}

// balanced weighs each class by the inverse of its share, so that all classes
// count the same and the mean weight of an example is 1; scikit-learn's
// class_weight="balanced".
func balanced(counts []int) []float32 {
	total := 0
	for _, n := range counts {
		total += n
	}
	w := make([]float32, len(counts))
	for i, n := range counts {
		w[i] = float32(total) / float32(len(counts)*max(1, n))
	}
	return w
}
