package imageio

import (
	"image"
	"math"
)

// A mask is a plane of 0 and 1: 1 is ink of the digit.
type mask struct{ plane }

// least is how far ink must differ from its ground to be seen, in levels.
const least = 12

// strokes returns which pixels of ink belong to the digit, which lies in the part within.
func strokes(ink plane, within image.Rectangle) mask {
	m := mask{newPlane(ink.w, ink.h)}
	low, high, ok := ink.thresholds()
	if !ok {
		return m
	}
	for i, v := range ink.v {
		if v > low {
			m.v[i] = 1
		}
	}
	m = m.unruled()
	parts, label := m.parts()
	for i, l := range label {
		if l > 0 && ink.v[i] > high {
			parts[l-1].sure = true
		}
	}
	keep := digitParts(parts, image.Rect(0, 0, ink.w, ink.h), within)
	for i, l := range label {
		if l > 0 && !keep[l-1] {
			m.v[i] = 0
		}
	}
	return m
}

// thresholds returns the level above which a pixel that touches ink is ink, the one above
// which any pixel is, and whether there is any ink. They lie between the mean
// of the ground and the mean of the ink, as Otsu's threshold parts them (IEEE Trans.
// SMC 9, 1979).
func (p plane) thresholds() (low, high int16, ok bool) {
	var hist [256]int
	for _, v := range p.v {
		hist[v]++
	}
	n, all := 0, 0
	for v, k := range hist {
		n += k
		all += v * k
	}
	best, ground, inked := -1.0, 0.0, 0.0
	below, sum := 0, 0
	for v, k := range hist {
		below += k
		sum += v * k
		if below == 0 || below == n {
			continue
		}
		m0, m1 := float64(sum)/float64(below), float64(all-sum)/float64(n-below)
		if between := float64(below) * float64(n-below) * (m1 - m0) * (m1 - m0); between > best {
			best, ground, inked = between, m0, m1
		}
	}
	span := inked - ground
	if span < least {
		return 0, 0, false
	}
	at := func(share float64) int16 { return int16(ground + share*span) }
	return at(0.35), at(0.6), true
}

// A part is what hangs together.
type part struct {
	box    image.Rectangle
	area   int
	sure   bool // has a pixel that is ink without doubt
	middle bool // has a pixel in the middle half of the picture's width and height
}

// parts numbers the connected parts of m (in eight directions) from 1 on, and
// measures where they are.
func (m mask) parts() (parts []part, label []int32) {
	label = make([]int32, len(m.v))
	middle := image.Rect(m.w/4, m.h/4, m.w-m.w/4, m.h-m.h/4)
	var todo []int
	for start, on := range m.v {
		if on == 0 || label[start] != 0 {
			continue
		}
		var p part
		id := int32(len(parts) + 1)
		label[start] = id
		for todo = append(todo[:0], start); len(todo) > 0; {
			i := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			x, y := i%m.w, i/m.w
			p.area++
			p.middle = p.middle || image.Pt(x, y).In(middle)
			p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(y-1, 0); ny <= min(y+1, m.h-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, m.w-1); nx++ {
					if j := ny*m.w + nx; m.v[j] != 0 && label[j] == 0 {
						label[j] = id
						todo = append(todo, j)
					}
				}
			}
		}
		parts = append(parts, p)
	}
	return parts, label
}

// digitParts tells which parts are the digit: the weightiest, and what lies near
// enough and is large enough to be another stroke of it.
func digitParts(parts []part, picture, within image.Rectangle) []bool {
	keep := make([]bool, len(parts))
	weight := func(p part) int {
		switch {
		case p.rim(picture):
			return p.area // only if there is nothing else to speak of
		case p.bar(picture):
			return 60 * p.area
		case touches(p.box, picture):
			return 100 * p.area
		}
		return 300 * p.area
	}
	main := -1
	for i, p := range parts {
		if p.sure && p.box.Overlaps(within) && (main < 0 || weight(p) > weight(parts[main])) {
			main = i
		}
	}
	if main < 0 {
		return keep
	}
	keep[main] = true
	box, inside := parts[main].box, !touches(parts[main].box, picture)
	for again := true; again; {
		again = false
		for i, p := range parts {
			reach := min(float64(max(box.Dx(), box.Dy()))/3, float64(max(p.box.Dx(), p.box.Dy())))
			switch {
			case keep[i] || !p.sure || p.rim(picture) || !p.box.Overlaps(within):
			case p.area*50 < parts[main].area: // a speck
			case inside && touches(p.box, picture) && (p.area*4 < parts[main].area || beside(p.box, box) >= 0 || gap(p.box, box) > reach/3): // of what lies beyond the edge
			case gap(p.box, box) > reach:
			case beside(p.box, box)*7 > box.Dy() && p.box.Dy()*5 > box.Dy()*3: // the next digit
			case p.box.Union(box).Dx() > 2*max(box.Dx(), box.Dy()) || p.box.Union(box).Dy() > 2*max(box.Dx(), box.Dy()): // a row of things
			default:
				keep[i], again = true, true
				box = box.Union(p.box)
			}
		}
	}
	return keep
}

// rim tells whether p runs along the picture's edges, like a ruler, a shadow, the
// border of a scan or the frame of a form: from end to end, and nowhere near the middle.
func (p part) rim(picture image.Rectangle) bool {
	long := p.box.Dx()*10 >= picture.Dx()*9 || p.box.Dy()*10 >= picture.Dy()*9
	return long && !p.middle
}

// bar tells whether p is a row of things along an edge, such as a window's buttons.
func (p part) bar(picture image.Rectangle) bool {
	in := picture.Inset(max(picture.Dx(), picture.Dy()) * 3 / 20)
	return !p.box.Overlaps(in) && max(p.box.Dx(), p.box.Dy()) > 4*min(p.box.Dx(), p.box.Dy())
}

// touches tells whether b reaches an edge of the picture.
func touches(b, picture image.Rectangle) bool {
	return b.Min.X == 0 || b.Min.Y == 0 || b.Max.X == picture.Max.X || b.Max.Y == picture.Max.Y
}

// beside is how far a lies to the left or right of b; negative where one is above
// the other.
func beside(a, b image.Rectangle) int { return max(a.Min.X-b.Max.X, b.Min.X-a.Max.X) }

// gap is the distance between two boxes; 0 where they meet.
func gap(a, b image.Rectangle) float64 {
	dx := max(a.Min.X-b.Max.X, b.Min.X-a.Max.X, 0)
	dy := max(a.Min.Y-b.Max.Y, b.Min.Y-a.Max.Y, 0)
	return math.Hypot(float64(dx), float64(dy))
}
