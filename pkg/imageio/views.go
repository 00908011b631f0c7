package imageio

import (
	"fmt"

	"squint/pkg/tensor"
)

// Views says how often, and how, a network looks at a picture to answer about
// it. The answer is the weighted mean of the logits of all views ("test-time
// augmentation"), which costs as many forward passes.
type Views string

const (
	ViewsOne    Views = ""       // the picture as it is
	ViewsMirror Views = "mirror" // and its mirror image
	ViewsShifts Views = "shifts" // and moved by one pixel in each of eight directions; what moves in is black
)

// view is one way to look at a picture.
type view struct {
	mirror bool
	dx, dy int
	weight float32 // the weights of all views sum to 1
}

// shifts weigh a row (and a column) at −1, 0 and 1 pixels.
var shifts = [3]float32{0.2, 0.6, 0.2}

var views = map[Views][]view{
	ViewsOne:    {{weight: 1}},
	ViewsMirror: {{weight: 0.5}, {mirror: true, weight: 0.5}},
	ViewsShifts: nineShifts(),
}

func nineShifts() []view {
	var v []view
	for y, wy := range shifts {
		for x, wx := range shifts {
			v = append(v, view{dx: x - 1, dy: y - 1, weight: wx * wy})
		}
	}
	return v
}

// Count returns the number of views.
func (v Views) Count() int { return len(views[v]) }

// Weight returns what view i counts for; the weights sum to 1.
func (v Views) Weight(i int) float32 { return views[v][i].weight }

// Move says how view i shows a picture: as its mirror image, or moved by dx
// pixels to the right and dy down.
func (v Views) Move(i int) (mirror bool, dx, dy int) {
	w := views[v][i]
	return w.mirror, w.dx, w.dy
}

// See returns view i of a picture of shape s: src itself where that is what it
// shows, else what Fill makes of it in buffer.
func (v Views) See(buffer, src []uint8, s tensor.Shape, i int) []uint8 {
	if w := views[v][i]; !w.mirror && w.dx == 0 && w.dy == 0 {
		return src
	}
	v.Fill(buffer, src, s, i)
	return buffer
}

// Fill writes view i of a picture of shape s to dst; src is as Prep.Bytes wrote
// it.
func (v Views) Fill(dst, src []uint8, s tensor.Shape, i int) {
	w := views[v][i]
	row := s.W * s.C
	switch {
	case w.mirror:
		for at := 0; at < len(src); at += s.C {
			x := at / s.C % s.W
			copy(dst[at+(s.W-1-2*x)*s.C:][:s.C], src[at:at+s.C])
		}
	case w.dx == 0 && w.dy == 0:
		copy(dst, src)
	default:
		clear(dst)
		for y := max(0, w.dy); y < min(s.H, s.H+w.dy); y++ {
			from := src[(y-w.dy)*row : (y-w.dy+1)*row]
			to := dst[y*row : (y+1)*row]
			if w.dx < 0 {
				from = from[min(-w.dx*s.C, row):]
			} else {
				to = to[min(w.dx*s.C, row):]
			}
			copy(to, from)
		}
	}
}

func (v Views) validate() error {
	if _, ok := views[v]; !ok {
		return fmt.Errorf("imageio: views %q, want %q, %q or none", v, ViewsMirror, ViewsShifts)
	}
	return nil
}
