package imageio

import (
	"image"
)

// resize writes the part from of src at w×h pixels into dst: [h][w] where src is
// grey, else [h][w][3].
//
// The filter is the triangle (imaging.Linear), stretched over all source pixels
// that a target pixel covers when shrinking, and bilinear when enlarging. That
// is what Pillow's BILINEAR and torchvision's Resize(antialias=True) do. It is
// antialiased at every ratio, so that a thin stroke gets fainter but never falls
// between two samples; a plain box weighs each source pixel 0 or 1 and so still
// aliases when the ratio is not whole, and Lanczos rings beside strokes.
func resize(dst []uint8, src rows, from image.Rectangle, w, h int) {
	switch {
	case from.Dx() == w && from.Dy() == h: // as MNIST is: nothing to compute
		copyPart(dst, src, from)
	case src.px == 1:
		resizeGray(dst, src, from, w, h)
	case src.planes != nil:
		resizeYCbCr(dst, src.planes, from, w, h)
	default:
		resizeColour(dst, src, from, w, h)
	}
}

// copyPart writes the part from of src into dst at its own size.
func copyPart(dst []uint8, src rows, from image.Rectangle) {
	line := make([]uint8, src.w*src.px)
	for y := range from.Dy() {
		src.read(line, from.Min.Y+y)
		part := line[from.Min.X*src.px : from.Max.X*src.px]
		if src.px == 1 {
			copy(dst[y*len(part):], part)
			continue
		}
		for x := range from.Dx() {
			copy(dst[3*(y*from.Dx()+x):][:3], part[4*x:])
		}
	}
}
