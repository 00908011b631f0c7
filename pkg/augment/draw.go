package augment

import (
	"math"

	"squint/internal/rng"
)

// deform is one deformation: the numbers drawn for one example in one epoch.
type deform struct {
	flip           bool
	shiftX, shiftY float64 // shares of the side; right and down
	turn           float64 // radians, counter-clockwise
	scale          float64
	shear          float64 // pixels to the right for every pixel up

	cropW, cropH float64 // sides of the window, as shares of the picture's
	cropX, cropY float64 // from the picture's centre to the window's, likewise

	elastic float64 // root mean square along each axis, pixels
	key     uint64  // of the elastic field's draws, from drawField on

	brightness, contrast, saturation float64 // factors

	blur, noise float64 // standard deviations: pixels, values
	jpeg        float64 // quality; 0 for none

	erase      float64 // share of the area
	eraseRatio float64 // width : height
	eraseX     float64 // place within what room there is, 0..1
	eraseY     float64
}

// unchanged is the deformation that does nothing.
var unchanged = deform{scale: 1, cropW: 1, cropH: 1, brightness: 1, contrast: 1, saturation: 1}

// still tells whether every pixel stays where it is.
func (d *deform) still() bool {
	return !d.flip && d.shiftX == 0 && d.shiftY == 0 && d.turn == 0 && d.scale == 1 && d.shear == 0 &&
		d.cropW == 1 && d.cropH == 1 && d.cropX == 0 && d.cropY == 0 && d.elastic == 0
}

// The draws of one example, by their place under its key. New ones go before
// drawField, so that recorded runs keep their pictures.
const (
	drawFlip uint64 = iota
	drawShiftX
	drawShiftY
	drawRotate
	drawScale
	drawShear
	drawCropArea
	drawCropRatio
	drawCropX
	drawCropY
	drawElastic
	drawBrightness
	drawContrast
	drawSaturation
	drawErase
	drawEraseArea
	drawEraseRatio
	drawEraseX
	drawEraseY
	drawBlurred
	drawBlur
	drawNoisy
	drawNoise
	drawSaved
	drawJPEG
	drawField uint64 = 64 // and as many as the grid has points
)

// eraseRatioMax bounds the proportions of erased rectangles (arXiv 1708.04896).
const eraseRatioMax = 1 / 0.3

// draw returns the deformation of one example in one epoch.
func (p *Policy) draw(seed, epoch, index uint64, strength float32) deform {
	k := key(seed, epoch, index)
	s := float64(min(max(strength, 0), 1))
	unit := func(i uint64) float64 { return float64(rng.Float(k, i)) }                                       // [0, 1)
	within := func(i uint64, bound float32) float64 { return float64(s * float64(bound) * (2*unit(i) - 1)) } // ± bound
	factor := func(i uint64, lo, hi float32) float64 {                                                       // lo to hi, uniform in its logarithm
		if lo == 1 && hi == 1 {
			return 1
		}
		l, h := math.Log(float64(lo)), math.Log(float64(hi))
		return math.Exp(s * (l + float64(unit(i)*(h-l))))
	}
	taken := func(i uint64, share float32) bool { return rng.Float(k, i) < share }

	d := unchanged
	d.key = k
	switch p.Flip {
	case FlipRandom:
		d.flip = taken(drawFlip, 0.5)
	case FlipAlternating:
		first := rng.Key(rng.Augment, seed, index) // without the epoch: one draw for the whole run
		d.flip = (rng.At(first, drawFlip)^epoch)&1 == 1
	}

	d.shiftX, d.shiftY = within(drawShiftX, p.Shift), within(drawShiftY, p.Shift)
	d.turn = within(drawRotate, p.Rotate) * (math.Pi / 180)
	d.scale = factor(drawScale, or1(p.ScaleMin), or1(p.ScaleMax))
	d.shear = within(drawShear, p.Shear)

	// The area is drawn uniformly, as is usual, and only tapered as a factor.
	lo, hi := float64(or1(p.CropAreaMin)), float64(or1(p.CropAreaMax))
	if lo != 1 || hi != 1 || or1(p.CropRatio) != 1 {
		area := math.Pow(lo+float64(unit(drawCropArea)*(hi-lo)), s)
		ratio := factor(drawCropRatio, 1/or1(p.CropRatio), or1(p.CropRatio))
		// A long window may not reach farther out than the largest area does:
		// where no zooming out was asked for, it stays within the picture.
		side := max(1, math.Sqrt(hi))
		d.cropW, d.cropH = min(math.Sqrt(area*ratio), side), min(math.Sqrt(area/ratio), side)
		d.cropX, d.cropY = (unit(drawCropX)-0.5)*(1-d.cropW), (unit(drawCropY)-0.5)*(1-d.cropH)
	}

	if p.elastic() && taken(drawElastic, p.ElasticShare) {
		d.elastic = s * float64(p.Elastic)
	}

	d.brightness = 1 + within(drawBrightness, p.Brightness)
	d.contrast = 1 + within(drawContrast, p.Contrast)
	d.saturation = 1 + within(drawSaturation, p.Saturation)

	if p.degrades() {
		if taken(drawBlurred, p.DegradeShare) {
			d.blur = s * float64(p.Blur) * unit(drawBlur)
		}
		if taken(drawNoisy, p.DegradeShare) {
			d.noise = s * float64(p.Noise) * unit(drawNoise)
		}
		if p.JPEG != 0 && taken(drawSaved, p.DegradeShare) {
			d.jpeg = 100 - s*(100-float64(p.JPEG))*unit(drawJPEG)
		}
	}

	if p.erases() && taken(drawErase, p.EraseShare) {
		d.erase = s * float64(p.Erase) * unit(drawEraseArea)
		r := math.Log(eraseRatioMax)
		d.eraseRatio = math.Exp(r * (2*unit(drawEraseRatio) - 1))
		d.eraseX, d.eraseY = unit(drawEraseX), unit(drawEraseY)
	}
	return d
}
