package imageio

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// rows reads any picture line by line in one of two ways: grey, one byte a
// pixel, or colour, four bytes (NRGBA, alpha always 255). Transparency is laid
// over white. The picture is not changed, and no index or offset that it
// states is trusted further than its slices reach. One rows is for one goroutine.
//
// This is the door between Go's dozen image types and everything else here: a
// format whose decoder returns one more type needs one more case in rowsOf, and
// only if it should be fast.
type rows struct {
	w, h int
	px   int                      // bytes a pixel: 1 grey, 4 colour
	read func(dst []uint8, y int) // dst [w*px]; y from 0
	// planes is the picture itself where it is colour and lies as in a JPEG.
	planes *image.YCbCr
}

// rowsOf prepares to read img as grey or as colour. Grey from colour is luma,
// ITU-R BT.601, and exactly v where red, green and blue are all v; for YCbCr
// that is the Y plane as it lies in the file.
func rowsOf(img image.Image, gray bool) (rows, error) {
	b := img.Bounds()
	r := rows{w: b.Dx(), h: b.Dy(), px: 4}
	if gray {
		r.px = 1
	}
	if r.w < 1 || r.h < 1 || r.w > maxSide || r.h > maxSide {
		return r, fmt.Errorf("imageio: a picture of %d×%d pixels, want 1 to %d a side", r.w, r.h, maxSide)
	}
	switch m := img.(type) {
	case *image.Gray:
		r.read = func(dst []uint8, y int) {
			src := m.Pix[y*m.Stride:][:r.w]
			if gray {
				copy(dst, src)
				return
			}
			for i, v := range src {
				d := dst[4*i : 4*i+4 : 4*i+4]
				d[0], d[1], d[2], d[3] = v, v, v, 255
			}
		}
	case *image.YCbCr:
		if !gray {
			r.planes = m
		}
		line := &image.RGBA{Stride: 4 * r.w, Rect: image.Rect(0, 0, r.w, 1)}
		r.read = func(dst []uint8, y int) {
			if gray {
				copy(dst, m.Y[m.YOffset(b.Min.X, b.Min.Y+y):][:r.w])
				return
			}
			line.Pix = dst // opaque RGBA and opaque NRGBA are the same bytes
			draw.Draw(line, line.Rect, m, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
		}
	case *image.NRGBA:
		r.read = func(dst []uint8, y int) {
			src := m.Pix[y*m.Stride:][:4*r.w]
			if !gray {
				copy(dst, src) // most are opaque
				src = dst[:len(src)]
			}
			for i := 0; i < len(src); i += 4 {
				s := src[i : i+4 : i+4]
				switch a := s[3]; {
				case a != 255:
					r.put(dst, i, [3]uint8{overWhite(s[0], a), overWhite(s[1], a), overWhite(s[2], a)})
				case gray:
					dst[i/4] = luma(s[0], s[1], s[2])
				}
			}
		}
	case *image.RGBA: // premultiplied
		r.read = func(dst []uint8, y int) {
			src := m.Pix[y*m.Stride:][:4*r.w]
			for i := 0; i < len(src); i += 4 {
				s := src[i : i+4 : i+4]
				white := 255 - s[3]
				r.put(dst, i, [3]uint8{satAdd(s[0], white), satAdd(s[1], white), satAdd(s[2], white)})
			}
		}
	case *image.Paletted:
		table, err := paletteOverWhite(m)
		if err != nil {
			return r, err
		}
		r.read = func(dst []uint8, y int) {
			for i, v := range m.Pix[y*m.Stride:][:r.w] {
				r.put(dst, 4*i, table[v])
			}
		}
	default: // 16 bits a channel, CMYK, lossy WebP with alpha
		at, ok := img.(image.RGBA64Image)
		if !ok {
			return r, fmt.Errorf("imageio: pixels of type %T", img)
		}
		r.read = func(dst []uint8, y int) {
			for x := range r.w {
				c := at.RGBA64At(b.Min.X+x, b.Min.Y+y)
				r.put(dst, 4*x, rgba64OverWhite(c))
			}
		}
	}
	return r, nil
}

// put writes the pixel whose colour bytes begin at i.
func (r *rows) put(dst []uint8, i int, c [3]uint8) {
	if r.px == 1 {
		dst[i/4] = luma(c[0], c[1], c[2])
		return
	}
	d := dst[i : i+4 : i+4]
	d[0], d[1], d[2], d[3] = c[0], c[1], c[2], 255
}

// luma is 0.299·r + 0.587·g + 0.114·b (ITU-R BT.601), rounded; its weights add
// up to 65536 exactly, so luma(v, v, v) is v.
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// overWhite lays v, of opacity a, over white.
func overWhite(v, a uint8) uint8 {
	return uint8((uint32(v)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

func satAdd(a, b uint8) uint8 { return uint8(min(uint32(a)+uint32(b), 255)) }

// rgba64OverWhite lays a premultiplied colour over white and rounds it to 8 bits.
func rgba64OverWhite(c color.RGBA64) [3]uint8 {
	white := 0xffff - uint32(c.A)
	to8 := func(v uint16) uint8 { return uint8((min(uint32(v)+white, 0xffff)*255 + 0x7fff) / 0xffff) }
	return [3]uint8{to8(c.R), to8(c.G), to8(c.B)}
}

// paletteOverWhite returns m's palette as opaque colours, after making sure
// that no pixel points past its end.
func paletteOverWhite(m *image.Paletted) (table [256][3]uint8, err error) {
	for i, c := range m.Palette[:min(len(m.Palette), 256)] {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		table[i] = [3]uint8{overWhite(n.R, n.A), overWhite(n.G, n.A), overWhite(n.B, n.A)}
	}
	b := m.Bounds()
	for y := range b.Dy() {
		for _, v := range m.Pix[y*m.Stride:][:b.Dx()] {
			if int(v) >= len(m.Palette) {
				return table, fmt.Errorf("imageio: colour %d of a palette of %d", v, len(m.Palette))
			}
		}
	}
	return table, nil
}
