package imageio

import (
	"fmt"
	"image"
	"math"

	"squint/pkg/tensor"
)

// Fit says how a picture of one shape becomes an input of another.
type Fit string

const (
	FitStretch Fit = "stretch" // all of the picture, out of proportion; also the empty string
	FitCrop    Fit = "crop"    // the largest centred part that has the input's proportions
	FitPad     Fit = "pad"     // all of the picture in proportion, centred; the rest in its border's mean colour
)

// Invert says whether light and dark change places, so that writing looks to
// the network as it did in training: light strokes on a dark ground.
type Invert string

const (
	InvertNever  Invert = ""
	InvertAlways Invert = "always"
	InvertAuto   Invert = "auto" // when most of the border is light
)

// maxInput bounds the sides of a network's input, since a Prep may come from a
// model file that anybody wrote.
const maxInput = 4096

// Prep says how a decoded picture becomes a network's input. It is saved in the
// model, so that training and answering prepare pictures in the same way.
type Prep struct {
	Size   tensor.Shape `json:"size"` // H×W×C; C is 1 for grey, 3 for RGB
	Fit    Fit          `json:"fit,omitempty"`
	Invert Invert       `json:"invert,omitempty"`
	// Subject decides what comes before resizing; the zero value is nothing.
	Subject Subject `json:"subject,omitempty"`
	// Deslant shears digits upright (SubjectDigits only). What was trained so has
	// to be answered so: it changes most digits, MNIST's too.
	Deslant bool `json:"deslant,omitempty"`
	// Views is how the network looks at what Bytes wrote; Bytes itself ignores it.
	Views Views `json:"views,omitempty"`
	// Mean and Std, one value a channel on the scale from 0 to 1, normalise a
	// byte v to (v/255 - mean) / std. Empty is mean 0 or std 1.
	Mean []float32 `json:"mean,omitempty"`
	Std  []float32 `json:"std,omitempty"`
}

// Validate returns an error that names the field that Bytes and Floats could
// not work with.
func (p *Prep) Validate() error {
	s := p.Size
	if s.H < 1 || s.W < 1 || s.H > maxInput || s.W > maxInput {
		return fmt.Errorf("imageio: input size %d×%d, want 1 to %d a side", s.H, s.W, maxInput)
	}
	if s.C != 1 && s.C != 3 {
		return fmt.Errorf("imageio: %d channels, want 1 (grey) or 3 (RGB)", s.C)
	}
	switch p.Fit {
	case "", FitStretch, FitCrop, FitPad:
	default:
		return fmt.Errorf("imageio: fit %q, want %q, %q or %q", p.Fit, FitStretch, FitCrop, FitPad)
	}
	switch p.Invert {
	case InvertNever, InvertAlways, InvertAuto:
	default:
		return fmt.Errorf("imageio: invert %q, want %q, %q or %q", p.Invert, InvertNever, InvertAlways, InvertAuto)
	}
	switch p.Subject {
	case SubjectAny:
		if p.Deslant {
			return fmt.Errorf("imageio: deslant without subject %q", SubjectDigits)
		}
	case SubjectDigits:
		if s.C != 1 {
			return fmt.Errorf("imageio: %d channels for subject %q, want 1 (grey)", s.C, p.Subject)
		}
		if p.Fit != "" || p.Invert != InvertNever {
			return fmt.Errorf("imageio: subject %q has a fit and a polarity of its own, got fit %q and invert %q", p.Subject, p.Fit, p.Invert)
		}
	default:
		return fmt.Errorf("imageio: subject %q, want %q or none", p.Subject, SubjectDigits)
	}
	if err := p.Views.validate(); err != nil {
		return err
	}
	if n := len(p.Mean); n != 0 && n != s.C {
		return fmt.Errorf("imageio: %d means for %d channels", n, s.C)
	}
	if n := len(p.Std); n != 0 && n != s.C {
		return fmt.Errorf("imageio: %d standard deviations for %d channels", n, s.C)
	}
	for _, m := range p.Mean {
		if math.IsNaN(float64(m)) || math.IsInf(float64(m), 0) {
			return fmt.Errorf("imageio: mean %v", m)
		}
	}
	for _, d := range p.Std {
		if !(d >= minStd) || math.IsInf(float64(d), 0) {
			return fmt.Errorf("imageio: standard deviation %v, want at least %v", d, minStd)
		}
	}
	return nil
}

// minStd is a tenth of what a picture that alternates by one grey level has;
// anything less would only blow up rounding.
const minStd = 1e-4

// Bytes prepares img: dst[(y*W+x)*C+c] is channel c of pixel (x, y), 0 to 255,
// and len(dst) is Size.Size(). img is not changed. It may be any of Go's own
// image types; what Decode returns is fast. Transparent parts are laid over
// white. A picture that already has the input's size and channels passes
// through byte for byte.
//
// Grey is made before resizing, colour stays RGB; both are resized with an
// antialiased triangle filter (see resize), fitted by Fit and then inverted. With
// SubjectDigits the digit is found first, and nothing else of the picture is left;
// a picture that shows none becomes black.
func (p *Prep) Bytes(dst []uint8, img image.Image) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if len(dst) != p.Size.Size() {
		return fmt.Errorf("imageio: %d bytes for an input of %v", len(dst), p.Size)
	}
	if p.Subject == SubjectDigits {
		return p.digits(dst, img)
	}
	gray := p.Size.C == 1
	if _, ok := img.(*image.Gray); ok {
		gray = true // resized once, not three times
	}
	src, err := rowsOf(img, gray)
	if err != nil {
		return err
	}
	from, to := p.place(src.w, src.h)
	c := canvas{dst, p.Size}
	if small := dst; to.Dx() == p.Size.W && to.Dy() == p.Size.H && min(src.px, 3) == p.Size.C {
		resize(small, src, from, to.Dx(), to.Dy())
	} else {
		small = make([]uint8, to.Dx()*to.Dy()*min(src.px, 3))
		resize(small, src, from, to.Dx(), to.Dy())
		c.paste(to, small)
	}
	if p.Invert == InvertAlways || p.Invert == InvertAuto && c.lightBorder(to) {
		for i, v := range dst {
			dst[i] = 255 - v
		}
	}
	if p.Fit == FitPad {
		c.fillAround(to)
	}
	return nil
}

// place returns which part of a w×h picture is used, and which part of the input
// it fills.
func (p *Prep) place(w, h int) (from, to image.Rectangle) {
	W, H := p.Size.W, p.Size.H
	from, to = image.Rect(0, 0, w, h), image.Rect(0, 0, W, H)
	// share returns n·num/den, rounded, at least 1 and at most n.
	share := func(n, num, den int) int { return min(max((2*n*num+den)/(2*den), 1), n) }
	wide := w*H > W*h // wider in proportion than the input
	switch {
	case p.Fit == FitCrop && wide:
		from = centred(from, share(w, h*W, w*H), h)
	case p.Fit == FitCrop:
		from = centred(from, w, share(h, w*H, h*W))
	case p.Fit == FitPad && wide:
		to = centred(to, W, share(H, h*W, w*H))
	case p.Fit == FitPad:
		to = centred(to, share(W, w*H, h*W), H)
	}
	return from, to
}

// centred returns the w×h rectangle in the middle of r; a pixel that cannot be
// shared between both sides is left on the right, and at the bottom.
func centred(r image.Rectangle, w, h int) image.Rectangle {
	x, y := r.Min.X+(r.Dx()-w)/2, r.Min.Y+(r.Dy()-h)/2
	return image.Rect(x, y, x+w, y+h)
}
