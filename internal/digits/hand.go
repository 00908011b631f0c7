package digits

// pick chooses a style by weight.
func pick(d dice, of []style) style {
	var total int64
	for _, s := range of {
		total += s.weight
	}
	n := d.between(0, total-1)
	for _, s := range of {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	panic("unreachable")
}

// hand returns the strokes of a style as one hand writes them once: knots
// missed a little, strokes misplaced and cut short or drawn out, and the whole
// bent, squeezed, slanted and turned.
func hand(d dice, s style) [][]knot {
	const percent = unit                                                // of the digit's height
	const across, down, half = 35 * percent, 50 * percent, 50 * percent // the middle of the bones
	// hurry scales every error of the hand: some write neatly, some scrawl.
	hurry := d.between(unit*50/100, unit*160/100)
	sloppy := func(deviation int64) int64 { return d.around(0, deviation*hurry/unit) }
	strokes := make([][]knot, len(s.strokes))
	for i, bones := range s.strokes {
		var off point // by which the pen misses; it carries on from knot to knot
		if i > 0 {
			off = point{sloppy(3 * percent), sloppy(3 * percent)}
		}
		for j, k := range bones {
			miss := int64(2 * percent)
			if j == 0 || j == len(bones)-1 {
				miss = 3 * percent // where a stroke begins and ends matters least to the writer
			}
			off = point{off.x/2 + sloppy(miss), off.y/2 + sloppy(miss)}
			k.x, k.y = k.x*percent+off.x, k.y*percent+off.y
			strokes[i] = append(strokes[i], k)
		}
	}

	// The bend is a quadratic map of the square -1..1 about the middle.
	var bend [6]int64
	for i := range bend {
		bend[i] = sloppy(unit * 7 / 100)
	}
	width := max(unit/2, unit+sloppy(unit*14/100))
	slant := d.around(unit*13/100, unit*20/100)
	turn := sloppy(unit * 6 / 100)
	for _, stroke := range strokes {
		for i := range stroke {
			k := &stroke[i]
			x, y := (k.x-across)*unit/half, (k.y-down)*unit/half // -unit..unit
			xx, xy, yy := x*x/unit, x*y/unit, y*y/unit
			x, y = x+(bend[0]*xx+bend[1]*xy+bend[2]*yy)/unit, y+(bend[3]*xx+bend[4]*xy+bend[5]*yy)/unit
			x = (x*width - y*slant) / unit
			x, y = x-y*turn/unit, y+x*turn/unit // turns and grows by a hair, which lay undoes
			k.x, k.y = x*half/unit, y*half/unit
		}
	}
	return strokes
}

// lay puts the strokes on the paper: into a box of about 20 pixels, pen and
// all, with the centre of mass near the middle of the picture, as in MNIST.
func lay(d dice, paths [][]point, pen pen) {
	lo, hi := paths[0][0], paths[0][0]
	var sum point
	var n int64
	for _, path := range paths {
		for _, p := range path {
			lo = point{min(lo.x, p.x), min(lo.y, p.y)}
			hi = point{max(hi.x, p.x), max(hi.y, p.y)}
			sum = point{sum.x + p.x, sum.y + p.y}
			n++
		}
	}
	size := d.around(20*unit, unit*9/10) - 2*pen.half
	longer := max(hi.x-lo.x, hi.y-lo.y)
	across := axis{lo.x, hi.x, sum.x / n, d.around(0, unit*6/10)}
	down := axis{lo.y, hi.y, sum.y / n, d.around(0, unit*6/10)}
	for _, path := range paths {
		for i, p := range path {
			path[i] = point{across.place(p.x, size, longer, pen), down.place(p.y, size, longer, pen)}
		}
	}
}

// axis is one direction of the digit before it is laid: its extent, its centre
// of mass, and by how much (on the paper) that misses the middle.
type axis struct{ lo, hi, mass, miss int64 }

// place scales v by size/longer and moves it to where it goes, the whole extent
// kept off the border by the pen.
func (a axis) place(v, size, longer int64, pen pen) int64 {
	scaled := func(v int64) int64 { return (v - a.mass) * size / longer }
	at := Size*unit/2 + a.miss
	border := pen.half*135/100 + pen.soft/2 + unit/2 // pressed as hard as pressure can
	at = max(at, border-scaled(a.lo))
	at = min(at, Size*unit-border-scaled(a.hi))
	return at + scaled(v)
}
