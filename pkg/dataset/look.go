package dataset

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

const (
	graySide = 16 // cells a side of look.gray
	tintSide = 4  // and of the two planes of look.tint
)

// look is a picture shrunk to almost nothing: what is left when it was saved
// again, made smaller or brightened. It does not depend on the network's input,
// so that neither does what counts as a near duplicate, nor the split.
type look struct {
	Gray [graySide * graySide]uint8     // brightness, [y][x]
	Tint [2 * tintSide * tintSide]uint8 // Cb then Cr, [2][y][x]; 128 is no colour
}

// lookAt shrinks a decoded, upright picture.
func lookAt(img image.Image) (l look) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	cb, cr := l.Tint[:tintSide*tintSide], l.Tint[tintSide*tintSide:]
	for i := range l.Tint {
		l.Tint[i] = 128
	}
	rows := func(pix []uint8, stride, width int) func(y int) []uint8 {
		return func(y int) []uint8 { return pix[y*stride:][:width] }
	}
	switch m := img.(type) {
	case *image.Gray:
		shrink(l.Gray[:], graySide, w, h, rows(m.Pix, m.Stride, w))
	case *image.YCbCr:
		shrink(l.Gray[:], graySide, w, h, rows(m.Y, m.YStride, w))
		cw, ch := m.COffset(b.Max.X-1, b.Min.Y)+1, m.COffset(b.Min.X, b.Max.Y-1)/m.CStride+1
		shrink(cb, tintSide, cw, ch, rows(m.Cb, m.CStride, cw))
		shrink(cr, tintSide, cw, ch, rows(m.Cr, m.CStride, cw))
	default:
		line := image.NewNRGBA(image.Rect(0, 0, w, 1))
		planes := [3][]uint8{make([]uint8, w), make([]uint8, w), make([]uint8, w)}
		for i, dst := range [...][]uint8{l.Gray[:], cb, cr} {
			n := tintSide
			if i == 0 {
				n = graySide
			}
			shrink(dst, n, w, h, func(y int) []uint8 {
				draw.Draw(line, line.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
				for x := range w {
					p := line.Pix[4*x : 4*x+4]
					planes[0][x], planes[1][x], planes[2][x] = color.RGBToYCbCr(p[0], p[1], p[2])
				}
				return planes[i]
			})
		}
	}
	return l
}

// shrink averages a plane of w×h samples over n×n cells of equal area, n being
// at most graySide. The borders of cells cut through samples, which count by
// their share: exactly, in whole numbers, so that every machine has the same bytes.
func shrink(dst []uint8, n, w, h int, row func(y int) []uint8) {
	// The unit is the n-th of a sample: a sample is n wide, and a cell w.
	var line, cell [graySide]int
	along := func(r []uint8) {
		x, left := 0, n // left is how much of sample x is
		for c := range n {
			sum := 0
			for need := w; need > 0; {
				if left == n && need >= n { // whole samples
					s := 0
					for _, v := range r[x : x+need/n] {
						s += int(v)
					}
					sum += n * s
					x, need = x+need/n, need%n
					continue
				}
				take := min(left, need)
				sum += take * int(r[x])
				need -= take
				if left -= take; left == 0 {
					x, left = x+1, n
				}
			}
			line[c] = sum
		}
	}
	y, left := -1, 0
	for cy := range n {
		clear(cell[:])
		for need := h; need > 0; {
			if left == 0 {
				y, left = y+1, n
				along(row(y))
			}
			take := min(left, need)
			for c := range n {
				cell[c] += take * line[c]
			}
			need -= take
			left -= take
		}
		for c := range n {
			dst[cy*n+c] = uint8((cell[c] + w*h/2) / (w * h))
		}
	}
}

// wave[k][x] is the cosine of order k at cell x.
var wave = func() (t [graySide][graySide]float64) {
	for k := range t {
		for x := range t[k] {
			t[k][x] = math.Cos(math.Pi / graySide * (float64(x) + 0.5) * float64(k))
		}
	}
	return t
}()

// hash returns 64 bits of which pictures that look the same share nearly all,
// and unrelated ones half: the signs of the 64 slowest waves that the brightness
// is made of (those of the two-dimensional cosine transform, along diagonals
// from the slowest on, without the mean).
func (l *look) hash() (h uint64) {
	const (
		last = 10 // diagonal that is needed for 64
		half = graySide / 2
	)
	// A wave of even order is the same from both ends, one of odd order the
	// opposite: half of the products suffice, with sums or with differences.
	fold := func(line *[graySide]float64) (folded [2][half]float64) {
		for i := range half {
			a, b := line[i], line[graySide-1-i]
			folded[0][i], folded[1][i] = a+b, a-b
		}
		return folded
	}
	dot := func(k int, folded *[2][half]float64) (sum float64) {
		w := &wave[k]
		for i, v := range folded[k%2] {
			sum += w[i] * v
		}
		return sum
	}
	var across [last + 1][graySide]float64 // [order along x][y]
	for y := range graySide {
		var line [graySide]float64
		for x, v := range l.Gray[y*graySide:][:graySide] {
			line[x] = float64(v)
		}
		folded := fold(&line)
		for k := range across {
			across[k][y] = dot(k, &folded)
		}
	}
	var columns [last + 1][2][half]float64
	for k := range across {
		columns[k] = fold(&across[k])
	}
	n := 0
	for diagonal := 1; n < 64; diagonal++ {
		for k := 0; k <= diagonal && n < 64; k++ {
			if dot(diagonal-k, &columns[k]) > 0 {
				h |= 1 << n
			}
			n++
		}
	}
	return h
}

// moments returns the mean of l's brightness and its deviation from it.
func (l *look) moments() (mean, deviation float64) {
	sum, squares := 0, 0
	for _, v := range l.Gray {
		sum += int(v)
		squares += int(v) * int(v)
	}
	const n = float64(len(l.Gray))
	mean = float64(sum) / n
	return mean, math.Sqrt(max(0, float64(squares)/n-mean*mean))
}
