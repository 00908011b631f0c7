package imageio

import (
	"image"
	"math"
	"slices"
)

// Subject says what the pictures show, where that decides how they are prepared.
type Subject string

const (
	SubjectAny Subject = "" // pictures of anything: fitted by Fit, inverted by Invert
	// SubjectDigits is one handwritten digit or letter in each picture, which is
	// found and laid out as in MNIST (see digits): light on black, fitted
	// into the middle 20×20 of 28×28 and centred by its mass, whatever the
	// paper, the ink, its place and its size were. Fit and Invert stay empty.
	SubjectDigits Subject = "digits"
)

// Everything that looks for the digit works on a copy whose longer side is
// workSide: one of a telephone's photo is as quick as one of a thumbnail, paper
// grain averages out, and a stroke of a small picture gets smooth edges.
const workSide = 256

const (
	// boxShare is the part of the input that the digit fills: MNIST's 20 of 28
	// (LeCun et al., Gradient-based learning applied to document recognition, 1998).
	boxShare = 20.0 / 28
	// thinnest is the least width of a stroke, as a share of the digit's box.
	// MNIST's are 2 to 3 of its 20 pixels wide; those of a drawing program may be a
	// hundredth of the digit's size.
	thinnest = 2.2 / 20
)

// digits writes the digit that img shows into dst, and only zeros if img shows
// nothing. In order: a picture that looks like MNIST passes through, as itself or
// as its negative; else ink is told from ground by colour (ink), the strokes
// of the digit are told from everything else (strokes), looked at again from
// nearer if the digit was small, thickened if hair-thin, and drawn to size.
func (p *Prep) digits(dst []uint8, img image.Image) error {
	gray, err := rowsOf(img, true)
	if err != nil {
		return err
	}
	if !p.Deslant && p.likeMNIST(dst, gray) {
		return nil
	}
	clear(dst)
	src, err := rowsOf(img, false)
	if err != nil {
		return err
	}
	from := image.Rect(0, 0, src.w, src.h)
	scale := workScale(from)
	m := strokes(ink(src, from, scale), image.Rect(0, 0, workSide, workSide))
	box := m.box()
	if near := around(box, scale, from); max(near.Dx(), near.Dy())*3 < max(src.w, src.h)*2 {
		// What was left out the first time stays out.
		found := scaledBy(box.Inset(-1), 1/scale).Sub(near.Min)
		from, scale = near, workScale(near)
		m = strokes(ink(src, from, scale), scaledBy(found, scale))
		box = m.box()
	}
	if box.Empty() {
		return nil
	}
	if p.Deslant {
		m = m.deslanted()
	}
	m = m.thickened(thinnest)
	m.draw(canvas{dst, p.Size})
	return nil
}

// middle is where the centre of mass belongs on n pixels. MNIST puts it on the pixel
// right and below of the middle: its 60,000 means average 14.5.
func middle(n int) float64 { return float64(n)/2 + 0.5 }

// workScale is how many pixels of the working copy a pixel of the part from becomes.
func workScale(from image.Rectangle) float64 {
	return workSide / float64(max(from.Dx(), from.Dy()))
}

// around returns what to look at again, in the picture's pixels: box, which was
// found at scale, with a quarter of its size on every side.
func around(box image.Rectangle, scale float64, in image.Rectangle) image.Rectangle {
	if box.Empty() {
		return in
	}
	margin := max(max(box.Dx(), box.Dy())/4, 2)
	return scaledBy(box.Inset(-margin), 1/scale).Intersect(in)
}

// scaledBy returns all pixels that r, scaled, has a part of.
func scaledBy(r image.Rectangle, scale float64) image.Rectangle {
	return image.Rect(
		int(math.Floor(float64(r.Min.X)*scale)), int(math.Floor(float64(r.Min.Y)*scale)),
		int(math.Ceil(float64(r.Max.X)*scale)), int(math.Ceil(float64(r.Max.Y)*scale)),
	)
}

// likeMNIST copies src into dst, as it is or inverted, if it is laid out as MNIST
// is already, and tells whether it did.
func (p *Prep) likeMNIST(dst []uint8, src rows) bool {
	W, H := p.Size.W, p.Size.H
	if src.w != W || src.h != H || min(W, H) < 8 {
		return false
	}
	for y := range H {
		src.read(dst[y*W:][:W], y)
	}
	c := canvas{dst, p.Size}
	if c.lightBorder(image.Rect(0, 0, W, H)) {
		for i, v := range dst {
			dst[i] = 255 - v
		}
	}
	// The outermost pixels are ground, but for a stroke's end, and the ground is black.
	inBorder, all := 0, 0
	c.border(image.Rect(0, 0, W, H), func(px []uint8) {
		if px[0] > 16 {
			inBorder++
		}
		all++
	})
	if inBorder*10 > all || slices.Max(dst) < 128 {
		return false
	}
	var box image.Rectangle
	var sum, sx, sy float64
	for y := range H {
		for x := range W {
			if v := float64(dst[y*W+x]); v > 64 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
				sum += v
				sx += v * (float64(x) + 0.5)
				sy += v * (float64(y) + 0.5)
			}
		}
	}
	// Of MNIST's 70,000 the longest side is 14 to 20 of 28 pixels, and the centre of mass
	// within 1 of the middle.
	side := float64(min(W, H))
	size := float64(max(box.Dx(), box.Dy())) / side
	off := max(math.Abs(sx/sum-middle(W)), math.Abs(sy/sum-middle(H))) / side
	return 13.5/28 < size && size < 21.5/28 && off < 1.1/28
}
