package recipe

import (
	"errors"
	"fmt"
	"strings"

	"squint/pkg/augment"
	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// arch is one architecture that can be named.
type arch struct {
	name  string
	about string
	grey  bool // reads grey unless told otherwise
	side  int  // of the input for pictures larger than 48 pixels
	least int  // smallest side that it takes
	// network fills in the part of the recipe that goes with the network, and
	// returns it. Input size and augmentation are known by then.
	network func(c *choice) (nn.Specs, error)
}

// Architectures that are not asked for by name.
const (
	custom    = "custom"     // a network file
	fromModel = "pretrained" // a model to begin with
)

// archs lists the architectures.
var archs = []*arch{
	{name: "perceptron", about: "one layer of neurons (--activation threshold: by Rosenblatt's rule)", grey: true, side: 32, network: perceptron},
	{name: "mlp", about: "deep multilayer perceptron, --hidden 512,256", grey: true, side: 64, network: deepMLP},
	{name: "lenet", about: "LeNet-5", grey: true, side: 32, least: 12, network: lenet},
	{name: "convnet", about: "residual convolution net with batch norm", side: 96, least: 8, network: convnet},
	{name: custom, about: "the network of a file", side: 64, network: customNet},
	{name: fromModel, about: "the network of a model", side: 64, network: pretrained},
}

// Names lists the architectures that --arch takes, "auto" first.
func Names() []string {
	names := []string{"auto"}
	for _, a := range archs {
		if a.name != custom && a.name != fromModel {
			names = append(names, a.name)
		}
	}
	return names
}

// About describes an architecture in a few words.
func About(name string) string {
	for _, a := range archs {
		if a.name == name {
			return a.about
		}
	}
	return "chosen by the pictures' size and number"
}

func find(f Facts, w Wishes, r *Recipe) (*arch, error) {
	name := w.Arch
	if name == "" || name == "auto" {
		name = "convnet"
		r.Why = append(r.Why, fmt.Sprintf("convnet, which learns most from %d pictures of %d classes", f.Train, f.Classes))
		if len(w.Hidden) > 0 {
			name = "mlp"
			r.Why = []string{"mlp, because --hidden describes one"}
		}
	}
	for _, a := range archs {
		if a.name == name {
			return a, nil
		}
	}
	return nil, fmt.Errorf("recipe: unknown architecture %q, want %s, or a network file", name, strings.Join(Names(), ", "))
}

// perceptron: one dense layer.
func perceptron(c *choice) (nn.Specs, error) {
	byDefault := "sigmoid"
	if c.Activation == "threshold" {
		byDefault = "threshold"
	} else if c.Activation != "" {
		return nil, fmt.Errorf("activation %q: it has no hidden layer; threshold makes its output one", c.Activation)
	}
	if len(c.Hidden) > 0 {
		return nil, errors.New("it has no hidden layers: --hidden is for --arch mlp")
	}
	out, units, err := c.output(byDefault)
	if err != nil {
		return nil, err
	}
	if c.Wishes.Aug == "" || c.Wishes.Aug == "auto" { // one layer cannot use more than the pictures as they are
		c.Recipe.Aug, c.Augment = "none", augment.Policy{}
	}
	c.Batch, c.Shards, c.Micro = 64, 4, 16
	c.LR, c.WeightDecay = 0.02, 1e-4
	c.epochs(1_500_000, 15, 100)
	if byDefault == "threshold" {
		// The rule never settles where no line separates the classes: what is kept
		// is the average of its weights (Freund and Schapire 1999).
		c.LR, c.Momentum, c.WeightDecay, c.EMA = 0.01, 0, 0, 0.9995
	}
	return mlp.Perceptron(units, out), nil
}

// deepMLP: hidden layers of ReLU, sigmoid outputs.
func deepMLP(c *choice) (nn.Specs, error) {
	if len(c.Hidden) == 0 {
		c.Hidden = []int{512, 256}
		if c.small() && c.Train >= 10_000 {
			c.Hidden = []int{1000, 500}
			c.because("hidden layers of 1000 and 500, because there are many small pictures")
		}
	}
	name := c.Activation
	if name == "" {
		name = "relu"
	}
	activation, err := nn.ActivationNamed(name)
	if err != nil {
		return nil, err
	}
	if err := mlp.CheckActivation(activation); err != nil {
		return nil, err
	}
	out, units, err := c.output("sigmoid")
	if err != nil {
		return nil, err
	}
	specs := mlp.MLP(c.Hidden, units, activation, out, c.Dropout)
	weights, in := 0, c.Prep.Size.Size()
	for _, h := range append(append([]int(nil), c.Hidden...), units) {
		weights += in * h
		in = h
	}
	// Every shard has a gradient as large as the network: wide nets get few.
	c.Batch, c.Shards, c.Micro = 128, min(max(4_000_000/max(1, weights), 2), 8), 64
	c.LR, c.WeightDecay, c.EMA = 0.02, 5e-4, 0.999
	c.epochs(2_000_000, 10, 100)
	if c.BatchNorm == "yes" || c.BatchNorm != "no" && name == "relu" {
		specs = normed(specs)
		c.LR, c.Estimate = 0.1, 4096
		c.epochs(4_000_000, 10, 100)
		c.because("batch norm while it learns, which is then made part of the dense layers")
	}
	return specs, nil
}

// normed puts a batch norm behind every dense layer but the last. Biases in
// front of them would do nothing.
func normed(specs nn.Specs) nn.Specs {
	var out nn.Specs
	for i, s := range specs {
		d, dense := s.(mlp.Dense)
		if !dense || i == len(specs)-2 { // the output activation is the very last
			out = append(out, s)
			continue
		}
		d.NoBias = true
		out = append(out, d, conv.BatchNorm{})
	}
	return out
}

// lenet: LeNet-5 as published.
func lenet(c *choice) (nn.Specs, error) {
	out, units, err := c.output("softmax")
	if err != nil {
		return nil, err
	}
	c.Batch, c.Shards, c.Micro = 64, 4, 16
	c.LR, c.WeightDecay, c.EMA = 0.02, 5e-4, 0.998
	c.epochs(1_500_000, 10, 100)
	return conv.LeNet5(units, out), nil
}

// convnet: for handwriting the digit net; else groups of residual blocks, as
// many as the picture's size allows, as wide as the number of pictures asks for.
func convnet(c *choice) (nn.Specs, error) {
	out, units, err := c.output("softmax")
	if err != nil {
		return nil, err
	}
	width := c.Filters
	if width == 0 {
		width = 32
		if c.Train < 5000 {
			width = 16
			c.because("%d channels wide, because there are few pictures", width)
			if !c.small() && c.Prep.Size.C == 3 {
				c.because("--init catdog, which begins with a network that has seen many photos, may do better with so few")
			}
		}
	}
	// Few pictures want small batches, for the number of steps; batch norm wants 16
	// at a time whatever the batch.
	c.Batch, c.Micro = 128, 16
	for c.Batch > 32 && c.Train < 32*c.Batch {
		c.Batch /= 2
	}
	c.LR, c.WeightDecay, c.EMA, c.LabelSmoothing = 0.1*float32(c.Batch)/128, 5e-4, 0.998, 0.1
	c.Estimate = 4096
	side := min(c.Prep.Size.H, c.Prep.Size.W)
	if strings.HasPrefix(c.Recipe.Aug, "digits") && side >= 12 {
		c.epochs(1_800_000, 10, 60)
		return conv.DigitNet(width, units, out, c.Dropout), nil
	}
	most := 40
	if strings.HasPrefix(c.Recipe.Aug, "photos") {
		most = 120
	}
	c.epochs(600_000, 10, most)
	stem, err := c.stem(side)
	if stem != nil {
		side /= 2
	}
	groups := 0
	for s := side; s >= 4 && groups < 4; s /= 2 {
		groups++
	}
	return conv.ConvNet(width, groups, units, stem, out, c.Dropout), err
}

// stem chooses what pictures of this side pass first.
func (c *choice) stem(side int) (nn.Specs, error) {
	switch c.Stem {
	case "", "auto":
		if side < 48 {
			return nil, nil
		}
		return conv.WhitenedStem(), nil
	case "whitened":
		return conv.WhitenedStem(), nil
	case "learned":
		return conv.LearnedStem(), nil
	}
	return nil, fmt.Errorf("stem %q, want auto, whitened or learned", c.Stem)
}

// customNet: the user's list of layers.
func customNet(c *choice) (nn.Specs, error) {
	c.Batch, c.Shards, c.Micro = 64, 4, 16
	c.LR, c.WeightDecay = 0.02, 5e-4
	c.epochs(1_000_000, 10, 80)
	return c.Wishes.Network, nil
}
