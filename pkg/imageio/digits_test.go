package imageio

import (
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"squint/pkg/tensor"
)

var digitsPrep = Prep{Size: tensor.Shape{H: 28, W: 28, C: 1}, Subject: SubjectDigits}

// A drawing is strokes, each through points of a unit square.
type drawing [][][2]float64

var (
	five = drawing{ // the bar does not touch the rest
		{{0.25, 0.1}, {0.2, 0.45}, {0.5, 0.4}, {0.75, 0.6}, {0.65, 0.9}, {0.2, 0.95}},
		{{0.42, 0.05}, {0.85, 0.03}},
	}
	four = drawing{ // nor does the leg
		{{0.35, 0.05}, {0.15, 0.55}, {0.55, 0.55}},
		{{0.65, 0.3}, {0.62, 0.98}},
	}
	seven = drawing{{{0.1, 0.05}, {0.9, 0.1}, {0.4, 0.98}}}
	zero  = drawing{{{0.5, 0.02}, {0.15, 0.3}, {0.15, 0.7}, {0.5, 0.98}, {0.85, 0.7}, {0.85, 0.3}, {0.5, 0.02}}}
)

// on draws d in ink on m, the unit square being at, with strokes of the given width.
func (d drawing) on(m *image.NRGBA, at image.Rectangle, width float64, ink color.NRGBA) {
	for _, stroke := range d {
		for i := range stroke[1:] {
			ax := float64(at.Min.X) + stroke[i][0]*float64(at.Dx())
			ay := float64(at.Min.Y) + stroke[i][1]*float64(at.Dy())
			bx := float64(at.Min.X) + stroke[i+1][0]*float64(at.Dx())
			by := float64(at.Min.Y) + stroke[i+1][1]*float64(at.Dy())
			length := math.Hypot(bx-ax, by-ay)
			for y := int(min(ay, by) - width); y <= int(max(ay, by)+width); y++ {
				for x := int(min(ax, bx) - width); x <= int(max(ax, bx)+width); x++ {
					t := min(max(((float64(x)+0.5-ax)*(bx-ax)+(float64(y)+0.5-ay)*(by-ay))/length/length, 0), 1)
					if math.Hypot(float64(x)+0.5-ax-t*(bx-ax), float64(y)+0.5-ay-t*(by-ay)) <= width/2 && image.Pt(x, y).In(m.Rect) {
						m.SetNRGBA(x, y, ink)
					}
				}
			}
		}
	}
}

func sheet(w, h int, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	fill(m, m.Rect, c)
	return m
}

func fill(m *image.NRGBA, r image.Rectangle, c color.NRGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.SetNRGBA(x, y, c)
		}
	}
}

// shade multiplies every pixel by f of its place, from 0 to 1, and adds noise.
func shade(m *image.NRGBA, noise float64, f func(u, v float64) float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		if i%4 < 3 {
			x, y := i%m.Stride/4, i/m.Stride
			v := float64(m.Pix[i])*f(float64(x)/float64(m.Rect.Dx()), float64(y)/float64(m.Rect.Dy())) + noise*r.NormFloat64()
			m.Pix[i] = uint8(min(max(v, 0), 255))
		}
	}
}

var (
	white = color.NRGBA{255, 255, 255, 255}
	black = color.NRGBA{0, 0, 0, 255}
)

// papers are ways in which one digit may come, all with strokes of a twelfth of its size.
var papers = map[string]func(d drawing) *image.NRGBA{
	"corner": func(d drawing) *image.NRGBA {
		m := sheet(900, 700, white)
		d.on(m, image.Rect(620, 30, 860, 270), 20, black)
		return m
	},
	"chalk": func(d drawing) *image.NRGBA {
		m := sheet(400, 500, color.NRGBA{30, 80, 50, 255})
		d.on(m, image.Rect(50, 80, 290, 320), 20, color.NRGBA{230, 230, 220, 255})
		shade(m, 5, func(u, v float64) float64 { return 1 })
		return m
	},
	"yellow on white": func(d drawing) *image.NRGBA {
		m := sheet(400, 400, white)
		d.on(m, image.Rect(50, 80, 290, 320), 20, color.NRGBA{255, 235, 0, 255})
		return m
	},
	"red on green, of one luma": func(d drawing) *image.NRGBA {
		m := sheet(400, 400, color.NRGBA{60, 140, 60, 255})
		d.on(m, image.Rect(50, 80, 290, 320), 20, color.NRGBA{225, 60, 50, 255})
		return m
	},
	"lamp": func(d drawing) *image.NRGBA {
		m := sheet(600, 400, color.NRGBA{230, 225, 210, 255})
		d.on(m, image.Rect(60, 80, 300, 320), 20, color.NRGBA{60, 60, 120, 255})
		shade(m, 4, func(u, v float64) float64 { return 1 - 0.45*u - 0.2*v*v })
		return m
	},
	"corners dark": func(d drawing) *image.NRGBA {
		m := sheet(600, 400, color.NRGBA{220, 220, 220, 255})
		d.on(m, image.Rect(180, 80, 420, 320), 20, color.NRGBA{120, 120, 120, 255})
		shade(m, 4, func(u, v float64) float64 { return 1 - 0.9*((u-0.5)*(u-0.5)+(v-0.5)*(v-0.5)) })
		return m
	},
	"hard shadow": func(d drawing) *image.NRGBA {
		m := sheet(800, 600, color.NRGBA{230, 225, 220, 255})
		d.on(m, image.Rect(280, 180, 520, 420), 20, color.NRGBA{40, 40, 60, 255})
		shade(m, 3, func(u, v float64) float64 { return 1 - 0.4/(1+math.Exp(-(u+0.3*v-0.65)/0.02)) })
		return m
	},
	"ruler": func(d drawing) *image.NRGBA {
		m := sheet(600, 500, white)
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		fill(m, image.Rect(0, 0, 60, 500), color.NRGBA{225, 205, 120, 255})
		for y := 0; y < 500; y += 10 {
			fill(m, image.Rect(40, y, 60, y+2), black)
		}
		return m
	},
	"ticks": func(d drawing) *image.NRGBA {
		m := sheet(600, 500, white)
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		for x := 0; x < 600; x += 10 {
			fill(m, image.Rect(x, 0, x+2, 30), black)
		}
		return m
	},
	"scan edges": func(d drawing) *image.NRGBA {
		m := sheet(600, 500, white)
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		fill(m, image.Rect(580, 0, 600, 500), color.NRGBA{20, 20, 20, 255})
		fill(m, image.Rect(0, 485, 600, 500), color.NRGBA{20, 20, 20, 255})
		return m
	},
	"cell of a form": func(d drawing) *image.NRGBA {
		m := sheet(500, 500, black)
		fill(m, image.Rect(8, 8, 492, 492), white)
		d.on(m, image.Rect(130, 130, 370, 370), 20, black)
		return m
	},
	"card on a table": func(d drawing) *image.NRGBA {
		m := sheet(800, 600, color.NRGBA{70, 50, 40, 255})
		fill(m, image.Rect(130, 60, 690, 560), color.NRGBA{235, 235, 230, 255})
		d.on(m, image.Rect(280, 180, 520, 420), 20, black)
		return m
	},
	"ruled": func(d drawing) *image.NRGBA {
		m := sheet(600, 500, color.NRGBA{245, 245, 240, 255})
		for y := 20; y < 500; y += 60 {
			fill(m, image.Rect(0, y, 600, y+2), color.NRGBA{190, 210, 235, 255})
		}
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		return m
	},
	"dark rules": func(d drawing) *image.NRGBA { // through the digit, aslant
		m := sheet(600, 500, white)
		for y := 20; y < 500; y += 90 {
			drawing{{{0, 0}, {1, 1}}}.on(m, image.Rect(0, y, 600, y+14), 3, black)
		}
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		return m
	},
	"cell within": func(d drawing) *image.NRGBA { // its frame has a margin
		m := sheet(500, 500, white)
		fill(m, image.Rect(60, 60, 440, 440), black)
		fill(m, image.Rect(63, 63, 437, 437), white)
		d.on(m, image.Rect(130, 130, 370, 370), 20, black)
		return m
	},
	"buttons": func(d drawing) *image.NRGBA { // of a window
		m := sheet(600, 500, white)
		fill(m, image.Rect(0, 0, 600, 20), color.NRGBA{60, 90, 160, 255})
		for x := 10; x < 400; x += 30 {
			fill(m, image.Rect(x, 30, x+22, 52), color.NRGBA{uint8(x), 30, 60, 255})
		}
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		return m
	},
	"lamp in a whiteboard": func(d drawing) *image.NRGBA { // red ink, hardly seen in red
		m := sheet(600, 500, color.NRGBA{190, 195, 198, 255})
		d.on(m, image.Rect(200, 120, 440, 360), 20, color.NRGBA{170, 30, 40, 255})
		for i, v := range m.Pix {
			x, y := float64(i%m.Stride/4)-520, float64(i/m.Stride)-80
			if i%4 < 3 {
				m.Pix[i] = uint8(min(float64(v)+90*math.Exp(-(x*x+y*y)/6000), 255))
			}
		}
		return m
	},
	"specks": func(d drawing) *image.NRGBA {
		m := sheet(600, 500, white)
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		r := rand.New(rand.NewPCG(3, 4))
		for range 60 {
			x, y := r.IntN(600), r.IntN(500)
			fill(m, image.Rect(x, y, x+3, y+3).Intersect(m.Rect), black)
		}
		return m
	},
	"thumb": func(d drawing) *image.NRGBA { // in the corner, and larger than the digit
		m := sheet(600, 500, white)
		d.on(m, image.Rect(200, 120, 440, 360), 20, black)
		fill(m, image.Rect(500, 360, 600, 500), black)
		return m
	},
	"worn stamp": func(d drawing) *image.NRGBA { // in pieces that would each be a speck
		m := sheet(500, 400, white)
		d.on(m, image.Rect(120, 80, 360, 320), 20, black)
		for i := 0; i < 400; i += 8 {
			fill(m, image.Rect(0, i, 500, i+2), white)
			fill(m, image.Rect(i, 0, i+2, 400), white)
		}
		return m
	},
	"small on a large sheet": func(d drawing) *image.NRGBA { // a tenth of the working copy
		m := sheet(2400, 1600, white)
		d.on(m, image.Rect(1700, 200, 1940, 440), 20, black)
		return m
	},
	"hair on a large canvas": func(d drawing) *image.NRGBA { // a stroke of 1 for 240
		m := sheet(1050, 800, white)
		d.on(m, image.Rect(300, 200, 700, 600), 1, black)
		return m
	},
}

// TestDigitsOnEveryPaper: a digit looks the same to the network wherever it was
// written, all of its strokes, and nothing else.
func TestDigitsOnEveryPaper(t *testing.T) {
	for name, d := range map[string]drawing{"five": five, "four": four, "zero": zero} {
		plain := sheet(300, 300, white)
		d.on(plain, image.Rect(30, 30, 270, 270), 20, black)
		want := prepare(t, digitsPrep, plain)
		asMNIST(t, name, want)
		for paper, draw := range papers {
			got := prepare(t, digitsPrep, draw(d))
			asMNIST(t, name+" on "+paper, got)
			least := 0.97
			switch paper {
			case "hair on a large canvas", "worn stamp": // thickened, but not to the pen's width; full of gaps
				least = 0.85
			}
			if c := likeness(got, want); c < least {
				t.Errorf("%s on %s: likeness %.3f, want %.2f", name, paper, c, least)
			}
		}
	}
	a, b := sheet(300, 300, white), sheet(300, 300, white)
	seven.on(a, a.Rect.Inset(30), 20, black)
	five.on(b, b.Rect.Inset(30), 20, black)
	if c := likeness(prepare(t, digitsPrep, a), prepare(t, digitsPrep, b)); c > 0.7 {
		t.Errorf("a seven and a five have likeness %.3f: it tells nothing", c)
	}
	// Each second stroke is a good part of its digit: without it likeness is below what is asked for.
	for name, d := range map[string]drawing{"five": five, "four": four} {
		a, b := sheet(300, 300, white), sheet(300, 300, white)
		d.on(a, a.Rect.Inset(30), 20, black)
		d[:1].on(b, b.Rect.Inset(30), 20, black)
		if c := likeness(prepare(t, digitsPrep, a), prepare(t, digitsPrep, b)); c > 0.9 {
			t.Errorf("%s without its second stroke has likeness %.3f", name, c)
		}
	}
}

// TestDigitsFat: a digit that covers more than half of a picture without any margin
// is still the ink and not the ground.
func TestDigitsFat(t *testing.T) {
	wide := sheet(500, 500, white)
	zero.on(wide, image.Rect(150, 150, 350, 350), 36, black)
	r, err := rowsOf(wide, true)
	if err != nil {
		t.Fatal(err)
	}
	box := mask{planeOfDark(r)}.box()
	if got, want := prepare(t, digitsPrep, wide.SubImage(box)), prepare(t, digitsPrep, wide); likeness(got, want) < 0.97 {
		t.Errorf("likeness of the cropped %v: %.3f", box, likeness(got, want))
	}
}

// planeOfDark is 1 where a picture is black.
func planeOfDark(r rows) plane {
	p, line := newPlane(r.w, r.h), make([]uint8, r.w)
	for y := range r.h {
		r.read(line, y)
		for x, v := range line {
			if v < 128 {
				p.v[y*r.w+x] = 1
			}
		}
	}
	return p
}

// TestWhatIsNotMNIST: a picture of MNIST's size passes through if it is laid out so,
// and otherwise does not.
func TestWhatIsNotMNIST(t *testing.T) {
	plain := sheet(280, 280, white)
	five.on(plain, image.Rect(48, 48, 240, 240), 22, black)
	good := prepare(t, digitsPrep, plain)
	if got := prepare(t, digitsPrep, &image.Gray{Pix: good, Stride: 28, Rect: image.Rect(0, 0, 28, 28)}); !bytes.Equal(got, good) {
		t.Error("what was prepared changes when it is prepared again")
	}
	framed, aside, large := image.NewGray(image.Rect(0, 0, 28, 28)), image.NewGray(image.Rect(0, 0, 28, 28)), sheet(28, 28, black)
	for y := range 28 {
		for x := range 28 {
			framed.Pix[y*28+x] = good[y*28+x]
			if min(x, y) == 0 || max(x, y) == 27 {
				framed.Pix[y*28+x] = 50
			}
			if x >= 3 {
				aside.Pix[y*28+x-3] = good[y*28+x]
			}
		}
	}
	five.on(large, image.Rect(1, 1, 27, 27), 2.5, white)
	for name, m := range map[string]image.Image{"framed": framed, "aside": aside, "large": large} {
		got := prepare(t, digitsPrep, m)
		asMNIST(t, name, got)
		if got[0] != 0 {
			t.Errorf("%s: the frame is still there", name)
		}
		if c := likeness(got, good); c < 0.9 { // from so few pixels
			t.Errorf("%s: likeness %.3f", name, c)
		}
	}
}

// asMNIST checks the layout: light on black, 20 of 28 pixels, in the middle by mass.
func asMNIST(t *testing.T, name string, pix []uint8) {
	t.Helper()
	var box image.Rectangle
	var sum, sx, sy float64
	for i, v := range pix {
		x, y := i%28, i/28
		if v > 64 {
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
		sum += float64(v)
		sx += float64(v) * (float64(x) + 0.5)
		sy += float64(v) * (float64(y) + 0.5)
	}
	if n := max(box.Dx(), box.Dy()); n < 19 || n > 21 || !box.In(image.Rect(1, 1, 28, 28)) {
		t.Errorf("%s: fills %v", name, box)
	}
	// The mask is of whole pixels, some ten of them to one here.
	if math.Abs(sx/sum-14.5) > 0.2 || math.Abs(sy/sum-14.5) > 0.2 {
		t.Errorf("%s: centre of mass at (%.2f, %.2f), want (14.5, 14.5)", name, sx/sum, sy/sum)
	}
	if slices.Max(pix) < 230 {
		t.Errorf("%s: at most %d light", name, slices.Max(pix))
	}
	if sum < 784*10 || sum > 784*90 { // MNIST averages 33
		t.Errorf("%s: mean %.0f", name, sum/784)
	}
}

// likeness is the cosine between two pictures.
func likeness(a, b []uint8) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// TestDigitsNothing: an empty sheet, grain or shading is not blown up to a digit.
func TestDigitsNothing(t *testing.T) {
	grain, slope := sheet(300, 200, color.NRGBA{200, 200, 200, 255}), sheet(300, 200, white)
	shade(grain, 3, func(u, v float64) float64 { return 1 })
	shade(slope, 0, func(u, v float64) float64 { return 0.4 + 0.5*u })
	for name, m := range map[string]image.Image{
		"white": sheet(300, 200, white), "black": sheet(28, 28, black), "one pixel": sheet(1, 1, white), "line": sheet(500, 1, white),
		"grain": grain, "slope": slope,
	} {
		if got := prepare(t, digitsPrep, m); slices.Max(got) != 0 {
			t.Errorf("%s: something of %d", name, slices.Max(got))
		}
	}
}

// TestDigitsTurnNegative: light and dark in other places, the same bytes.
func TestDigitsTurnNegative(t *testing.T) {
	for name, draw := range papers {
		m := draw(five)
		n := sheet(m.Rect.Dx(), m.Rect.Dy(), white)
		for i, v := range m.Pix {
			if i%4 < 3 {
				n.Pix[i] = 255 - v
			}
		}
		// What is shaded multiplies; its negative is no paper. Rounding turns halves.
		if c := likeness(prepare(t, digitsPrep, m), prepare(t, digitsPrep, n)); c < 0.99 {
			t.Errorf("%s: likeness of the negative %.3f", name, c)
		}
	}
}

// TestDigitsDeslant: writing that leans is set upright, and upright writing stays.
func TestDigitsDeslant(t *testing.T) {
	lean := func(d drawing, by float64) drawing {
		var out drawing
		for _, s := range d {
			var l [][2]float64
			for _, p := range s {
				l = append(l, [2]float64{p[0] + by*(0.5-p[1]), p[1]})
			}
			out = append(out, l)
		}
		return out
	}
	p := digitsPrep
	p.Deslant = true
	var want []uint8
	for _, by := range []float64{0, -0.4, 0.2, 0.5} {
		m := sheet(500, 400, white)
		lean(zero, by).on(m, image.Rect(120, 80, 360, 320), 16, black)
		got := prepare(t, p, m)
		asMNIST(t, "deslanted", got)
		if by == 0 {
			want = got
		}
		if c := likeness(got, want); c < 0.94 {
			t.Errorf("leaning by %g: likeness %.3f", by, c)
		}
		if off := prepare(t, digitsPrep, m); by != 0 && likeness(off, want) > 0.95 {
			t.Errorf("leaning by %g makes no difference without", by)
		}
	}
}

// TestDigitsAnySize: whatever the picture's and the input's size, there are no
// panics, and something is seen.
func TestDigitsAnySize(t *testing.T) {
	for _, s := range []image.Point{{3, 3}, {5, 40}, {28, 28}, {257, 60}, {2000, 30}} {
		for _, size := range []tensor.Shape{{H: 20, W: 40, C: 1}, {H: 1, W: 1, C: 1}} {
			m := sheet(s.X, s.Y, white)
			m.SetNRGBA(s.X/2, s.Y/2, black)
			p := Prep{Size: size, Subject: SubjectDigits}
			if got := prepare(t, p, m); slices.Max(got) == 0 && min(s.X, s.Y) > 3 && s.X < 1000 {
				t.Errorf("%v to %v: nothing", s, size)
			}
		}
	}
}

// mnist reads one of the four files without its header.
func mnist(t testing.TB, name string, header int) []uint8 {
	f, err := os.Open(filepath.Join(dataDir(t, "mnist"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b[header:]
}

// TestMNISTPassesThrough: of the 10,000 pictures for testing not one changes, and
// their negatives, as scanned from paper, become the very same.
func TestMNISTPassesThrough(t *testing.T) {
	pixels := mnist(t, "t10k-images-idx3-ubyte.gz", 16)
	got, negative := make([]uint8, 784), image.NewGray(image.Rect(0, 0, 28, 28))
	changed := 0
	for ; len(pixels) > 0; pixels = pixels[784:] {
		m := &image.Gray{Pix: pixels[:784], Stride: 28, Rect: negative.Rect}
		for i, v := range m.Pix {
			negative.Pix[i] = 255 - v
		}
		for _, img := range []image.Image{m, negative} {
			if err := digitsPrep.Bytes(got, img); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, m.Pix) {
				changed++
			}
		}
	}
	if changed != 0 {
		t.Errorf("%d changed", changed)
	}
}

// TestHandwriting measures the preparation without any network: every third of the
// 349 foreign digits is called what the nearest of 2,000 of MNIST's training pictures is, all
// at half their size.
func TestHandwriting(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(dataDir(t, "handwriting"), "*", "*"))
	if err != nil || len(names) == 0 {
		t.Skip("no handwriting: ", err)
	}
	const n = 2000
	pixels, labels := mnist(t, "train-images-idx3-ubyte.gz", 16), mnist(t, "train-labels-idx1-ubyte.gz", 8)
	var known [n][196]int32
	for i := range known {
		known[i] = halfSize(pixels[i*784:][:784])
	}
	all, right := 0, 0
	got := make([]uint8, 784)
	for i := 0; i < len(names); i += 3 {
		name := names[i]
		data, err := ReadFile(name, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img, _ := decode(t, data)
		if err := digitsPrep.Bytes(got, img); err != nil {
			t.Fatal(err)
		}
		half := halfSize(got)
		best, nearest := int32(math.MaxInt32), 0
		for i := range known {
			sum := int32(0)
			for k, v := range known[i] {
				sum += (v - half[k]) * (v - half[k])
			}
			if sum < best {
				best, nearest = sum, i
			}
		}
		all++
		if int(labels[nearest]) == int(filepath.Base(filepath.Dir(name))[0]-'0') {
			right++
		}
	}
	t.Logf("%d of %d", right, all)
	if right*100 < all*85 { // 19 % as they come, 57 % with polarity alone
		t.Errorf("%d of %d: less than 85 %%", right, all)
	}
}

// halfSize returns a picture of 28×28 at 14×14.
func halfSize(pix []uint8) (out [196]int32) {
	for i, v := range pix {
		out[i/56*14+i%28/2] += int32(v)
	}
	for i := range out {
		out[i] /= 4
	}
	return out
}

func BenchmarkDigits(b *testing.B) {
	for _, name := range []string{"corner", "hair on a large canvas"} {
		m := papers[name](five)
		dst := make([]uint8, 784)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := digitsPrep.Bytes(dst, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
