package augment

import (
	"math"

	"squint/pkg/tensor"
)

// erase hides one rectangle of a picture of shape s (random erasing, Zhong et
// al., arXiv 1708.04896) under the picture's mean colour, which says nothing
// to a network that subtracts a mean.
func erase(pix []uint8, s tensor.Shape, d *deform) {
	area := d.erase * float64(s.H) * float64(s.W)
	w := min(int(math.Round(math.Sqrt(area*d.eraseRatio))), s.W)
	h := min(int(math.Round(math.Sqrt(area/d.eraseRatio))), s.H)
	if w == 0 || h == 0 {
		return
	}
	x0, y0 := int(d.eraseX*float64(s.W-w+1)), int(d.eraseY*float64(s.H-h+1))
	mean := means(pix, s.C)
	var fill [3]uint8
	for c := range fill {
		fill[c] = uint8(math.Round(mean[c]))
	}
	for y := y0; y < y0+h; y++ {
		row := pix[(y*s.W+x0)*s.C:][:w*s.C]
		for i := range row {
			row[i] = fill[i%s.C]
		}
	}
}
