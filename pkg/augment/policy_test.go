package augment

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"squint/pkg/tensor"
)

func TestPresets(t *testing.T) {
	for _, name := range []string{"none", "digits", "photos"} {
		p, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if p.IsZero() != (name == "none") {
			t.Errorf("%s: IsZero is %v", name, p.IsZero())
		}
	}
	if Digits().Flip != FlipNone {
		t.Error("digits are flipped")
	}
	if _, err := Named("cats"); err == nil || !strings.Contains(err.Error(), `"cats", want none, digits or photos`) {
		t.Errorf("unknown name: %v", err)
	}
}

func TestPolicyJSON(t *testing.T) {
	if b, _ := json.Marshal(Policy{}); string(b) != "{}" {
		t.Errorf("zero policy is %s, want {}", b)
	}
	for _, p := range []Policy{Digits(), Photos()} {
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Policy
		if err := json.Unmarshal(b, &back); err != nil || back != p {
			t.Errorf("%s reads back as %+v (%v), want %+v", b, back, err, p)
		}
	}
}

func TestIsZero(t *testing.T) {
	for _, p := range []Policy{{}, {ScaleMin: 1, ScaleMax: 1}, {Border: BorderMirror}, {ElasticSigma: 5}, {CropAreaMin: 1, CropRatio: 1}} {
		if !p.IsZero() {
			t.Errorf("%+v is not zero", p)
		}
	}
	for _, p := range []Policy{
		{Flip: FlipRandom}, {Shift: 1}, {Rotate: 1}, {ScaleMin: 0.9}, {ScaleMax: 2}, {Shear: 1}, {Elastic: 1, ElasticSigma: 4, ElasticShare: 1},
		{CropAreaMin: 0.5}, {CropAreaMax: 2}, {CropRatio: 1.1}, {Brightness: 1}, {Contrast: 1}, {Saturation: 1}, {Erase: 0.1, EraseShare: 1},
	} {
		if p.IsZero() {
			t.Errorf("%+v is zero", p)
		}
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	nan := float32(math.NaN())
	for want, p := range map[string]Policy{
		"flip":          {Flip: "sometimes"},
		"border":        {Border: "white"},
		"shift":         {Shift: -0.1},
		"rotate":        {Rotate: nan},
		"scale_min":     {ScaleMin: -1},
		"scale_max":     {ScaleMin: 1.2, ScaleMax: 1.1},
		"shear":         {Shear: 3},
		"elastic ":      {Elastic: -1, ElasticSigma: 4, ElasticShare: 1},
		"elastic_sigma": {Elastic: 1, ElasticShare: 1},
		"elastic_share": {Elastic: 1, ElasticSigma: 4, ElasticShare: 2},
		"elastic 1 on":  {Elastic: 1, ElasticSigma: 4},
		"crop_area_min": {CropAreaMin: 0.001},
		"crop_area_max": {CropAreaMin: 0.5, CropAreaMax: 0.4},
		"crop_ratio":    {CropRatio: 0.75},
		"brightness":    {Brightness: 1.1},
		"contrast":      {Contrast: -1},
		"saturation":    {Saturation: nan},
		"erase ":        {Erase: 2, EraseShare: 1},
		"erase_share":   {Erase: 0.1, EraseShare: -1},
		"erase 0 on":    {EraseShare: 0.5},
		"blur ":         {Blur: 11, DegradeShare: 1},
		"noise":         {Noise: nan, DegradeShare: 1},
		"jpeg":          {JPEG: 101, DegradeShare: 1},
		"degrade_share": {JPEG: 50, DegradeShare: 1.5},
		"blur, noise":   {Blur: 1},
	} {
		err := p.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), "augment: "+want) {
			t.Errorf("%+v: %v, want a complaint about %q", p, err, want)
		}
		if _, err := New(p, tensor.Shape{H: 8, W: 8, C: 1}); err == nil {
			t.Errorf("New took %+v", p)
		}
	}
}

func TestParse(t *testing.T) {
	p, err := Parse("photos,rotate=10,flip=random,border=edge,erase=0.2,erase_share=0.5")
	want := Photos()
	want.Rotate, want.Flip, want.Border, want.Erase, want.EraseShare = 10, FlipRandom, BorderEdge, 0.2, 0.5
	if err != nil || p != want {
		t.Errorf("got %+v, %v; want %+v", p, err, want)
	}
	if p, err := Parse("photos,flip=none"); err != nil || p.Flip != FlipNone {
		t.Errorf("flip %q, %v", p.Flip, err)
	}
	for _, s := range []string{"", "cutmix", "photos,", "photos,rotate", "photos,rotate=far", "photos,spin=3", "photos,rotate=999", "digits,flip=up"} {
		if _, err := Parse(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
