package models

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/disintegration/imaging"

	"squint/pkg/imageio"
)

// Digits of MNIST, drawn anew with any pen on any paper. Whoever meets a picture
// that is misread adds its kind here.

// A stroke is a line from a to b in the unit square.
type stroke struct{ ax, ay, bx, by float64 }

// skeleton returns the lines in the middle of a digit's strokes, the longer side
// of their box being 1.
func skeleton(pix []uint8) []stroke {
	const zoom = 6
	large := imaging.Resize(&image.Gray{Pix: pix, Stride: 28, Rect: image.Rect(0, 0, 28, 28)}, 28*zoom, 28*zoom, imaging.CatmullRom)
	const n = 28 * zoom
	var on [n + 2][n + 2]bool
	for y := range n {
		for x := range n {
			on[y+1][x+1] = large.Pix[4*(y*n+x)] > 110
		}
	}
	// Zhang and Suen, A fast parallel algorithm for thinning digital patterns, 1984.
	for again := true; again; {
		again = false
		for step := range 2 {
			var gone []image.Point
			for y := 1; y <= n; y++ {
				for x := 1; x <= n; x++ {
					if !on[y][x] {
						continue
					}
					p := [8]bool{on[y-1][x], on[y-1][x+1], on[y][x+1], on[y+1][x+1], on[y+1][x], on[y+1][x-1], on[y][x-1], on[y-1][x-1]}
					count, turns := 0, 0
					for i, v := range p {
						if v {
							count++
						} else if p[(i+1)%8] {
							turns++
						}
					}
					a, b := p[0] && p[2] && p[4], p[2] && p[4] && p[6]
					if step == 1 {
						a, b = p[0] && p[2] && p[6], p[0] && p[4] && p[6]
					}
					if count >= 2 && count <= 6 && turns == 1 && !a && !b {
						gone = append(gone, image.Pt(x, y))
					}
				}
			}
			for _, p := range gone {
				on[p.Y][p.X] = false
				again = true
			}
		}
	}
	smooth := func(x, y int) (fx, fy float64) { // the steps of pixels
		k := 0.0
		for v := max(y-3, 0); v <= min(y+3, n+1); v++ {
			for u := max(x-3, 0); u <= min(x+3, n+1); u++ {
				if on[v][u] {
					fx, fy, k = fx+float64(u), fy+float64(v), k+1
				}
			}
		}
		return fx / k, fy / k
	}
	var all []stroke
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for y := 1; y <= n; y++ {
		for x := 1; x <= n; x++ {
			if !on[y][x] {
				continue
			}
			ax, ay := smooth(x, y)
			minX, minY, maxX, maxY = min(minX, ax), min(minY, ay), max(maxX, ax), max(maxY, ay)
			for _, d := range []image.Point{{1, 0}, {0, 1}, {1, 1}, {-1, 1}} {
				if on[y+d.Y][x+d.X] {
					bx, by := smooth(x+d.X, y+d.Y)
					all = append(all, stroke{ax, ay, bx, by})
				}
			}
		}
	}
	side := max(maxX-minX, maxY-minY, 1)
	for i, s := range all {
		all[i] = stroke{(s.ax - minX) / side, (s.ay - minY) / side, (s.bx - minX) / side, (s.by - minY) / side}
	}
	return all
}

// sheet is a picture in the making, and where its chance comes from.
type sheet struct {
	*rand.Rand
	w, h int
	pix  [][3]float64 // [h*w]
}

func newSheet(r *rand.Rand, w, h int, c color.NRGBA) *sheet {
	s := &sheet{r, w, h, make([][3]float64, w*h)}
	for i := range s.pix {
		s.pix[i] = [3]float64{float64(c.R), float64(c.G), float64(c.B)}
	}
	return s
}

// between returns a number from a to b.
func (s *sheet) between(a, b float64) float64 { return a + (b-a)*s.Float64() }

func (s *sheet) blend(x, y int, c color.NRGBA, share float64) {
	if x < 0 || y < 0 || x >= s.w || y >= s.h || share <= 0 {
		return
	}
	p := &s.pix[y*s.w+x]
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		p[i] += (float64(v) - p[i]) * min(share, 1)
	}
}

// line draws with a round pen; share is how much it covers.
func (s *sheet) line(ax, ay, bx, by, width float64, c color.NRGBA, share float64) {
	s.lines([]stroke{{ax, ay, bx, by}}, 0, 0, 1, width, c, share)
}

// lines draws strokes, scaled by side and moved to (x0, y0).
func (s *sheet) lines(strokes []stroke, x0, y0, side, width float64, c color.NRGBA, share float64) {
	covered := map[int]float64{}
	for _, l := range strokes {
		ax, ay, bx, by := x0+l.ax*side, y0+l.ay*side, x0+l.bx*side, y0+l.by*side
		dx, dy := bx-ax, by-ay
		length := max(dx*dx+dy*dy, 1e-9)
		for y := max(int(min(ay, by)-width/2-1), 0); y <= min(int(max(ay, by)+width/2+1), s.h-1); y++ {
			for x := max(int(min(ax, bx)-width/2-1), 0); x <= min(int(max(ax, bx)+width/2+1), s.w-1); x++ {
				px, py := float64(x)+0.5, float64(y)+0.5
				t := min(max(((px-ax)*dx+(py-ay)*dy)/length, 0), 1)
				d := math.Hypot(px-ax-t*dx, py-ay-t*dy)
				if v := min(max(width/2+0.5-d, 0), min(width, 1)); v > covered[y*s.w+x] {
					covered[y*s.w+x] = v
				}
			}
		}
	}
	for i, v := range covered { // in any order: each pixel once
		s.blend(i%s.w, i/s.w, c, v*share)
	}
}

func (s *sheet) box(x0, y0, x1, y1 float64, c color.NRGBA) {
	for y := int(y0); y < int(y1); y++ {
		for x := int(x0); x < int(x1); x++ {
			s.blend(x, y, c, 1)
		}
	}
}

// digit draws d, of the given share of the shorter side, anywhere inside margins
// (shares of the shorter side too), and returns its box.
func (s *sheet) digit(d []stroke, share, pen, margin float64, c color.NRGBA, cover float64) (x0, y0, side float64) {
	short := float64(min(s.w, s.h))
	side = short * share
	room := func(n int) float64 {
		lo, hi := short*margin, float64(n)-short*margin-side
		if hi < lo {
			return (float64(n) - side) / 2
		}
		return s.between(lo, hi)
	}
	x0, y0 = room(s.w), room(s.h)
	s.lines(d, x0, y0, side, max(side*pen, 0.7), c, cover)
	return x0, y0, side
}

// light multiplies every pixel by f of its place, each from 0 to 1.
func (s *sheet) light(f func(u, v float64) float64) {
	for i := range s.pix {
		k := f(float64(i%s.w)/float64(s.w), float64(i/s.w)/float64(s.h))
		for c := range 3 {
			s.pix[i][c] *= k
		}
	}
}

// photo is what a camera makes of it: uneven light, blur, noise and compression.
func (s *sheet) photo(light, blur, noise float64) image.Image {
	a, k := s.between(0, 2*math.Pi), s.between(0.3, 1)*light
	s.light(func(u, v float64) float64 {
		return 1 - k*(0.5+(u-0.5)*math.Cos(a)+(v-0.5)*math.Sin(a)) - 0.3*light*((u-0.5)*(u-0.5)+(v-0.5)*(v-0.5))
	})
	m := s.image()
	if blur > 0 {
		m = imaging.Blur(m, s.between(0.3, 1)*blur)
	}
	for i := range m.Pix {
		if i%4 < 3 {
			m.Pix[i] = uint8(min(max(float64(m.Pix[i])+noise*s.NormFloat64(), 0), 255))
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 50 + s.IntN(45)}); err != nil {
		panic(err)
	}
	img, _, err := imageio.Decode(b.Bytes(), imageio.Limits{})
	if err != nil {
		panic(err)
	}
	return img
}

// image is what a scanner or a screen makes of it.
func (s *sheet) image() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for i, p := range s.pix {
		for c, v := range p {
			m.Pix[4*i+c] = uint8(min(max(v, 0), 255))
		}
		m.Pix[4*i+3] = 255
	}
	return m
}

var (
	white  = color.NRGBA{255, 255, 255, 255}
	black  = color.NRGBA{0, 0, 0, 255}
	paper  = color.NRGBA{228, 224, 214, 255}
	blue   = color.NRGBA{40, 50, 130, 255}
	pencil = color.NRGBA{110, 110, 112, 255}
)

// inks are those of pens that people have.
var inks = []color.NRGBA{{20, 20, 25, 255}, blue, {170, 30, 40, 255}, {20, 110, 60, 255}, {90, 40, 130, 255}, {230, 110, 20, 255}, {240, 200, 40, 255}, {90, 170, 230, 255}}

func (s *sheet) ink() color.NRGBA { return inks[s.IntN(len(inks))] }

// scribble draws something like a word in small print.
func (s *sheet) scribble(x, y, size float64, letters int, c color.NRGBA) {
	for range letters {
		for range 3 {
			s.line(x+s.between(0, size*0.6), y+s.between(0, size), x+s.between(0, size*0.6), y+s.between(0, size), max(size/10, 0.8), c, 1)
		}
		x += size * 0.8
	}
}

// kinds are the pictures that people may hand in, each with the pen drawn at random.
var kinds = map[string]func(r *rand.Rand, d []stroke) image.Image{
	"scan": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 100+r.IntN(900), 100+r.IntN(900), white)
		s.digit(d, s.between(0.3, 0.8), s.between(0.03, 0.12), 0.05, black, 1)
		return s.image()
	},
	"photo": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 600+r.IntN(800), 600+r.IntN(800), paper)
		s.digit(d, s.between(0.3, 0.7), s.between(0.03, 0.1), 0.08, s.darkInk(), 0.95)
		return s.photo(0.5, 2, 6)
	},
	"coloured ink": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 400, 500, color.NRGBA{250, 248, 244, 255})
		s.digit(d, s.between(0.3, 0.8), s.between(0.04, 0.12), 0.05, s.ink(), 0.9)
		return s.photo(0.2, 1, 3)
	},
	"pencil": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 700, 600, paper)
		for range 3 { // faint, and gone over unevenly
			s.draw(d, 200, 150, 300, s.between(4, 9), pencil, s.between(0.15, 0.35))
		}
		return s.photo(0.3, 1, 5)
	},
	"chalk": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 800, 600, []color.NRGBA{{35, 60, 50, 255}, {30, 30, 32, 255}, {60, 30, 20, 255}}[r.IntN(3)])
		for range 30 { // what was wiped off
			s.line(s.between(0, 800), s.between(0, 600), s.between(0, 800), s.between(0, 600), s.between(10, 60), white, 0.03)
		}
		s.digit(d, s.between(0.35, 0.7), s.between(0.04, 0.1), 0.08, color.NRGBA{235, 235, 225, 255}, 0.85)
		return s.photo(0.3, 1.5, 6)
	},
	"window": func(r *rand.Rand, d []stroke) image.Image { // a screenshot of a paint program
		s := newSheet(r, 900, 700, color.NRGBA{240, 240, 240, 255})
		s.box(0, 0, 900, 32, color.NRGBA{60, 90, 160, 255})
		s.scribble(12, 10, 12, 10, white)
		for i := range 3 {
			s.box(900-float64(40*(i+1)), 8, 900-float64(40*(i+1))+16, 24, color.NRGBA{220, 60, 60, 255})
		}
		for i := range 14 {
			s.box(float64(10+44*i), 44, float64(10+44*i+32), 76, inks[i%len(inks)])
		}
		s.box(0, 90, 900, 700, white)
		side := s.between(200, 450)
		s.draw(d, s.between(60, 840-side), s.between(150, 660-side), side, s.between(2, 30), black, 1)
		return s.image()
	},
	"telephone's screenshot": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 540, 1170, white)
		s.scribble(30, 18, 16, 5, black)
		s.box(460, 18, 500, 34, black)
		s.scribble(60, 80, 24, 9, color.NRGBA{50, 50, 50, 255})
		s.box(0, 1080, 540, 1170, color.NRGBA{235, 235, 240, 255})
		s.box(190, 1150, 350, 1156, black)
		side := s.between(180, 380)
		s.draw(d, s.between(40, 500-side), s.between(250, 1000-side), side, s.between(4, 24), s.darkInk(), 1)
		return s.image()
	},
	"small in a corner": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 1600, 1200, white)
		s.digit(d, s.between(0.06, 0.12), s.between(0.05, 0.1), 0.02, s.darkInk(), 1)
		return s.image()
	},
	"hair": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 1050, 800, white)
		s.digit(d, s.between(0.4, 0.9), 0, 0.03, black, 1)
		return s.image()
	},
	"hair, in a photo": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 2000, 1500, paper)
		side := s.between(500, 900)
		s.draw(d, s.between(100, 1900-side), s.between(100, 1400-side), side, s.between(4, 7), blue, 0.8)
		return s.photo(0.4, 1.5, 6)
	},
	"marker": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 400, 400, white)
		s.digit(d, s.between(0.55, 0.75), s.between(0.13, 0.2), 0.15, s.darkInk(), 1)
		return s.photo(0.2, 1, 4)
	},
	"ruler": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, paper)
		edge := s.between(50, 110)
		s.box(0, 0, 900, edge, color.NRGBA{215, 190, 110, 255})
		for x, i := 10.0, 0; x < 900; x, i = x+9, i+1 {
			s.line(x, edge, x, edge-[]float64{edge / 2, edge / 4}[min(i%10, 1)], 2, black, 1)
			if i%10 == 0 {
				s.scribble(x-6, 6, 14, 1+i/100, black)
			}
		}
		side := s.between(220, 450)
		s.draw(d, s.between(60, 840-side), s.between(edge+50, 660-side), side, s.between(10, 30), s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
	"hand's shadow": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, paper)
		s.digit(d, s.between(0.3, 0.6), s.between(0.04, 0.09), 0.1, s.darkInk(), 0.95)
		a, at, soft, deep := s.between(0, 2*math.Pi), s.between(-0.2, 0.2), s.between(0.01, 0.1), s.between(0.3, 0.55)
		s.light(func(u, v float64) float64 {
			return 1 - deep/(1+math.Exp(-((u-0.5)*math.Cos(a)+(v-0.5)*math.Sin(a)-at+0.05*math.Sin(9*u))/soft))
		})
		return s.photo(0.2, 1.5, 5)
	},
	"lined": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 800, 800, color.NRGBA{245, 243, 238, 255})
		gap := s.between(60, 160)
		for y := s.between(0, gap); y < 800; y += gap {
			s.line(0, y, 800, y+s.between(-4, 4), s.between(1.5, 3), color.NRGBA{120, 160, 215, 255}, s.between(0.5, 1))
		}
		if s.IntN(2) == 0 {
			s.line(90, 0, 92, 800, 3, color.NRGBA{230, 120, 130, 255}, 1)
		}
		s.digit(d, s.between(0.3, 0.6), s.between(0.04, 0.09), 0.15, s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
	"squared": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 800, 800, color.NRGBA{245, 243, 238, 255})
		gap := s.between(40, 120)
		for y := s.between(0, gap); y < 800; y += gap {
			s.line(0, y, 800, y, s.between(1.5, 2.5), color.NRGBA{140, 170, 205, 255}, 0.8)
			s.line(y, 0, y, 800, s.between(1.5, 2.5), color.NRGBA{140, 170, 205, 255}, 0.8)
		}
		s.digit(d, s.between(0.3, 0.6), s.between(0.04, 0.09), 0.15, s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
	"lines as dark as the ink": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 800, 600, white)
		for y := s.between(20, 90); y < 600; y += 160 {
			s.line(0, y, 800, y, 3, color.NRGBA{60, 60, 70, 255}, 1)
		}
		s.digit(d, s.between(0.35, 0.6), s.between(0.04, 0.09), 0.1, black, 1)
		return s.image()
	},
	"cell": func(r *rand.Rand, d []stroke) image.Image { // of a form, its frame inside the picture
		s := newSheet(r, 500, 500, white)
		in := s.between(20, 70)
		for _, l := range []stroke{{in, in, 500 - in, in}, {in, in, in, 500 - in}, {500 - in, in, 500 - in, 500 - in}, {in, 500 - in, 500 - in, 500 - in}} {
			s.line(l.ax, l.ay, l.bx, l.by, s.between(2, 4), color.NRGBA{40, 40, 40, 255}, 1)
		}
		side := s.between(160, 260)
		s.draw(d, s.between(in+40, 460-in-side), s.between(in+40, 460-in-side), side, s.between(8, 18), s.darkInk(), 1)
		return s.photo(0.1, 1, 3)
	},
	"a card on a table": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, color.NRGBA{uint8(60 + r.IntN(80)), uint8(50 + r.IntN(40)), uint8(30 + r.IntN(40)), 255})
		for y := 0.0; y < 700; y += s.between(3, 12) { // grain
			s.line(0, y, 900, y+s.between(-10, 10), s.between(1, 4), black, s.between(0.05, 0.3))
		}
		x0, y0, lean := s.between(60, 200), s.between(50, 150), s.between(-40, 40)
		for y := y0; y < 620; y++ {
			for x := x0 + lean*(y-y0)/600; x < 800+lean*(y-y0)/600; x++ {
				s.blend(int(x), int(y), paper, 1)
			}
		}
		side := s.between(180, 350)
		s.draw(d, s.between(x0+90, 700-side), s.between(y0+50, 580-side), side, s.between(8, 25), s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 5)
	},
	"thumbnail": func(r *rand.Rand, d []stroke) image.Image {
		n := 20 + r.IntN(30)
		s := newSheet(r, n, n, white)
		s.digit(d, s.between(0.6, 0.8), s.between(0.06, 0.12), 0.08, black, 1)
		return s.image()
	},
	"tight": func(r *rand.Rand, d []stroke) image.Image { // cut to the strokes
		s := newSheet(r, 400, 400, white)
		x0, y0, side := s.digit(d, 0.6, s.between(0.05, 0.14), 0.15, black, 1)
		var w, h float64
		for _, l := range d {
			w, h = max(w, l.ax, l.bx), max(h, l.ay, l.by)
		}
		return s.image().SubImage(image.Rect(int(x0), int(y0), int(x0+side*w), int(y0+side*h)))
	},
	"transparent": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 256, 256, white)
		s.digit(d, s.between(0.4, 0.8), s.between(0.03, 0.12), 0.05, black, 1)
		m := s.image()
		for i := 0; i < len(m.Pix); i += 4 { // black, as opaque as it was dark
			m.Pix[i+3], m.Pix[i], m.Pix[i+1], m.Pix[i+2] = 255-m.Pix[i], 0, 0, 0
		}
		return m
	},
	"folded": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, paper)
		for range 3 {
			x, y := s.between(0, 900), s.between(0, 700)
			dx, dy := s.between(-900, 900), s.between(-700, 700)
			s.line(x-dx, y-dy, x+dx, y+dy, 3, color.NRGBA{120, 116, 108, 255}, 0.5)
			s.line(x-dx+3, y-dy+3, x+dx+3, y+dy+3, 3, white, 0.6)
		}
		s.digit(d, s.between(0.35, 0.6), s.between(0.04, 0.09), 0.1, s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
	"stained": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, paper)
		for range 2 { // rings of a cup
			x, y, radius := s.between(0, 900), s.between(0, 700), s.between(80, 200)
			var ring []stroke
			for i := range 60 {
				a, b := 2*math.Pi*float64(i)/60, 2*math.Pi*float64(i+1)/60
				ring = append(ring, stroke{math.Cos(a), math.Sin(a), math.Cos(b), math.Sin(b)})
			}
			s.lines(ring, x, y, radius, s.between(4, 12), color.NRGBA{150, 110, 60, 255}, 0.35)
		}
		s.digit(d, s.between(0.35, 0.6), s.between(0.04, 0.09), 0.1, s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
	"whiteboard with glare": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 900, 700, color.NRGBA{190, 195, 198, 255})
		s.digit(d, s.between(0.35, 0.6), s.between(0.05, 0.09), 0.1, inks[r.IntN(4)], 0.9)
		x, y := s.between(0.1, 0.9), s.between(0.1, 0.9)
		for i, p := range s.pix {
			u, v := float64(i%s.w)/900-x, float64(i/s.w)/700-y
			glare := 90 * math.Exp(-(u*u+v*v)/0.02)
			s.pix[i] = [3]float64{min(p[0]+glare, 255), min(p[1]+glare, 255), min(p[2]+glare, 255)}
		}
		return s.photo(0.3, 1.5, 4)
	},
	"neighbours cut off": func(r *rand.Rand, d []stroke) image.Image { // one of a number
		s := newSheet(r, 300, 300, white)
		side := s.between(150, 210)
		pen := s.between(8, 20)
		y := s.between(25, 275-side)
		s.draw(d, 150-side/4, y, side, pen, black, 1)
		s.draw(d, -side*0.62, y, side, pen, black, 1)
		s.draw(d, 300-side*0.1, y, side, pen, black, 1)
		return s.image()
	},
	"spiral binding": func(r *rand.Rand, d []stroke) image.Image {
		s := newSheet(r, 800, 700, paper)
		for y := 20.0; y < 700; y += 45 {
			s.line(0, y, 40, y+6, 7, color.NRGBA{60, 60, 65, 255}, 1)
			s.line(50, y+6, 51, y+6, 22, color.NRGBA{35, 30, 30, 255}, 1)
		}
		s.digit(d, s.between(0.35, 0.6), s.between(0.04, 0.09), 0.15, s.darkInk(), 0.95)
		return s.photo(0.3, 1.5, 4)
	},
}

// darkInk is one of the darker inks.
func (s *sheet) darkInk() color.NRGBA { return inks[s.IntN(5)] }

// draw draws d at a place.
func (s *sheet) draw(d []stroke, x, y, side, pen float64, c color.NRGBA, cover float64) {
	s.lines(d, x, y, side, pen, c, cover)
}

var kindNames = func() (names []string) {
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()
