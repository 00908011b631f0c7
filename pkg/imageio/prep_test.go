package imageio

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/disintegration/imaging"
	"pgregory.net/rapid"

	"squint/pkg/tensor"
)

func prepare(t testing.TB, p Prep, img image.Image) []uint8 {
	t.Helper()
	dst := make([]uint8, p.Size.Size())
	if err := p.Bytes(dst, img); err != nil {
		t.Fatal(err)
	}
	return dst
}

func TestSameSizePassesThrough(t *testing.T) {
	for _, fit := range []Fit{"", FitStretch, FitCrop, FitPad} {
		gray := grayScene(28, 28)
		p := Prep{Size: tensor.Shape{H: 28, W: 28, C: 1}, Fit: fit}
		if got := prepare(t, p, gray); !bytes.Equal(got, gray.Pix) {
			t.Errorf("fit %q: grey changed", fit)
		}
		colour := scene(28, 20)
		p.Size = tensor.Shape{H: 20, W: 28, C: 3}
		want := []uint8{}
		for i := 0; i < len(colour.Pix); i += 4 {
			want = append(want, colour.Pix[i:i+3]...)
		}
		if got := prepare(t, p, colour); !bytes.Equal(got, want) {
			t.Errorf("fit %q: colour changed", fit)
		}
	}
}

// TestGrayIsGrayHoweverStored: a grey picture saved as colour, as a palette,
// with an alpha channel, 16 bits deep or as a part of a larger picture prepares
// to the same bytes.
func TestGrayIsGrayHoweverStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 70).Draw(t, "w"), rapid.IntRange(1, 70).Draw(t, "h")
		p := Prep{
			Size:   tensor.Shape{H: rapid.IntRange(1, 40).Draw(t, "H"), W: rapid.IntRange(1, 40).Draw(t, "W"), C: 1},
			Fit:    rapid.SampledFrom([]Fit{FitStretch, FitCrop, FitPad}).Draw(t, "fit"),
			Invert: rapid.SampledFrom([]Invert{InvertNever, InvertAlways, InvertAuto}).Draw(t, "invert"),
		}
		gray := grayScene(w, h)
		var pal color.Palette
		for v := range 256 {
			pal = append(pal, color.Gray{uint8(v)})
		}
		rect := gray.Bounds()
		ycc := image.NewYCbCr(rect, image.YCbCrSubsampleRatio420)
		for i := range ycc.Cb {
			ycc.Cb[i], ycc.Cr[i] = 128, 128
		}
		copy(ycc.Y, gray.Pix)
		larger := image.NewGray(rect.Inset(-3))
		rgba, deep, paletted := image.NewRGBA(rect), image.NewGray16(rect), image.NewPaletted(rect, pal)
		for y := range h {
			for x := range w {
				v := gray.GrayAt(x, y)
				larger.SetGray(x, y, v)
				rgba.Set(x, y, v)
				deep.Set(x, y, v)
				paletted.SetColorIndex(x, y, v.Y)
			}
		}
		for _, c := range []int{1, 3} {
			p.Size.C = c
			want := make([]uint8, p.Size.Size())
			if err := p.Bytes(want, gray); err != nil {
				t.Fatal(err)
			}
			for _, img := range []image.Image{imaging.Clone(gray), ycc, larger.SubImage(rect), rgba, deep, paletted} {
				got := make([]uint8, p.Size.Size())
				if err := p.Bytes(got, img); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("%T, %d channels, %+v:\ngot  %v\nwant %v", img, c, p, got, want)
				}
			}
		}
	})
}

// TestResizeAgainstPillow: Pillow 13.0.0,
//
//	Image.fromarray(a).resize((w, h), Image.BILINEAR)
//
// of the 8×5 array a = grayScene(8, 5). Both round to a byte after each of the
// two passes; imaging weighs in floats and Pillow in 22-bit fixed point, which
// may turn a half the other way: 1 a pass.
func TestResizeAgainstPillow(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want []uint8
	}{
		{3, 2, []uint8{116, 138, 133, 127, 142, 134}},
		{3, 5, []uint8{41, 130, 144, 146, 138, 130, 171, 147, 122, 101, 155, 135, 126, 121, 141}},
		{8, 3, []uint8{39, 82, 124, 167, 100, 142, 185, 81, 125, 188, 109, 172, 121, 184, 105, 111, 69, 152, 90, 173, 147, 84, 167, 141}},
		{11, 7, []uint8{
			0, 22, 49, 76, 103, 130, 156, 183, 210, 132, 3,
			52, 79, 111, 143, 176, 135, 93, 126, 158, 145, 107,
			117, 149, 165, 154, 193, 141, 88, 127, 116, 132, 164,
			182, 219, 184, 55, 101, 147, 192, 238, 109, 74, 111,
			64, 107, 136, 139, 192, 153, 113, 167, 169, 123, 58,
			56, 104, 129, 113, 173, 159, 120, 100, 154, 153, 115,
			108, 161, 144, 34, 99, 164, 170, 49, 102, 166, 219,
		}},
	} {
		got := prepare(t, Prep{Size: tensor.Shape{H: c.h, W: c.w, C: 1}}, grayScene(8, 5))
		for i := range got {
			if !near(got[i], c.want[i], 2) {
				t.Errorf("%d×%d:\ngot  %v\nwant %v", c.w, c.h, got, c.want)
				break
			}
		}
	}
}

// TestThinStrokeSurvives: a one-pixel line anywhere on a canvas of 1050×800
// leaves about its share of light, wherever it falls between the samples.
func TestThinStrokeSurvives(t *testing.T) {
	p := Prep{Size: tensor.Shape{H: 28, W: 28, C: 1}}
	for x := 100; x < 140; x++ {
		m := image.NewGray(image.Rect(0, 0, 1050, 800))
		for y := range 800 {
			m.Pix[y*m.Stride+x] = 255
		}
		sum := 0
		for _, v := range prepare(t, p, m)[14*28 : 15*28] {
			sum += int(v)
		}
		// One column of 37.5 is 6.8 of 255; rounding two or three pixels may take or give 1.5.
		if sum < 5 || 9 < sum {
			t.Errorf("line at %d: a row sums to %d, want about 6.8", x, sum)
		}
	}
}

func TestFitGeometry(t *testing.T) {
	// Left half black, right half white, 40×20.
	m := image.NewGray(image.Rect(0, 0, 40, 20))
	for i := range m.Pix {
		if i%40 >= 20 {
			m.Pix[i] = 255
		}
	}
	p := Prep{Size: tensor.Shape{H: 4, W: 4, C: 1}}
	row := func(fit Fit, y int) []uint8 { p.Fit = fit; return prepare(t, p, m)[4*y : 4*y+4] }
	// Stretched 10:1, the triangle reaches 10 pixels: the neighbours of the edge, 5
	// pixels off, get 1/8 of the other side, as the integral of a triangle's tail.
	for _, c := range []struct {
		fit  Fit
		y    int
		want []uint8
	}{
		{FitStretch, 0, []uint8{0, 32, 223, 255}},
		{FitCrop, 0, []uint8{0, 32, 223, 255}}, // the middle 20×20, at 5:1
		{FitPad, 1, []uint8{0, 32, 223, 255}},  // 4×2 in the middle
		{FitPad, 0, []uint8{128, 128, 128, 128}},
		{FitPad, 3, []uint8{128, 128, 128, 128}},
	} {
		if got := row(c.fit, c.y); !nearAll(got, c.want, 1) {
			t.Errorf("%s, row %d: %v, want %v", c.fit, c.y, got, c.want)
		}
	}
	// The same upright: the crop takes the middle of the height.
	tall := image.NewGray(image.Rect(0, 0, 20, 40))
	for i := range tall.Pix {
		if i/20 >= 20 {
			tall.Pix[i] = 255
		}
	}
	p.Fit = FitCrop
	if got, want := prepare(t, p, tall), []uint8{0, 32, 223, 255}; !nearAll([]uint8{got[0], got[4], got[8], got[12]}, want, 1) {
		t.Errorf("upright crop: %v, want rows of %v", got, want)
	}
	// What cannot be shared evenly is left at the right and the bottom.
	square := Prep{Size: tensor.Shape{H: 1, W: 1, C: 1}, Fit: FitCrop}
	if from, _ := square.place(4, 3); from != image.Rect(0, 0, 3, 3) {
		t.Errorf("4×3 cropped to %v", from)
	}
	// Crop and pad keep proportions: place agrees with exact arithmetic to half a pixel.
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, max int) int { return rapid.IntRange(1, max).Draw(t, name) }
		w, h := n("w", 65535), n("h", 65535)
		p := Prep{Size: tensor.Shape{H: n("H", 4096), W: n("W", 4096), C: 1}}
		W, H := float64(p.Size.W), float64(p.Size.H)
		p.Fit = FitCrop
		from, to := p.place(w, h)
		if !from.In(image.Rect(0, 0, w, h)) || to != image.Rect(0, 0, p.Size.W, p.Size.H) {
			t.Fatalf("crop of %d×%d: %v to %v", w, h, from, to)
		}
		k := math.Min(float64(w)/W, float64(h)/H)
		halfPixel(t, "crop", from, k*W, k*H, float64(w), float64(h))
		p.Fit = FitPad
		from, to = p.place(w, h)
		if !to.In(image.Rect(0, 0, p.Size.W, p.Size.H)) || from != image.Rect(0, 0, w, h) {
			t.Fatalf("pad of %d×%d: %v to %v", w, h, from, to)
		}
		k = math.Min(W/float64(w), H/float64(h))
		halfPixel(t, "pad", to, k*float64(w), k*float64(h), W, H)
	})
}

// halfPixel checks that r is w×h, rounded but not to nothing, in the middle of W×H.
func halfPixel(t *rapid.T, what string, r image.Rectangle, w, h, W, H float64) {
	t.Helper()
	dx, dy := float64(r.Dx()), float64(r.Dy())
	if math.Abs(dx-math.Max(w, 1)) > 0.501 || math.Abs(dy-math.Max(h, 1)) > 0.501 {
		t.Fatalf("%s: %v is %v×%v, want %v×%v", what, r, dx, dy, w, h)
	}
	if math.Abs(float64(r.Min.X)-(W-dx)/2) > 0.5 || math.Abs(float64(r.Min.Y)-(H-dy)/2) > 0.5 {
		t.Fatalf("%s: %v is not in the middle of %v×%v", what, r, W, H)
	}
}

func nearAll(a, b []uint8, tol int) bool {
	for i := range a {
		if !near(a[i], b[i], tol) {
			return false
		}
	}
	return len(a) == len(b)
}

func TestInvert(t *testing.T) {
	paper := image.NewGray(image.Rect(0, 0, 9, 9)) // a black stroke that leaves a white sheet above
	for i := range paper.Pix {
		paper.Pix[i] = 255
		if i%9 == 4 && i < 60 {
			paper.Pix[i] = 0
		}
	}
	board := image.NewGray(paper.Rect) // its negative
	for i, v := range paper.Pix {
		board.Pix[i] = 255 - v
	}
	p := Prep{Size: tensor.Shape{H: 9, W: 9, C: 1}}
	for _, c := range []struct {
		invert    Invert
		src, want *image.Gray
	}{
		{InvertNever, paper, paper}, {InvertNever, board, board},
		{InvertAlways, paper, board}, {InvertAlways, board, paper},
		{InvertAuto, paper, board}, {InvertAuto, board, board},
	} {
		p.Invert = c.invert
		if got := prepare(t, p, c.src); !bytes.Equal(got, c.want.Pix) {
			t.Errorf("invert %q: wrong", c.invert)
		}
	}
	lamp := image.NewGray(paper.Rect) // light everywhere but at its border: not paper
	for i := range lamp.Pix {
		if x, y := i%9, i/9; 0 < x && x < 8 && 0 < y && y < 8 {
			lamp.Pix[i] = 255
		}
	}
	if got := prepare(t, p, lamp); !bytes.Equal(got, lamp.Pix) {
		t.Error("a light picture with a dark border was inverted")
	}
	p.Size.C, p.Invert = 3, InvertAuto
	if got := prepare(t, p, paper); got[0] != 0 {
		t.Errorf("RGB: corner is %d, want 0", got[0])
	}
	// Bars follow the picture: white paper padded and inverted is black all round.
	p = Prep{Size: tensor.Shape{H: 9, W: 20, C: 1}, Fit: FitPad, Invert: InvertAuto}
	if got := prepare(t, p, paper); got[0] > 30 || got[19] > 30 { // the stroke's end has its share in the mean
		t.Errorf("padded: corners %d, %d", got[0], got[19])
	}
}

func TestValidate(t *testing.T) {
	ok := Prep{Size: tensor.Shape{H: 2, W: 3, C: 3}, Fit: FitCrop, Invert: InvertAuto, Mean: []float32{1, 2, 3}, Std: []float32{1, 2, 3}}
	if err := ok.Validate(); err != nil {
		t.Fatal(err)
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		spoil func(p *Prep)
		want  string
	}{
		{func(p *Prep) { p.Size.H = 0 }, "input size 0×3"},
		{func(p *Prep) { p.Size.W = maxInput + 1 }, "input size"},
		{func(p *Prep) { p.Size.C = 2 }, "2 channels"},
		{func(p *Prep) { p.Fit = "squash" }, `fit "squash"`},
		{func(p *Prep) { p.Invert = "yes" }, `invert "yes"`},
		{func(p *Prep) { p.Subject = "cats" }, `subject "cats"`},
		{func(p *Prep) { p.Subject = SubjectDigits }, "3 channels for subject"},
		{func(p *Prep) { p.Subject, p.Size.C = SubjectDigits, 1 }, "has a fit and a polarity of its own"},
		{func(p *Prep) { p.Deslant = true }, "deslant without"},
		{func(p *Prep) { p.Mean = p.Mean[:1] }, "1 means for 3"},
		{func(p *Prep) { p.Std = p.Std[:2] }, "2 standard deviations for 3"},
		{func(p *Prep) { p.Mean = []float32{0, 0, nan} }, "mean NaN"},
		{func(p *Prep) { p.Std = []float32{1, 1, 0} }, "standard deviation 0"},
		{func(p *Prep) { p.Std = []float32{1, nan, 1} }, "standard deviation NaN"},
		{func(p *Prep) { p.Std = []float32{inf, 1, 1} }, "standard deviation +Inf"},
	} {
		p := ok
		c.spoil(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
		if err := p.Bytes(make([]uint8, 18), scene(3, 3)); err == nil {
			t.Errorf("%s: Bytes accepted it", c.want)
		}
	}
	if err := ok.Bytes(make([]uint8, 17), scene(3, 3)); err == nil {
		t.Error("17 bytes for an input of 18 were accepted")
	}
}

func TestPrepJSON(t *testing.T) {
	p := Prep{Size: tensor.Shape{H: 2, W: 3, C: 3}, Fit: FitCrop, Invert: InvertAuto, Mean: []float32{.5, .5, .5}, Std: []float32{.1, .2, .3}}
	for p, want := range map[*Prep]string{
		&p:                                       `{"size":{"h":2,"w":3,"c":3},"fit":"crop","invert":"auto","mean":[0.5,0.5,0.5],"std":[0.1,0.2,0.3]}`,
		{Size: tensor.Shape{H: 28, W: 28, C: 1}}: `{"size":{"h":28,"w":28,"c":1}}`,
		{Size: tensor.Shape{H: 28, W: 28, C: 1}, Subject: SubjectDigits}:                `{"size":{"h":28,"w":28,"c":1},"subject":"digits"}`,
		{Size: tensor.Shape{H: 28, W: 28, C: 1}, Subject: SubjectDigits, Deslant: true}: `{"size":{"h":28,"w":28,"c":1},"subject":"digits","deslant":true}`,
	} {
		text, err := json.Marshal(p)
		if err != nil || string(text) != want {
			t.Errorf("%s, %v, want %s", text, err, want)
		}
		var back Prep
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(&back, p) {
			t.Errorf("%+v, %v", back, err)
		}
	}
}

// TestConcurrentUse is for the race detector as much as for its own comparison.
func TestConcurrentUse(t *testing.T) {
	p := Prep{Size: tensor.Shape{H: 32, W: 32, C: 3}, Fit: FitPad, Mean: []float32{.5, .4, .3}}
	data := encode(t, "jpeg", scene(200, 100))
	img, _ := decode(t, data)
	want := prepare(t, p, img)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			own, _, err := Decode(data, Limits{})
			if err != nil {
				t.Error(err)
				return
			}
			for _, m := range []image.Image{img, own} {
				got := make([]uint8, p.Size.Size())
				if err := p.Bytes(got, m); err != nil || !bytes.Equal(got, want) {
					t.Error("another result", err)
				}
				p.Floats(make([]float32, len(got)), got)
			}
		})
	}
	wg.Wait()
}
