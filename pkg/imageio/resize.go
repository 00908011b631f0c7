package imageio

import (
	"image"

	"github.com/disintegration/imaging"
)

// stripBytes is how much of the source is in hand at once: it should stay in
// a core's second-level cache.
const stripBytes = 256 << 10

// resize returns the part from of src at w×h pixels.
//
// The filter is the triangle (imaging.Linear), stretched over all source pixels
// that a target pixel covers when shrinking, and bilinear when enlarging. That
// is what Pillow's BILINEAR and torchvision's Resize(antialias=True) do. It is
// antialiased at every ratio, so that a thin stroke gets fainter but never falls
// between two samples; a plain box weighs each source pixel 0 or 1 and so still
// aliases when the ratio is not whole, and Lanczos rings beside strokes.
//
// Columns are resized strip by strip and then rows all at once. A row's result
// depends on no other row, so strips change nothing but memory: 4·w bytes a
// source row, instead of four bytes for every pixel of a photo.
func resize(src rows, from image.Rectangle, w, h int) *image.NRGBA {
	if from.Dx() == w && from.Dy() == h { // as MNIST is: nothing to compute
		return copied(src, from)
	}
	narrow := image.NewNRGBA(image.Rect(0, 0, w, from.Dy()))
	strip := max(stripBytes/(src.w*src.px), 1)
	pix := make([]uint8, min(strip, from.Dy())*src.w*src.px)
	for y := 0; y < from.Dy(); y += strip {
		n := min(strip, from.Dy()-y)
		for i := range n {
			src.read(pix[i*src.w*src.px:][:src.w*src.px], from.Min.Y+y+i)
		}
		// imaging works in goroutines of its own, where a panic could not be
		// caught: it is only ever given pictures made here.
		part := imaging.Resize(window(pix, src, from, n), w, n, imaging.Linear)
		copy(narrow.Pix[y*narrow.Stride:], part.Pix)
	}
	return imaging.Resize(narrow, w, h, imaging.Linear)
}

// copied returns the part from of src at its own size.
func copied(src rows, from image.Rectangle) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, from.Dx(), from.Dy()))
	line := make([]uint8, src.w*src.px)
	for y := range from.Dy() {
		src.read(line, from.Min.Y+y)
		for x := range from.Dx() {
			p := line[(from.Min.X+x)*src.px:]
			q := out.Pix[y*out.Stride+4*x : y*out.Stride+4*x+4]
			if src.px == 1 {
				q[0], q[1], q[2], q[3] = p[0], p[0], p[0], 255
			} else {
				copy(q, p[:4])
			}
		}
	}
	return out
}

// window returns n rows in pix as a picture, without what lies left and right
// of from.
func window(pix []uint8, src rows, from image.Rectangle, n int) image.Image {
	stride := src.w * src.px
	pix = pix[from.Min.X*src.px : n*stride]
	size := image.Rect(0, 0, from.Dx(), n)
	if src.px == 1 {
		return &image.Gray{Pix: pix, Stride: stride, Rect: size}
	}
	return &image.NRGBA{Pix: pix, Stride: stride, Rect: size}
}
