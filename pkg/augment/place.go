package augment

import (
	"math"

	"squint/pkg/tensor"
)

// place is an affine map from the pixel (x, y) that is written to the place
// (u, v) in the picture that is read, both in pixels between the centres of
// pixels, so that whole numbers fall on pixels:
//
//	u = ux·x + uy·y + u0
//	v = vx·x + vy·y + v0
type place struct{ ux, uy, u0, vx, vy, v0 float64 }

// where returns the map of a deformation but for its elastic field. Forward, a
// picture is flipped, sheared and scaled, turned, shifted, and then seen
// through the crop's window; what is returned is the way back.
//
// Products are rounded by float64() before they are summed, because a compiler
// may otherwise fuse the two on one architecture and not on another.
func (d *deform) where(from, to tensor.Shape) place {
	sin, cos := math.Sincos(d.turn)
	// back = (turn · shear · scale)⁻¹, with y pointing down.
	xx, xy := (cos+float64(d.shear*sin))/d.scale, (float64(d.shear*cos)-sin)/d.scale
	yx, yy := sin/d.scale, cos/d.scale
	if d.flip {
		xx, xy = -xx, -xy
	}
	// The window's side, in pixels read for one written.
	w := d.cropW * float64(from.W) / float64(to.W)
	h := d.cropH * float64(from.H) / float64(to.H)
	// Where the centre of what is written lies in the picture read, from its centre.
	cx := (d.cropX - d.shiftX) * float64(from.W)
	cy := (d.cropY - d.shiftY) * float64(from.H)

	p := place{ux: xx * w, uy: xy * h, vx: yx * w, vy: yy * h}
	midX, midY := float64(to.W-1)/2, float64(to.H-1)/2
	p.u0 = float64(from.W-1)/2 + float64(xx*cx) + float64(xy*cy) - float64(p.ux*midX) - float64(p.uy*midY)
	p.v0 = float64(from.H-1)/2 + float64(yx*cx) + float64(yy*cy) - float64(p.vx*midX) - float64(p.vy*midY)
	return p
}

// halved returns the map into the picture of half the width (or height).
func halved(x, y, o float64) (float64, float64, float64) { return x / 2, y / 2, o/2 - 0.25 }
