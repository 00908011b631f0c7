package imageio

import (
	"image"
	"math"
)

// box returns the smallest rectangle that holds all of m.
func (m mask) box() (box image.Rectangle) {
	for y := range m.h {
		row := m.v[y*m.w:][:m.w]
		for x, on := range row {
			if on != 0 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// mass returns the area of m, its centre, and the shear that would set it upright: the
// slope of x by y.
func (m mask) mass() (area, cx, cy, slant float64) {
	for y := range m.h {
		for x, on := range m.v[y*m.w:][:m.w] {
			if on != 0 {
				area++
				cx += float64(x) + 0.5
				cy += float64(y) + 0.5
			}
		}
	}
	cx, cy = cx/area, cy/area
	var xy, yy float64
	for y := range m.h {
		for x, on := range m.v[y*m.w:][:m.w] {
			if on != 0 {
				dx, dy := float64(x)+0.5-cx, float64(y)+0.5-cy
				xy += dx * dy
				yy += dy * dy
			}
		}
	}
	if yy > 0 {
		slant = xy / yy
	}
	return area, cx, cy, slant
}

// deslanted returns m sheared so that x and y are no longer correlated, but by no
// more than 45°: a lying stroke has no slant.
func (m mask) deslanted() mask {
	_, _, cy, slant := m.mass()
	slant = max(-1, min(1, slant))
	pad := int(math.Ceil(math.Abs(slant)*float64(m.h))) + 1
	out := mask{newPlane(m.w+2*pad, m.h)}
	for y := range m.h {
		shift := int(math.Round(slant * (float64(y) + 0.5 - cy)))
		copy(out.v[y*out.w+pad-shift:][:m.w], m.v[y*m.w:][:m.w])
	}
	return out
}

// thickened returns m with strokes at least as wide as share of its longer side.
func (m mask) thickened(share float64) mask {
	box := m.box()
	side := float64(max(box.Dx(), box.Dy()))
	// Growing by r on every side makes a stroke of width w and a box of size b
	// w+2r and b+2r: r is where w+2r = share·(b+2r).
	r := (share*side - m.width()) / (2 * (1 - share))
	if r < 0.5 {
		return m
	}
	pad := int(r) + 1
	out := mask{newPlane(box.Dx()+2*pad, box.Dy()+2*pad)}
	for y := range box.Dy() {
		copy(out.v[(y+pad)*out.w+pad:], m.v[(box.Min.Y+y)*m.w+box.Min.X:][:box.Dx()])
	}
	out.grow(r)
	return out
}

// width estimates how wide the strokes are: a long ribbon of width w has area
// w·l and circumference 2l.
func (m mask) width() float64 {
	at := func(x, y int) int16 {
		if x < 0 || y < 0 || x >= m.w || y >= m.h {
			return 0
		}
		return m.v[y*m.w+x]
	}
	area, edges := 0, 0
	for y := range m.h + 1 {
		for x := range m.w + 1 {
			v := at(x, y)
			area += int(v)
			edges += int(v^at(x-1, y)) + int(v^at(x, y-1))
		}
	}
	if edges == 0 {
		return 0
	}
	// A line in any direction crosses 4/π edges of pixels per unit of its length.
	return 2 * float64(area) / (float64(edges) * math.Pi / 4)
}

// grow sets every pixel whose distance from the mask is at most r, by two sweeps
// that carry distances from neighbour to neighbour (Borgefors, Distance
// transformations in digital images, 1986: 3 straight, 4 aslant, within 8 %).
func (m mask) grow(r float64) {
	const far = 1 << 20
	d := make([]int, len(m.v))
	for i, on := range m.v {
		if on == 0 {
			d[i] = far
		}
	}
	at := func(x, y int) int {
		if x < 0 || y < 0 || x >= m.w || y >= m.h {
			return far
		}
		return d[y*m.w+x]
	}
	for y := range m.h {
		for x := range m.w {
			i := y*m.w + x
			d[i] = min(d[i], at(x-1, y)+3, at(x, y-1)+3, at(x-1, y-1)+4, at(x+1, y-1)+4)
		}
	}
	for y := m.h - 1; y >= 0; y-- {
		for x := m.w - 1; x >= 0; x-- {
			i := y*m.w + x
			d[i] = min(d[i], at(x+1, y)+3, at(x, y+1)+3, at(x+1, y+1)+4, at(x-1, y+1)+4)
			if float64(d[i]) <= 3*r {
				m.v[i] = 1
			}
		}
	}
}

// draw draws m into c: its longer side boxShare of the canvas, its centre of mass in
// the canvas' centre. A pixel is as light as the share of it that m covers.
func (m mask) draw(c canvas) {
	box := m.box()
	W, H := float64(c.size.W), float64(c.size.H)
	step := float64(max(box.Dx(), box.Dy())) / (boxShare * min(W, H)) // mask pixels a pixel of c
	_, cx, cy, _ := m.mass()
	// Where the canvas begins; but the box stays inside, however uneven the mass.
	x0 := min(max(cx-step*middle(c.size.W), float64(box.Max.X)-step*W), float64(box.Min.X))
	y0 := min(max(cy-step*middle(c.size.H), float64(box.Max.Y)-step*H), float64(box.Min.Y))
	rows := make([]float64, m.w) // one row of c, summed over the rows of m that it covers
	for y := range c.size.H {
		clear(rows)
		overlap(y0+float64(y)*step, step, m.h, func(i int, share float64) {
			for x, on := range m.v[i*m.w:][:m.w] {
				if on != 0 {
					rows[x] += share
				}
			}
		})
		for x := range c.size.W {
			sum := 0.0
			overlap(x0+float64(x)*step, step, m.w, func(i int, share float64) { sum += share * rows[i] })
			c.at(x, y)[0] = uint8(255*sum/(step*step) + 0.5)
		}
	}
}

// overlap calls visit with each i of n unit cells that the interval of the given
// length from start on overlaps, and by how much.
func overlap(start, length float64, n int, visit func(i int, share float64)) {
	end := min(start+length, float64(n))
	for i := max(int(math.Floor(start)), 0); float64(i) < end; i++ {
		visit(i, min(end, float64(i+1))-max(start, float64(i)))
	}
}
