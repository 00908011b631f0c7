package imageio

import (
	"image"

	"squint/pkg/tensor"
)

// canvas is the input that Prep.Bytes fills.
type canvas struct {
	pix  []uint8 // [H][W][C]
	size tensor.Shape
}

// at returns channel 0 of pixel (x, y) and what follows it.
func (c canvas) at(x, y int) []uint8 { return c.pix[(y*c.size.W+x)*c.size.C:] }

// paste writes small, whose size is that of to and which has one channel or as
// many as c, into the part to.
func (c canvas) paste(to image.Rectangle, small []uint8) {
	n := to.Dx() * to.Dy()
	for y := range to.Dy() {
		dst := c.at(to.Min.X, to.Min.Y+y)[:to.Dx()*c.size.C]
		if len(small) == n*c.size.C {
			copy(dst, small[y*len(dst):])
			continue
		}
		for x, v := range small[y*to.Dx():][:to.Dx()] {
			dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
		}
	}
}

// border calls visit for the outermost pixels of the part r, once each.
func (c canvas) border(r image.Rectangle, visit func(px []uint8)) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		step := max(r.Dx()-1, 1) // only the two ends of a row, but all of the first and last
		if y == r.Min.Y || y == r.Max.Y-1 {
			step = 1
		}
		for x := r.Min.X; x < r.Max.X; x += step {
			visit(c.at(x, y)[:c.size.C])
		}
	}
}

// lightBorder tells whether most border pixels of the part r are nearer to
// white than to black. Pixels vote rather than being averaged, so that a thick
// stroke that leaves the picture counts by its width, not by its darkness.
func (c canvas) lightBorder(r image.Rectangle) bool {
	light, all := 0, 0
	c.border(r, func(px []uint8) {
		v := px[0]
		if len(px) == 3 {
			v = luma(px[0], px[1], px[2])
		}
		if v >= 128 {
			light++
		}
		all++
	})
	return 2*light > all
}

// fillAround paints everything outside the part r in the mean colour of its
// border. Black, the other custom, would draw an edge between bar and picture,
// and on white paper would be the strongest stroke in it.
func (c canvas) fillAround(r image.Rectangle) {
	var sum [3]int
	n := 0
	c.border(r, func(px []uint8) {
		for k, v := range px {
			sum[k] += int(v)
		}
		n++
	})
	var mean [3]uint8
	for k := range mean {
		mean[k] = uint8((2*sum[k] + n) / (2 * n))
	}
	for y := range c.size.H {
		for x := range c.size.W {
			if !(image.Point{x, y}).In(r) {
				copy(c.at(x, y)[:c.size.C], mean[:])
			}
		}
	}
}
