package explain

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	xdraw "golang.org/x/image/draw"
)

// panel is the least side of a drawn picture, in pixels.
const panel = 384

var background = color.RGBA{0xf5, 0xf6, 0xf8, 0xff}

// Draw lays the heat over the picture it is of, beside the picture itself: red
// for what speaks for the answer, blue for what speaks against it. Both are as
// large as each other and at least 384 pixels high.
func (h *Heat) Draw(picture image.Image) *image.RGBA {
	scale := max(1, (panel+h.H-1)/h.H)
	w, height := h.W*scale, h.H*scale
	const gap = 12
	out := image.NewRGBA(image.Rect(0, 0, 2*w+gap, height))
	draw.Draw(out, out.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	left := image.Rect(0, 0, w, height)
	right := left.Add(image.Pt(w+gap, 0))
	filter := xdraw.Interpolator(xdraw.CatmullRom)
	if h.W < 64 {
		filter = xdraw.NearestNeighbor // digits: the pixels are the point
	}
	filter.Scale(out, left, picture, picture.Bounds(), draw.Src, nil)
	most := float32(1e-6)
	for _, v := range h.V {
		most = max(most, v, -v)
	}
	// The heat is stretched smoothly: its squares are no edges of the picture.
	heat := image.NewNRGBA(image.Rect(0, 0, h.W, h.H))
	for i, v := range h.V {
		c := color.NRGBA{0xe0, 0x2c, 0x1a, 0}
		if v < 0 {
			c = color.NRGBA{0x1f, 0x5f, 0xd0, 0}
		}
		c.A = uint8(215 * math.Sqrt(math.Abs(float64(v/most))))
		heat.SetNRGBA(i%h.W, i/h.W, c)
	}
	for y := range height {
		for x := range w { // paler, so that the heat shows on light and dark
			r, g, b, _ := out.At(x, y).RGBA()
			grey := (299*r + 587*g + 114*b) / 1000
			out.SetRGBA(right.Min.X+x, y, color.RGBA{uint8(40 + (grey>>8)*165/255), uint8(40 + (grey>>8)*165/255), uint8(40 + (grey>>8)*165/255), 255})
		}
	}
	xdraw.BiLinear.Scale(out, right, heat, heat.Rect, draw.Over, nil)
	return out
}

// Sheet draws tiles side by side, each enlarged to a size that can be seen. With
// signed set, 0 is the middle grey; else black is 0 and white the greatest
// value. All tiles share one scale.
func Sheet(tiles []Tile, signed bool) *image.RGBA {
	most := float32(1e-9)
	for _, t := range tiles {
		for _, v := range t.V {
			if most = max(most, v); signed {
				most = max(most, -v)
			}
		}
	}
	const gap = 4
	t := tiles[0]
	scale := 1
	for scale*max(t.H, t.W) < 64 {
		scale++
	}
	w, h := t.W*scale, t.H*scale
	columns := max(1, min(len(tiles), 1200/(w+gap), int(math.Ceil(math.Sqrt(float64(len(tiles)*(h+gap))/float64(w+gap))))))
	rows := (len(tiles) + columns - 1) / columns
	out := image.NewRGBA(image.Rect(0, 0, columns*(w+gap)+gap, rows*(h+gap)+gap))
	draw.Draw(out, out.Rect, image.NewUniform(background), image.Point{}, draw.Src)
	level := func(v float32) uint8 {
		if signed {
			return uint8(math.Round(127.5 + 127.5*float64(v/most)))
		}
		return uint8(math.Round(255 * float64(max(v, 0)/most)))
	}
	for i, t := range tiles {
		small := image.NewRGBA(image.Rect(0, 0, t.W, t.H))
		for p := range t.H * t.W {
			v := t.V[p*t.C : (p+1)*t.C]
			c := color.RGBA{level(v[0]), level(v[0]), level(v[0]), 255}
			if t.C == 3 {
				c.G, c.B = level(v[1]), level(v[2])
			}
			small.SetRGBA(p%t.W, p/t.W, c)
		}
		at := image.Pt(gap+i%columns*(w+gap), gap+i/columns*(h+gap))
		xdraw.NearestNeighbor.Scale(out, image.Rect(0, 0, w, h).Add(at), small, small.Rect, draw.Src, nil)
	}
	return out
}
