package imageio

import (
	"image"
	"math"
)

// A mask is a plane of 0 and 1: 1 is ink of the digit.
type mask struct{ plane }

// least is how far ink must differ from its ground to be seen, in levels.
const least = 12

// strokes returns which pixels of ink belong to the digit.
func strokes(ink plane) mask {
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
	parts, label := m.parts()
	for i, l := range label {
		if l > 0 && ink.v[i] > high {
			parts[l-1].sure = true
		}
	}
	keep := digitParts(parts, ink.w, ink.h)
	for i, l := range label {
		if l == 0 || !keep[l-1] {
			m.v[i] = 0
		}
	}
	return m
}

// thresholds returns the level above which a pixel that touches ink is ink, the one above
// which any pixel is, and whether there is any ink. They lie between the level of
// the ground, which is the median, and that of the ink, which is the mean above
// Otsu's threshold (IEEE Trans. SMC 9, 1979).
func (p plane) thresholds() (low, high uint8, ok bool) {
	var hist [256]int
	for _, v := range p.v {
		hist[v]++
	}
	n, all := 0, 0
	for v, k := range hist {
		n += k
		all += v * k
	}
	best, inkLevel := -1.0, 0.0
	below, sum, ground := 0, 0, -1
	for v, k := range hist {
		below += k
		sum += v * k
		if ground < 0 && 2*below >= n {
			ground = v
		}
		if below == 0 || below == n {
			continue
		}
		m0, m1 := float64(sum)/float64(below), float64(all-sum)/float64(n-below)
		if between := float64(below) * float64(n-below) * (m1 - m0) * (m1 - m0); between > best {
			best, inkLevel = between, m1
		}
	}
	span := inkLevel - float64(ground)
	if span < least {
		return 0, 0, false
	}
	at := func(share float64) uint8 { return uint8(float64(ground) + share*span) }
	return at(0.4), at(0.6), true
}

// A part is what hangs together.
type part struct {
	box  image.Rectangle
	area int
	sure bool
}

// parts numbers the connected parts of m (in eight directions) from 1 on.
func (m mask) parts() (parts []part, label []int32) {
	label = make([]int32, len(m.v))
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

// digitParts tells which parts are the digit: the weightiest that is no strip along an
// edge, and what lies near enough and is large enough to be another stroke of it.
func digitParts(parts []part, w, h int) []bool {
	keep := make([]bool, len(parts))
	picture := image.Rect(0, 0, w, h)
	main := -1
	weight := func(p part) float64 {
		a := float64(p.area)
		if p.strip(picture) {
			return a / 1e6 // only if there is nothing else
		}
		if touches(p.box, picture) > 0 {
			a /= 3
		}
		return a
	}
	for i, p := range parts {
		if p.sure && (main < 0 || weight(p) > weight(parts[main])) {
			main = i
		}
	}
	if main < 0 {
		return keep
	}
	keep[main] = true
	box := parts[main].box
	for again := true; again; {
		again = false
		for i, p := range parts {
			size := max(box.Dx(), box.Dy())
			if keep[i] || !p.sure || p.strip(picture) || p.area*50 < parts[main].area || gap(p.box, box) > float64(size)/3 {
				continue
			}
			if touches(p.box, picture) > 0 && touches(parts[main].box, picture) == 0 && p.area*4 < parts[main].area {
				continue
			}
			keep[i], again = true, true
			box = box.Union(p.box)
		}
	}
	return keep
}

// strip tells whether p lies along an edge of the picture like a ruler, a shadow or
// the rim of a scan: from corner to corner, and thin.
func (p part) strip(picture image.Rectangle) bool {
	w, h := picture.Dx(), picture.Dy()
	b := p.box
	return b.Dx()*10 >= w*9 && b.Dy()*4 <= h && (b.Min.Y <= 1 || b.Max.Y >= h-1) ||
		b.Dy()*10 >= h*9 && b.Dx()*4 <= w && (b.Min.X <= 1 || b.Max.X >= w-1)
}

// touches counts the edges of the picture that b reaches.
func touches(b, picture image.Rectangle) int {
	n := 0
	for _, t := range []bool{b.Min.X == 0, b.Min.Y == 0, b.Max.X == picture.Max.X, b.Max.Y == picture.Max.Y} {
		if t {
			n++
		}
	}
	return n
}

// gap is the distance between two boxes; 0 where they meet.
func gap(a, b image.Rectangle) float64 {
	dx := max(a.Min.X-b.Max.X, b.Min.X-a.Max.X, 0)
	dy := max(a.Min.Y-b.Max.Y, b.Min.Y-a.Max.Y, 0)
	return math.Hypot(float64(dx), float64(dy))
}
