package imageio

import (
	"image"
	"slices"
)

// A rule is a thin straight line, printed or drawn with a ruler, that runs
// through a part of a picture from one side to the other.
type rule struct {
	at, drift int // where it is at its first pixel, and how much further at its last
	thick     int // the median of its widths
	hits      int // pixels of its length that are ink
}

const (
	ruleCover = 85 // percent of its length that is ink: where a pen crosses, it is hidden
	ruleDrift = 8  // one part in so many that it may lean
	ruleThick = 36 // its width is at most one part in so many of the picture's longer side
)

// rules finds those that run through the part r of m from left to right.
func (m mask) rules(r image.Rectangle) (found []rule) {
	w, h := r.Dx(), r.Dy()
	if w < 24 || h < 24 {
		return nil
	}
	on := func(x, y int) bool { return y >= 0 && y < h && m.v[(r.Min.Y+y)*m.w+r.Min.X+x] != 0 }
	// One pixel up or down still counts, as a line that leans is drawn in steps.
	near := make([]bool, w*h)
	for y := range h {
		for x := range w {
			near[y*w+x] = on(x, y) || on(x, y-1) || on(x, y+1)
		}
	}
	var all []rule
	for drift := -w / ruleDrift; drift <= w/ruleDrift; drift += 2 {
		for at := max(0, -drift); at < min(h, h-drift); at++ {
			hits := 0
			for x := 0; x < w; x += 2 {
				if near[(at+drift*x/w)*w+x] {
					hits++
				}
			}
			if hits*200 >= w*ruleCover {
				all = append(all, rule{at: at, drift: drift, hits: hits})
			}
		}
	}
	// Of those that mean the same line the best stays: the one in the middle, which most do.
	slices.SortStableFunc(all, func(a, b rule) int { return b.hits - a.hits })
	most := max(m.w, m.h)/ruleThick + 1
	for _, l := range all {
		same := func(k rule) bool { return abs(k.at+k.drift/2-l.at-l.drift/2) <= 2*most }
		if slices.ContainsFunc(found, same) {
			continue
		}
		var widths []int
		for x := range w {
			if _, n := m.run(r, x, l.at+l.drift*x/w); n > 0 {
				widths = append(widths, n)
			}
		}
		slices.Sort(widths)
		if l.thick = widths[len(widths)/2]; l.thick <= most {
			found = append(found, l)
		}
	}
	return found
}

// run returns the vertical run of ink within r that column x of r has at row y or a
// pixel beside it: its first row, and its length, 0 where there is none.
func (m mask) run(r image.Rectangle, x, y int) (first, n int) {
	on := func(y int) bool { return y >= 0 && y < r.Dy() && m.v[(r.Min.Y+y)*m.w+r.Min.X+x] != 0 }
	switch {
	case on(y):
	case on(y - 1):
		y--
	case on(y + 1):
		y++
	default:
		return 0, 0
	}
	first = y
	for on(first - 1) {
		first--
	}
	for on(first + n) {
		n++
	}
	return first, n
}

// erase takes a rule off m, but leaves what crosses it.
func (m mask) erase(r image.Rectangle, l rule) {
	for x := range r.Dx() {
		first, n := m.run(r, x, l.at+l.drift*x/r.Dx())
		if n > l.thick+l.thick/2+1 {
			continue
		}
		for y := first; y < first+n; y++ {
			m.v[(r.Min.Y+y)*m.w+r.Min.X+x] = 0
		}
	}
}

// unruled returns m without the lines of ruled or squared paper, and without the
// frame of a form's cell, where it has such. A single line across the picture may
// be a stroke of a digit that was cut out tightly: it goes only where it is
// thinner than what is left. m itself where nothing is to be taken off.
func (m mask) unruled() mask {
	picture := image.Rect(0, 0, m.w, m.h)
	parts, _ := m.parts()
	for _, p := range parts {
		across, down := p.box.Dx()*10 >= m.w*9, p.box.Dy()*10 >= m.h*9
		switch {
		case m.framed(p.box):
			m = m.without(p.box, true, true, 4)
		case across || down:
			m = m.without(picture, across, down, 2)
		}
	}
	return m
}

// framed tells whether each side of r has ink along nearly all of it.
func (m mask) framed(r image.Rectangle) bool {
	if r.Dx()*10 < m.w*3 || r.Dy()*10 < m.h*3 {
		return false
	}
	column, row := make([]uint8, r.Dx()), make([]uint8, r.Dy()) // 1: near the first side, 2: the other
	for y := range r.Dy() {
		for x, on := range m.v[(r.Min.Y+y)*m.w+r.Min.X:][:r.Dx()] {
			if on == 0 {
				continue
			}
			column[x] |= end(y, r.Dy())
			row[y] |= end(x, r.Dx())
		}
	}
	full := func(side []uint8, bit uint8) bool {
		n := 0
		for _, v := range side {
			n += int(v & bit / bit)
		}
		return n*10 >= len(side)*9
	}
	return full(column, 1) && full(column, 2) && full(row, 1) && full(row, 2)
}

// end tells whether i of n is in the first (1) or the last (2) tenth.
func end(i, n int) uint8 {
	switch {
	case i*10 < n:
		return 1
	case (n-1-i)*10 < n:
		return 2
	}
	return 0
}

// without returns m without the rules in r, if there are at least so many, or
// they are thinner than what is left, and something is left.
func (m mask) without(r image.Rectangle, across, down bool, enough int) mask {
	rest := mask{plane{m.w, m.h, slices.Clone(m.v)}}
	n, thick := 0, 0
	take := func(m mask, r image.Rectangle) {
		for _, l := range m.rules(r) {
			m.erase(r, l)
			n, thick = n+1, max(thick, l.thick)
		}
	}
	if across {
		take(rest, r)
	}
	if down {
		rest = rest.transposed()
		take(rest, image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X))
		rest = rest.transposed()
	}
	left := rest.largest()
	if n == 0 || max(left.Dx(), left.Dy())*10 < min(r.Dx(), r.Dy()) || n < enough && float64(thick) > 0.6*rest.width() {
		return m
	}
	return rest
}

// largest is the box of the part of m that has the most pixels.
func (m mask) largest() (box image.Rectangle) {
	parts, _ := m.parts()
	most := 0
	for _, p := range parts {
		if p.area > most {
			most, box = p.area, p.box
		}
	}
	return box
}

// transposed exchanges x and y.
func (m mask) transposed() mask {
	out := mask{newPlane(m.h, m.w)}
	for y := range m.h {
		for x, v := range m.v[y*m.w:][:m.w] {
			out.v[x*m.h+y] = v
		}
	}
	return out
}

func abs(n int) int { return max(n, -n) }
