package imageio

import (
	"image"
	"math"
	"slices"

	"github.com/disintegration/imaging"
)

// A plane is one value a pixel, [h][w].
type plane struct {
	w, h int
	v    []int16
}

func newPlane(w, h int) plane { return plane{w, h, make([]int16, w*h)} }

// ink returns how much each pixel of the part from of src, at scale, differs
// from the ground around it, from 0 to 255.
//
// It looks at red, green and blue apart, so that yellow ink on white, or red on a
// green board, which hardly differ in luma, count by the channel in which they
// differ most.
//
// Which is ink and which is ground, each channel says for itself: red ink is
// light on a green board, as far as red goes. But one in which there is little to
// see is left out where it contradicts the clearest: it may have taken a glaring lamp
// for ink.
func ink(src rows, from image.Rectangle, scale float64) plane {
	side := func(n int) int { return max(int(math.Round(float64(n)*scale)), 1) }
	out := newPlane(side(from.Dx()), side(from.Dy()))
	small := scaled(src, from, out.w, out.h)
	var channels []plane
	var darkness []float64
	clearest := 0
	for c := range 3 {
		ch := newPlane(out.w, out.h)
		known := c > 0
		for i := range ch.v {
			known = known && small[3*i+c] == small[3*i]
			ch.v[i] = int16(small[3*i+c])
		}
		if known { // as all of a grey picture
			continue
		}
		channels, darkness = append(channels, ch), append(darkness, ch.darkness())
		if last := len(darkness) - 1; math.Abs(darkness[last]) > math.Abs(darkness[clearest]) {
			clearest = last
		}
	}
	for c, ch := range channels {
		d := darkness[c]
		if d*darkness[clearest] < 0 && math.Abs(d)*3 < math.Abs(darkness[clearest]) {
			continue
		}
		if d < 0 {
			for i, v := range ch.v {
				ch.v[i] = 255 - v
			}
		}
		for i, v := range ch.dark().v {
			out.v[i] = min(max(out.v[i], v), 255)
		}
	}
	return out
}

// scaled returns the part from of src at w×h, [h][w][3]. What is enlarged is
// so by cubic splines, which round the steps of a small drawing.
func scaled(src rows, from image.Rectangle, w, h int) []uint8 {
	out := make([]uint8, 3*w*h)
	if from.Dx() >= w || from.Dy() >= h {
		resize(out, src, from, w, h)
		return out
	}
	part := image.NewNRGBA(image.Rect(0, 0, from.Dx(), from.Dy()))
	line := make([]uint8, 4*src.w)
	for y := range from.Dy() {
		src.read(line, from.Min.Y+y)
		copy(part.Pix[y*part.Stride:][:part.Stride], line[4*from.Min.X:])
	}
	// imaging works in goroutines of its own, where a panic could not be caught: it
	// is only ever given pictures made here.
	large := imaging.Resize(part, w, h, imaging.CatmullRom)
	for i := range w * h {
		copy(out[3*i:3*i+3], large.Pix[4*i:])
	}
	return out
}

// dark returns how much darker each pixel is than the ground. The ground is
// followed by closing (the lightest value around each pixel, and the darkest of those),
// which knows shadows with an edge but not a lamp's slow shading; and again after
// that has been taken off. Ink is darker both times.
func (p plane) dark() plane {
	// A stroke is narrower than a third of the picture, or a sixth where it leaves it.
	// What is wider, such as the shadow of a hand, is ground.
	r := max(p.w, p.h) * 35 / 200
	d := p.closed(r)
	for i, v := range p.v {
		d.v[i] -= v
	}
	if flat, ok := p.flattened(); ok {
		for i, v := range flat.closed(r).v {
			d.v[i] = min(d.v[i], v-flat.v[i])
		}
	}
	return d
}

// darkness tells how much darker the strokes are than their ground, or lighter if it
// is negative. Strokes are what is narrow: the dark ones disappear when the picture is closed, the light ones
// when it is opened, by a window just wider than they are. Both are tried at
// scale after scale; what disappears first counts most, because the next to
// do so are the spaces between strokes.
func (p plane) darkness() (dark float64) {
	weight := 1.0 // by area, contrast squared and narrowness
	for p = p.halved(); p.w >= 8 && p.h >= 8 || weight == 1; p = p.halved() {
		closed, opened := p.closed(2), p.opened(2)
		for i, v := range p.v {
			c, o := float64(closed.v[i]-v), float64(v-opened.v[i])
			dark += weight * (c*c - o*o)
		}
		weight *= 2 // a pixel is four, at half the weight
	}
	return dark
}

// halved returns p at half its size.
func (p plane) halved() plane {
	out := newPlane((p.w+1)/2, (p.h+1)/2)
	for y := range out.h {
		top, bottom := p.v[2*y*p.w:][:p.w], p.v[min(2*y+1, p.h-1)*p.w:][:p.w]
		for x := range out.w {
			a, b := 2*x, min(2*x+1, p.w-1)
			out.v[y*out.w+x] = (top[a] + top[b] + bottom[a] + bottom[b] + 2) / 4
		}
	}
	return out
}

// flattened returns p, whose ink is dark, without a smooth surface laid through its
// ground; or false if that is level.
func (p plane) flattened() (plane, bool) {
	s := p.ground()
	if math.Abs(s[1])+math.Abs(s[2])+math.Abs(s[3])+math.Abs(s[4])+math.Abs(s[5]) < 2 {
		return p, false
	}
	flat := newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			u, v := p.unit(x, y)
			i := y*p.w + x
			flat.v[i] = p.v[i] - int16(math.Round(s.at(u, v)))
		}
	}
	return flat, true
}

// unit maps a pixel to coordinates from -1 to 1.
func (p plane) unit(x, y int) (u, v float64) {
	return float64(2*x-p.w+1) / float64(p.w), float64(2*y-p.h+1) / float64(p.h)
}

// A surface is c0 + c1·u + c2·v + c3·u² + c4·uv + c5·v².
type surface [6]float64

func (s *surface) at(u, v float64) float64 {
	return s[0] + s[1]*u + s[2]*v + s[3]*u*u + s[4]*u*v + s[5]*v*v
}

// ground fits a surface through the ground: it begins level, at the median, and is
// drawn by least squares to the pixels that are near it already (Tukey's
// biweight), which are fewer and nearer from round to round.
func (p plane) ground() surface {
	values := slices.Clone(p.v)
	slices.Sort(values)
	s := surface{float64(values[len(values)/2])}
	step := max(max(p.w, p.h)/64, 1) // some 4000 pixels are enough
	for _, width := range []float64{80, 60, 40, 30, 20} {
		var a [6][7]float64
		for y := 0; y < p.h; y += step {
			for x := 0; x < p.w; x += step {
				u, v := p.unit(x, y)
				val := float64(p.v[y*p.w+x])
				d := (val - s.at(u, v)) / width
				w := 1 - d*d
				if w <= 0 {
					continue
				}
				w *= w
				f := [7]float64{1, u, v, u * u, u * v, v * v, val}
				for i := range 6 {
					for j := i; j < 7; j++ {
						a[i][j] += w * f[i] * f[j]
					}
				}
			}
		}
		s = solve(&a)
	}
	return s
}

// solve solves the symmetric system whose upper triangle and right side are a,
// by Gauss's elimination; what the pixels leave open becomes 0.
func solve(a *[6][7]float64) (s surface) {
	for i := range 6 {
		a[i][i] += 1e-6 * (1 + a[i][i])
		for k := i + 1; k < 6; k++ {
			f := a[i][k] / a[i][i]
			for j := k; j < 7; j++ {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	for i := 5; i >= 0; i-- {
		sum := a[i][6]
		for j := i + 1; j < 6; j++ {
			sum -= a[i][j] * s[j]
		}
		s[i] = sum / a[i][i]
	}
	return s
}

// closed returns the closing of p by a square of radius r: dark things that no
// such square fits into disappear, everything else stays.
func (p plane) closed(r int) plane { return p.dilated(r).negative().dilated(r).negative() }

// opened returns the opening of p: what closed does to light things.
func (p plane) opened(r int) plane { return p.negative().closed(r).negative() }

func (p plane) negative() plane {
	out := newPlane(p.w, p.h)
	for i, v := range p.v {
		out.v[i] = -v
	}
	return out
}

// dilated returns the greatest value in the square of radius r around each pixel,
// first along rows and then along columns.
//
// With the line cut into blocks as long as the window, every window is the end of one
// block and the beginning of the next, so that two running maxima serve all of
// them (van Herk, Pattern Recognition Letters 13, 1992).
func (p plane) dilated(r int) plane {
	out := plane{p.w, p.h, slices.Clone(p.v)}
	k := 2*r + 1
	room := (max(p.w, p.h)+2*r)/k*k + k
	ahead, behind := make([]int16, room), make([]int16, room)
	run := func(at, step, n int) {
		size := (n+2*r)/k*k + k
		ahead, behind := ahead[:size], behind[:size]
		for i := range ahead {
			ahead[i] = math.MinInt16
		}
		for i := range n {
			ahead[r+i] = out.v[at+i*step]
		}
		copy(behind, ahead)
		for b := 0; b < size; b += k {
			left, right := ahead[b:b+k], behind[b:b+k]
			for i := 1; i < k; i++ {
				left[i] = max(left[i], left[i-1])
			}
			for i := k - 2; i >= 0; i-- {
				right[i] = max(right[i], right[i+1])
			}
		}
		for i := range n {
			out.v[at+i*step] = max(behind[i], ahead[i+2*r])
		}
	}
	for y := range p.h {
		run(y*p.w, 1, p.w)
	}
	for x := range p.w {
		run(x, p.w, p.h)
	}
	return out
}
