package recipe

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// photoModel is an untrained network for ten classes, and how it wants pictures.
func photoModel(t *testing.T) (*nn.Network, imageio.Prep) {
	prep := imageio.Prep{Size: tensor.Shape{H: 32, W: 32, C: 3}, Fit: imageio.FitCrop, Mean: []float32{0.1, 0.2, 0.3}, Std: []float32{1, 2, 3}}
	net, err := nn.New(prep.Size, 1, conv.ConvNet(8, 2, 10, conv.WhitenedStem(), nn.Softmax{}, 0)...)
	if err != nil {
		t.Fatal(err)
	}
	net.Init(77)
	return net, prep
}

func TestStart(t *testing.T) {
	trained, prep := photoModel(t)
	facts := Facts{Classes: 3, Train: 90, Width: 300, Height: 200, Colour: 1}
	r, err := Choose(facts, Wishes{Start: StartFrom("base", trained, prep)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Prep.Size != prep.Size || r.Prep.Fit != prep.Fit || !slices.Equal(r.Prep.Mean, prep.Mean) || !slices.Equal(r.Prep.Std, prep.Std) {
		t.Errorf("pictures are prepared as %+v, want as the model's, %+v", r.Prep, prep)
	}
	net, err := nn.New(r.Prep.Size, 1, r.Network...)
	if err != nil {
		t.Fatal(err)
	}
	if net.Outputs() != 3 || net.Output() != "softmax" {
		t.Errorf("%d %s outputs, want 3 of softmax", net.Outputs(), net.Output())
	}
	if _, err := r.Trainer(net, pictures(r, 30, 30, 30)); err != nil {
		t.Fatal(err)
	}
	params := net.Params()
	for i, p := range params[:len(params)-2] {
		if !slices.Equal(p.W, trained.Params()[i].W) {
			t.Errorf("%s is not the model's", p.Name)
		}
	}
	b, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(b), `"start":{"model":"base","sha256":"`+r.Start.SHA256) || len(r.Start.SHA256) != 64 {
		t.Errorf("the recipe does not tell the model: %s, %v", b, err)
	}

	// Convolutions take pictures of another size, not of other channels.
	r, err = Choose(facts, Wishes{Start: StartFrom("base", trained, prep), Height: 48, Width: 40})
	if err != nil || (r.Prep.Size != tensor.Shape{H: 48, W: 40, C: 3}) {
		t.Errorf("size %v, %v", r.Prep.Size, err)
	}
	for say, w := range map[string]Wishes{
		"leave the architecture out": {Arch: "lenet", Start: StartFrom("base", trained, prep)},
		"--init names it":            {Arch: "pretrained"},
	} {
		if _, err := Choose(facts, w); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%+v: %v, want an error with %q", w, err, say)
		}
	}
}
