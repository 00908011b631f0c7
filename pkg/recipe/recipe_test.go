package recipe

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

var (
	mnist  = Facts{Classes: 10, Train: 60000, Width: 28, Height: 28}
	photos = Facts{Classes: 2, Train: 20000, Width: 500, Height: 375, Colour: 0.98}
)

func TestWhatSuitsTheData(t *testing.T) {
	for _, c := range []struct {
		name   string
		facts  Facts
		wishes Wishes
		arch   string
		in     tensor.Shape
		aug    string
		output string
		units  int
	}{
		{"digits", mnist, Wishes{}, "convnet", tensor.Shape{H: 28, W: 28, C: 1}, "digits", "softmax", 10},
		{"photos", photos, Wishes{}, "convnet", tensor.Shape{H: 96, W: 96, C: 3}, "photos", "sigmoid", 1},
		{"photos, lenet", photos, Wishes{Arch: "lenet"}, "lenet", tensor.Shape{H: 32, W: 32, C: 1}, "photos", "sigmoid", 1},
		{"photos, lenet in colour", photos, Wishes{Arch: "lenet", Channels: 3}, "lenet", tensor.Shape{H: 32, W: 32, C: 3}, "photos", "sigmoid", 1},
		{"digits, mlp", mnist, Wishes{Arch: "mlp"}, "mlp", tensor.Shape{H: 28, W: 28, C: 1}, "digits", "sigmoid", 10},
		{"hidden layers mean mlp", mnist, Wishes{Hidden: []int{5}}, "mlp", tensor.Shape{H: 28, W: 28, C: 1}, "digits", "sigmoid", 10},
		{"two outputs if softmax is asked for", photos, Wishes{Output: "softmax"}, "convnet", tensor.Shape{H: 96, W: 96, C: 3}, "photos", "softmax", 2},
		{"size as asked", photos, Wishes{Height: 100, Width: 90, Channels: 1}, "convnet", tensor.Shape{H: 100, W: 90, C: 1}, "photos", "sigmoid", 1},
		{"photos of digits", photos, Wishes{Subject: imageio.SubjectDigits}, "convnet", tensor.Shape{H: 28, W: 28, C: 1}, "digits", "sigmoid", 1},
		{"perceptron", mnist, Wishes{Arch: "perceptron"}, "perceptron", tensor.Shape{H: 28, W: 28, C: 1}, "none", "sigmoid", 10},
		{"Rosenblatt's", mnist, Wishes{Arch: "perceptron", Activation: "threshold"}, "perceptron", tensor.Shape{H: 28, W: 28, C: 1}, "none", "threshold", 10},
		{"tiny pictures, lenet", Facts{Classes: 3, Train: 100, Width: 8, Height: 8}, Wishes{Arch: "lenet"}, "lenet", tensor.Shape{H: 12, W: 12, C: 1}, "digits", "softmax", 3},
	} {
		r, err := Choose(c.facts, c.wishes)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		net, err := nn.New(r.Prep.Size, 1, r.Network...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.Arch != c.arch || r.Prep.Size != c.in || r.Aug != c.aug || net.Output() != c.output || net.Outputs() != c.units {
			t.Errorf("%s: %s on %v, aug %s, %d %s; want %s on %v, aug %s, %d %s", c.name,
				r.Arch, r.Prep.Size, r.Aug, net.Outputs(), net.Output(), c.arch, c.in, c.aug, c.units, c.output)
		}
		if r.Epochs < 1 || r.LR <= 0 || r.Micro < 1 {
			t.Errorf("%s: unusable numbers %+v", c.name, r)
		}
	}
}

// pictures are black and as many of each class as counts say.
func pictures(r *Recipe, counts ...int) *dataset.Set {
	s := &dataset.Set{Classes: make([]string, len(counts)), Shape: r.Prep.Size}
	for c, n := range counts {
		s.Labels = append(s.Labels, slices.Repeat([]int{c}, n)...)
	}
	s.Pixels = make([]uint8, s.Len()*s.Shape.Size())
	return s
}

// Every architecture that is listed builds and gets a trainer, for few and many
// classes and for pictures of many sizes.
func TestEveryArchitecture(t *testing.T) {
	for _, name := range Names() {
		for _, classes := range []int{2, 3, 100} {
			for _, side := range []int{5, 16, 28, 48, 49, 200} {
				r, err := Choose(Facts{Classes: classes, Train: 1000, Width: side, Height: side, Colour: 1}, Wishes{Arch: name})
				if err != nil {
					t.Fatal(name, err)
				}
				net, err := nn.New(r.Prep.Size, 1, r.Network...)
				if err != nil {
					t.Errorf("%s for %d pixels: %v", name, side, err)
					continue
				}
				if nn.Classes(net.Outputs()) != classes {
					t.Errorf("%s: %d outputs for %d classes", name, net.Outputs(), classes)
				}
				if _, err := r.Trainer(net, pictures(r, make([]int, classes)...)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if About(name) == "" {
			t.Errorf("%s is not described", name)
		}
	}
}

func TestUnfitWishes(t *testing.T) {
	for say, w := range map[string]Wishes{
		"unknown architecture":       {Arch: "resnet"},
		"unknown activation":         {Arch: "mlp", Activation: "swish"},
		"threshold has no gradient":  {Arch: "mlp", Activation: "threshold"},
		"it has no hidden layer":     {Arch: "perceptron", Activation: "relu"},
		"--hidden is for --arch mlp": {Arch: "perceptron", Hidden: []int{3}},
		"policy":                     {Aug: "cutmix"},
		"unknown activation \"prob":  {Output: "probability"},
	} {
		if _, err := Choose(mnist, w); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%+v: error %v, want one with %q", w, err, say)
		}
	}
}

// args.json says everything: a recipe read back is the recipe.
func TestRecipeIsItsJSON(t *testing.T) {
	for _, name := range Names() {
		r, err := Choose(photos, Wishes{Arch: name})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Recipe
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		r.Why, r.sides = nil, nil // for people; already in Stages
		if !reflect.DeepEqual(&back, r) {
			t.Errorf("%s: read back\n%+v\nwant\n%+v", name, &back, r)
		}
	}
}

// class_weight="balanced" of scikit-learn: n / (classes · count), so
// [8, 4] gives 12/(2·8) and 12/(2·4).
func TestBalancedWeights(t *testing.T) {
	if w := balanced([]int{8, 4}); !slices.Equal(w, []float32{0.75, 1.5}) {
		t.Errorf("weights %v", w)
	}
	r, err := Choose(photos, Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(r.Prep.Size, 1, r.Network...)
	if err != nil {
		t.Fatal(err)
	}
	r.ClassWeights = "balanced"
	if tr, err := r.Trainer(net, pictures(r, 8, 4)); err != nil || !slices.Equal(tr.Weights, []float32{0.75, 1.5}) {
		t.Errorf("trainer's weights %v, %v", tr.Weights, err)
	}
	r.ClassWeights = "sqrt"
	if _, err := r.Trainer(net, pictures(r, 8, 4)); err == nil {
		t.Error("unknown class weights were accepted")
	}
}
