package imageio

import (
	"image"
)

// upright returns what Decode promises: img, which the caller gives up, turned
// by its EXIF orientation, opaque, as Gray when gray and as YCbCr or NRGBA
// otherwise. Where the pixels can stay where they lie, they do.
func upright(img image.Image, gray bool, orientation int) (image.Image, error) {
	if orientation == 1 {
		switch m := img.(type) {
		case *image.Gray:
			if gray {
				return m, nil
			}
		case *image.YCbCr:
			if !gray {
				return m, nil
			}
		}
	}
	r, err := rowsOf(img, gray)
	if err != nil {
		return nil, err
	}
	if orientation == 1 && !gray {
		// Four bytes a pixel already: made opaque in place, row over row.
		switch m := img.(type) {
		case *image.NRGBA:
			return r.over(m.Pix, m.Stride), nil
		case *image.RGBA:
			return r.over(m.Pix, m.Stride), nil
		}
	}
	return r.turned(orientation), nil
}

// over reads every row onto itself: pix holds the very pixels that r reads.
func (r rows) over(pix []uint8, stride int) *image.NRGBA {
	for y := range r.h {
		r.read(pix[y*stride:][:4*r.w], y)
	}
	return &image.NRGBA{Pix: pix, Stride: stride, Rect: image.Rect(0, 0, r.w, r.h)}
}

// turned copies the rows into a new picture, turned by an EXIF orientation.
func (r rows) turned(orientation int) image.Image {
	w, h := r.w, r.h
	if orientation >= 5 {
		w, h = h, w
	}
	pix := make([]uint8, w*h*r.px)
	// Pixel (x, y) as stored goes to place first + x*dx + y*dy of the result,
	// whose rows are w long. EXIF 2.32, section 4.6.4A: the orientation names
	// the visual side of the stored row 0 and column 0.
	var first, dx, dy int
	switch orientation {
	case 2: // top right: mirrored
		first, dx, dy = w-1, -1, w
	case 3: // bottom right: half a turn
		first, dx, dy = w*h-1, -1, -w
	case 4: // bottom left: upside down
		first, dx, dy = w*(h-1), 1, -w
	case 5: // left top: transposed
		first, dx, dy = 0, w, 1
	case 6: // right top: needs a quarter turn clockwise
		first, dx, dy = w-1, w, -1
	case 7: // right bottom: transposed along the other diagonal
		first, dx, dy = w*h-1, -w, -1
	case 8: // left bottom: needs a quarter turn anticlockwise
		first, dx, dy = w*(h-1), -w, 1
	default: // top left: as stored
		first, dx, dy = 0, 1, w
	}
	line := make([]uint8, r.w*r.px)
	for y := range r.h {
		at := first + y*dy
		if dx == 1 {
			r.read(pix[at*r.px:][:len(line)], y)
			continue
		}
		r.read(line, y)
		if r.px == 1 {
			for _, v := range line {
				pix[at] = v
				at += dx
			}
			continue
		}
		for i := 0; i < len(line); i += 4 {
			copy(pix[4*at:4*at+4], line[i:i+4])
			at += dx
		}
	}
	if r.px == 1 {
		return &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
	}
	return &image.NRGBA{Pix: pix, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}
}
