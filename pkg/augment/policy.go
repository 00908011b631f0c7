package augment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// FlipMode says when a picture is mirrored left to right.
type FlipMode string

const (
	FlipNone   FlipMode = ""
	FlipRandom FlipMode = "random" // half of the time, drawn anew every epoch
	// FlipAlternating draws once for each example and then mirrors it every
	// other epoch, so that two epochs in a row always show both sides: worth
	// about an eighth fewer epochs at equal accuracy (airbench, arXiv 2404.00498).
	FlipAlternating FlipMode = "alternating"
)

// Border says what lies outside the picture.
type Border string

const (
	BorderZero   Border = "zero"   // black; what the empty Border means too
	BorderEdge   Border = "edge"   // the nearest pixel of the picture
	BorderMirror Border = "mirror" // the picture reflected, again and again: cba|abc|cba
)

// Policy says how far an example may be deformed. Every amount is a bound: the
// draw is uniform within it (of logarithms, for factors). The zero value leaves
// the example as it is.
type Policy struct {
	Flip FlipMode `json:"flip,omitempty"`

	Shift    float32 `json:"shift,omitempty"`     // ± share of the side, each axis on its own
	Rotate   float32 `json:"rotate,omitempty"`    // ± degrees; positive turns counter-clockwise
	ScaleMin float32 `json:"scale_min,omitempty"` // factor of the size; 0 is 1
	ScaleMax float32 `json:"scale_max,omitempty"` // 0 is 1
	Shear    float32 `json:"shear,omitempty"`     // ± pixels to the side for every pixel of height

	// Elastic is the root mean square displacement along each axis, in pixels,
	// of a smooth random field. Simard's alpha (ICDAR 2003) is
	// Elastic·ElasticSigma·√(12π): his 34 at sigma 4 is 1.38 pixels.
	Elastic      float32 `json:"elastic,omitempty"`
	ElasticSigma float32 `json:"elastic_sigma,omitempty"` // of the Gaussian that would smooth it, pixels
	ElasticShare float32 `json:"elastic_share,omitempty"` // of the examples

	// A random crop is stretched to the whole picture (Inception's
	// RandomResizedCrop). An area over 1 zooms out: the picture lies somewhere
	// within a larger one, filled as Border says.
	CropAreaMin float32 `json:"crop_area_min,omitempty"` // share of the picture's area; 0 is 1
	CropAreaMax float32 `json:"crop_area_max,omitempty"` // 0 is 1
	CropRatio   float32 `json:"crop_ratio,omitempty"`    // width : height from 1/CropRatio to CropRatio times the picture's; 0 is 1

	Border Border `json:"border,omitempty"`

	Brightness float32 `json:"brightness,omitempty"` // ± share of every value
	Contrast   float32 `json:"contrast,omitempty"`   // ± share of the distance from the picture's mean luma
	Saturation float32 `json:"saturation,omitempty"` // ± share of the distance from the pixel's own luma; nothing to grey pictures

	Blur         float32 `json:"blur,omitempty"`          // largest standard deviation of a Gaussian, pixels written
	Noise        float32 `json:"noise,omitempty"`         // largest standard deviation, of values 0 to 255
	JPEG         float32 `json:"jpeg,omitempty"`          // lowest quality, 1 to 100, of a JPEG that the picture was saved as
	DegradeShare float32 `json:"degrade_share,omitempty"` // of the examples, that each of these three happens to

	Erase      float32 `json:"erase,omitempty"`       // largest share of the area that one rectangle hides (arXiv 1708.04896)
	EraseShare float32 `json:"erase_share,omitempty"` // of the examples
}

// Digits is for handwriting of about 28×28 pixels, light on black: the affine
// bounds and the elastic field of Simard 2003 and Cireşan 2010 (arXiv
// 1003.0358), moderated. Digits are never flipped.
func Digits() Policy {
	return Policy{
		Shift: 2.5 / 28, Rotate: 12, ScaleMin: 0.88, ScaleMax: 1.12, Shear: 0.15,
		Elastic: 1.25, ElasticSigma: 5, ElasticShare: 0.5,
		Border: BorderZero,
	}
}

// Photos is for colour photos of things that look the same in a mirror: near and
// far (an area over 1 zooms out), stretched and squeezed, in any light, and now and
// then blurred, grainy or saved too small, so that other cameras' pictures are
// nothing new.
func Photos() Policy {
	return Policy{
		Flip:   FlipAlternating,
		Rotate: 5, CropAreaMin: 0.35, CropAreaMax: 1.25, CropRatio: 1.4,
		Border:     BorderMirror,
		Brightness: 0.3, Contrast: 0.3, Saturation: 0.3,
		Blur: 1, Noise: 6, JPEG: 40, DegradeShare: 0.15,
	}
}

// Named returns the policy "none", "digits" or "photos".
func Named(name string) (Policy, error) {
	switch name {
	case "none":
		return Policy{}, nil
	case "digits":
		return Digits(), nil
	case "photos":
		return Photos(), nil
	}
	return Policy{}, fmt.Errorf("augment: policy %q, want none, digits or photos", name)
}

// Parse reads a policy's name, see Named, and behind it fields to set, by their
// JSON names: "photos,rotate=10,flip=random".
func Parse(s string) (Policy, error) {
	name, rest, more := strings.Cut(s, ",")
	p, err := Named(name)
	if err != nil || !more {
		return p, err
	}
	fields := map[string]any{}
	for field := range strings.SplitSeq(rest, ",") {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			return p, fmt.Errorf("augment: %q, want field=value", field)
		}
		fields[key] = value
		if f, err := strconv.ParseFloat(value, 32); err == nil {
			fields[key] = float32(f)
		} else if value == "none" {
			fields[key] = ""
		}
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return p, fmt.Errorf("augment: %q: %w", rest, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("augment: %q: %w", rest, err)
	}
	return p, p.Validate()
}

// IsZero tells whether the policy leaves every example as it is, whatever is
// said of the border or of shares of nothing.
func (p Policy) IsZero() bool { return !p.moves() && !p.colours() && !p.degrades() && !p.erases() }

func (p Policy) moves() bool {
	return p.Flip != FlipNone || p.Shift != 0 || p.Rotate != 0 || or1(p.ScaleMin) != 1 || or1(p.ScaleMax) != 1 || p.Shear != 0 ||
		p.elastic() || or1(p.CropAreaMin) != 1 || or1(p.CropAreaMax) != 1 || or1(p.CropRatio) != 1
}
func (p Policy) elastic() bool { return p.Elastic != 0 && p.ElasticShare != 0 }
func (p Policy) colours() bool { return p.Brightness != 0 || p.Contrast != 0 || p.Saturation != 0 }
func (p Policy) degrades() bool {
	return (p.Blur != 0 || p.Noise != 0 || p.JPEG != 0) && p.DegradeShare != 0
}
func (p Policy) erases() bool { return p.Erase != 0 && p.EraseShare != 0 }

// or1 reads a factor, of which 0 means 1.
func or1(f float32) float32 {
	if f == 0 {
		return 1
	}
	return f
}

// Validate reports the first field that is out of its range, by its JSON name.
func (p Policy) Validate() error {
	switch p.Flip {
	case FlipNone, FlipRandom, FlipAlternating:
	default:
		return fmt.Errorf("augment: flip %q, want %q, %q or nothing", string(p.Flip), string(FlipRandom), string(FlipAlternating))
	}
	switch p.Border {
	case "", BorderZero, BorderEdge, BorderMirror:
	default:
		return fmt.Errorf("augment: border %q, want %q, %q or %q", string(p.Border), string(BorderZero), string(BorderEdge), string(BorderMirror))
	}
	for _, f := range []struct {
		name            string
		value, min, max float32
	}{
		{"shift", p.Shift, 0, 1},
		{"rotate", p.Rotate, 0, 180},
		{"scale_min", or1(p.ScaleMin), 0.1, 10},
		{"scale_max", or1(p.ScaleMax), or1(p.ScaleMin), 10},
		{"shear", p.Shear, 0, 2},
		{"elastic", p.Elastic, 0, 100},
		{"elastic_sigma", p.ElasticSigma, 0, 1000},
		{"elastic_share", p.ElasticShare, 0, 1},
		{"crop_area_min", or1(p.CropAreaMin), 0.01, 16},
		{"crop_area_max", or1(p.CropAreaMax), or1(p.CropAreaMin), 16},
		{"crop_ratio", or1(p.CropRatio), 1, 4},
		{"brightness", p.Brightness, 0, 1},
		{"contrast", p.Contrast, 0, 1},
		{"saturation", p.Saturation, 0, 1},
		{"blur", p.Blur, 0, 10},
		{"noise", p.Noise, 0, 100},
		{"jpeg", p.JPEG, 0, 100},
		{"degrade_share", p.DegradeShare, 0, 1},
		{"erase", p.Erase, 0, 1},
		{"erase_share", p.EraseShare, 0, 1},
	} {
		if !(f.value >= f.min && f.value <= f.max) { // so that NaN fails too
			return fmt.Errorf("augment: %s %v, want %v to %v", f.name, f.value, f.min, f.max)
		}
	}
	if p.elastic() && p.ElasticSigma < 1 {
		return fmt.Errorf("augment: elastic_sigma %v, want at least 1 pixel for an elastic field", p.ElasticSigma)
	}
	// An amount for nobody is a slip of the pen and would train without a word.
	for _, f := range []struct {
		name          string
		amount, share float32
	}{{"elastic", p.Elastic, p.ElasticShare}, {"blur, noise and jpeg", p.Blur + p.Noise + p.JPEG, p.DegradeShare}, {"erase", p.Erase, p.EraseShare}} {
		if (f.amount == 0) != (f.share == 0) {
			return fmt.Errorf("augment: %s %v on a share %v of the examples, want both or neither", f.name, f.amount, f.share)
		}
	}
	return nil
}
