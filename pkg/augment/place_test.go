package augment

import (
	"math"
	"testing"

	"squint/pkg/tensor"
)

// dotted is a picture with one soft dot, its centre at (x, y).
func dotted(s tensor.Shape, x, y float64) []uint8 {
	pix := make([]uint8, s.Size())
	for i := range pix {
		px, py := float64(i/s.C%s.W), float64(i/s.C/s.W)
		pix[i] = uint8(250*math.Exp(-(math.Pow(px-x, 2)+math.Pow(py-y, 2))/8) + 0.5)
	}
	return pix
}

// centroid returns the centre of mass of a picture: where its dot is.
func centroid(pix []uint8, s tensor.Shape) (x, y float64) {
	var sum float64
	for i, v := range pix {
		sum += float64(v)
		x += float64(v) * float64(i/s.C%s.W)
		y += float64(v) * float64(i/s.C/s.W)
	}
	return x / sum, y / sum
}

// The golden positions are worked out by hand from the definitions of the
// fields for a dot at (40, 27.5) in a picture of 64×64, so 8.5 to the right of
// its centre (31.5, 31.5) and 4 above it: e.g. a quarter turn counter-clockwise
// takes (8.5, -4) to (-4, -8.5), and 30° to
// (8.5 cos 30° - 4 sin 30°, -8.5 sin 30° - 4 cos 30°) = (5.3612, -7.7141).
var moves = []struct {
	name string
	d    func(d *deform)
	x, y float64 // of the dot
}{
	{"still", func(d *deform) {}, 40, 27.5},
	{"flip", func(d *deform) { d.flip = true }, 23, 27.5},
	{"shift right and down", func(d *deform) { d.shiftX, d.shiftY = 5.25/64, 10.5/64 }, 45.25, 38},
	{"90°", func(d *deform) { d.turn = math.Pi / 2 }, 27.5, 23},
	{"30°", func(d *deform) { d.turn = math.Pi / 6 }, 36.8612, 23.7859},
	{"twice as large", func(d *deform) { d.scale = 2 }, 48.5, 23.5},
	{"shear", func(d *deform) { d.shear = 0.5 }, 42, 27.5},
	// A window of half the width and height, its centre 16 to the right and 8
	// up: the dot is (-7.5, 4) from there, seen twice as large.
	{"crop", func(d *deform) { d.cropW, d.cropH, d.cropX, d.cropY = 0.5, 0.5, 0.25, -0.125 }, 16.5, 39.5},
	{"zoomed out", func(d *deform) { d.cropW, d.cropH, d.cropX, d.cropY = 2, 2, -0.25, 0.5 }, 31.5 + 4.25 + 8, 31.5 - 2 - 16},
	// Flipped to (-8.5, -4), sheared to (-6.5, -4), turned to (-4, 6.5), shifted
	// to (4, -3.5).
	{"all in order", func(d *deform) {
		d.flip, d.shear, d.turn, d.shiftX, d.shiftY = true, 0.5, math.Pi/2, 0.125, -10.0/64
	}, 35.5, 28},
}

// The centre of mass of the dot, 250·2π·4 in sum, moves by less than a hundredth
// of a pixel when its values are rounded; places are rounded to 1/64 pixel.
const dotTolerance = 0.03

func TestPlaces(t *testing.T) {
	for _, from := range []tensor.Shape{colour64, {H: 64, W: 64, C: 1}} {
		a := newAugmenter(t, Policy{}, from)
		src, dst := dotted(from, 40, 27.5), make([]uint8, from.Size())
		for _, m := range moves {
			d := unchanged
			m.d(&d)
			a.render(dst, src, &d)
			if x, y := centroid(dst, from); math.Hypot(x-m.x, y-m.y) > dotTolerance {
				t.Errorf("%v, %s: dot at (%.3f, %.3f), want (%.3f, %.3f)", from, m.name, x, y, m.x, m.y)
			}
		}
	}
}

// The tolerance has to tell a turn from one that is 0.3° longer.
func TestPlacesCanFail(t *testing.T) {
	a := newAugmenter(t, Policy{}, colour64)
	dst := make([]uint8, colour64.Size())
	d := unchanged
	d.turn = math.Pi/6 + 0.3*math.Pi/180
	a.render(dst, dotted(colour64, 40, 27.5), &d)
	if x, y := centroid(dst, colour64); math.Hypot(x-36.8612, y-23.7859) < dotTolerance {
		t.Errorf("a wrong turn passes: dot at (%.3f, %.3f)", x, y)
	}
}

func TestSizedPlaces(t *testing.T) {
	from := tensor.Shape{H: 128, W: 96, C: 1}
	src := dotted(from, 60, 50) // (12.5, -13.5) from the centre
	for _, to := range []tensor.Shape{{H: 64, W: 48, C: 1}, {H: 128, W: 48, C: 1}, {H: 64, W: 192, C: 1}} {
		a, err := NewSized(Policy{}, from, to)
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]uint8, to.Size())
		a.Apply(dst, src, 0, 0, 0, 1)
		wantX := float64(to.W-1)/2 + 12.5*float64(to.W)/96
		wantY := float64(to.H-1)/2 - 13.5*float64(to.H)/128
		if x, y := centroid(dst, to); math.Hypot(x-wantX, y-wantY) > dotTolerance {
			t.Errorf("%v from %v: dot at (%.3f, %.3f), want (%.3f, %.3f)", to, from, x, y, wantX, wantY)
		}
	}
}
