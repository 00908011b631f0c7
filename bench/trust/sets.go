// Command trust measures how well models notice what shows none of their classes,
// for docs/trust.md: SQUINT_DATA=… go run ./bench/trust
package main

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// fonts are Go's own, which are free to use and come with x/image.
var fonts = func() []*opentype.Font {
	var fs []*opentype.Font
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF, gomonobolditalic.TTF, gosmallcaps.TTF} {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic(err)
		}
		fs = append(fs, f)
	}
	return fs
}()

func face(r *rand.Rand, size float64) font.Face {
	f, err := opentype.NewFace(fonts[r.IntN(len(fonts))], &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic(err)
	}
	return f
}

// letters that do not look like a digit: without B D g I i l O o q S s Z z and
// their like.
const letters = "ACEFGHJKLMNPQRTUVWXYacdefhjkmnprtuvwxy"

// letter draws one letter in dark ink on light paper, turned and stretched a
// little.
func letter(r *rand.Rand) image.Image {
	big := image.NewGray(image.Rect(0, 0, 120, 120))
	draw.Draw(big, big.Rect, image.NewUniform(color.Gray{uint8(200 + r.IntN(56))}), image.Point{}, draw.Src)
	d := font.Drawer{Dst: big, Src: image.NewUniform(color.Gray{uint8(r.IntN(60))}), Face: face(r, 60+30*r.Float64())}
	d.Dot = fixed.P(30, 85)
	d.DrawString(string(letters[r.IntN(len(letters))]))
	a := (r.Float64() - 0.5) * 0.5
	sx, sy, shear := 0.8+0.4*r.Float64(), 0.8+0.4*r.Float64(), (r.Float64()-0.5)*0.4
	out := image.NewGray(big.Rect)
	draw.Draw(out, out.Rect, image.NewUniform(big.GrayAt(0, 0)), image.Point{}, draw.Src)
	c, s := math.Cos(a), math.Sin(a)
	m := f64.Aff3{sx * c, -s + shear, 0, s, sy * c, 0}
	m[2], m[5] = 60-m[0]*60-m[1]*60, 60-m[3]*60-m[4]*60
	xdraw.ApproxBiLinear.Transform(out, m, big, big.Rect, draw.Over, nil)
	return out
}

func text(r *rand.Rand) image.Image {
	w, h := 200+r.IntN(300), 200+r.IntN(300)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	paper, ink := shade(r, 200, 56), shade(r, 0, 80)
	if r.IntN(4) == 0 {
		paper, ink = ink, paper
	}
	draw.Draw(img, img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	size := 10 + 30*r.Float64()
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face(r, size)}
	for y := size; y < float64(h); y += 1.4 * size {
		d.Dot = fixed.P(8, int(y))
		for d.Dot.X.Round() < w-10 {
			word := make([]byte, 1+r.IntN(9))
			for i := range word {
				word[i] = byte('a' + r.IntN(26))
			}
			d.DrawString(string(word) + " ")
		}
	}
	return img
}

func shade(r *rand.Rand, from, n int) color.RGBA {
	return color.RGBA{uint8(from + r.IntN(n)), uint8(from + r.IntN(n)), uint8(from + r.IntN(n)), 255}
}

// noise is uniform noise in grains of one to eight pixels.
func noise(r *rand.Rand) image.Image {
	const side = 128
	grain := 1 << r.IntN(4)
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	grey := r.IntN(2) == 0
	for y := 0; y < side; y += grain {
		for x := 0; x < side; x += grain {
			c := shade(r, 0, 256)
			if grey {
				c.G, c.B = c.R, c.R
			}
			draw.Draw(img, image.Rect(x, y, x+grain, y+grain), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
	return img
}

// plain is one colour, or one that runs into another.
func plain(r *rand.Rand) image.Image {
	const side = 128
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	a, b := shade(r, 0, 256), shade(r, 0, 256)
	if r.IntN(2) == 0 {
		b = a
	}
	vertical := r.IntN(2) == 0
	for y := range side {
		for x := range side {
			t := x
			if vertical {
				t = y
			}
			mix := func(p, q uint8) uint8 { return uint8((int(p)*(side-t) + int(q)*t) / side) }
			img.SetRGBA(x, y, color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 255})
		}
	}
	return img
}

// sheet lays digits out in rows, as MNIST is often shown.
func sheet(r *rand.Rand, digits [][]uint8) image.Image {
	n := 2 + r.IntN(6)
	img := image.NewGray(image.Rect(0, 0, 28*n, 28*n))
	for i := range n * n {
		d := &image.Gray{Pix: digits[r.IntN(len(digits))], Stride: 28, Rect: image.Rect(0, 0, 28, 28)}
		at := image.Pt(i%n*28, i/n*28)
		draw.Draw(img, d.Rect.Add(at), d, image.Point{}, draw.Src)
	}
	return img
}

// crop cuts a random piece out of a photo.
func crop(r *rand.Rand, img image.Image) image.Image {
	b := img.Bounds()
	least := min(b.Dx(), b.Dy())
	w := least/3 + r.IntN(least-least/3)
	h := least/3 + r.IntN(least-least/3)
	x, y := b.Min.X+r.IntN(b.Dx()-w+1), b.Min.Y+r.IntN(b.Dy()-h+1)
	return img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(image.Rect(x, y, x+w, y+h))
}
