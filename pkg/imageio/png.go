package imageio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
)

// Colour types of PNG (W3C PNG third edition, section 11.2.1).
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// pngHeader walks over all chunks, whose contents it does not inflate, since
// the EXIF one may stand behind the pixels.
func pngHeader(data []byte) (header, error) {
	h := header{orientation: 1}
	var depth, kind, interlace int
	transparent := false
	name := ""
	for first, rest := true, data[8:]; len(rest) >= 8 && name != "IEND"; first = false {
		n := int64(binary.BigEndian.Uint32(rest))
		name = string(rest[4:8])
		body := rest[8:]
		if first && (name != "IHDR" || n != 13) {
			return h, fmt.Errorf("begins with chunk %q of %d bytes", name, n)
		}
		if n+4 > int64(len(body)) { // the decoder will say what is missing; with half a header nothing can be said
			if first {
				return h, errTruncated
			}
			break
		}
		body, rest = body[:n], body[n+4:]
		switch name {
		case "IHDR":
			if !first {
				return h, fmt.Errorf("two headers")
			}
			w, hh := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if w > 1<<31-1 || hh > 1<<31-1 {
				return h, fmt.Errorf("%d×%d pixels", w, hh)
			}
			h.w, h.h = int(w), int(hh)
			depth, kind, interlace = int(body[8]), int(body[9]), int(body[12])
			h.gray = kind == pngGray || kind == pngGrayAlpha
		case "PLTE":
			if kind == pngPalette {
				h.gray = greys(body)
			}
		case "tRNS":
			transparent = true
		case "eXIf":
			h.orientation = exifOrientation(body)
		}
	}
	if depth == 0 {
		if len(data) < 8+25 {
			return h, errTruncated
		}
		return h, unsupported("0 bits a channel")
	}

	// What image/png allocates a pixel, and what a pixel takes inflated.
	channels := map[int]int{pngGray: 1, pngRGB: 3, pngPalette: 1, pngGrayAlpha: 2, pngRGBA: 4}[kind]
	if channels == 0 {
		return h, unsupported(fmt.Sprintf("colour type %d", kind))
	}
	per := int64(4)
	switch {
	case kind == pngPalette, kind == pngGray && !transparent:
		per = 1
	}
	if depth == 16 {
		per *= 2
		if kind != pngGray || transparent {
			per = 8
		}
	}
	if h.w > maxSide || h.h > maxSide {
		return h, nil // over the limits anyhow, and the products below could overflow
	}
	pixels := int64(h.w) * int64(h.h)
	h.cost = per * pixels
	if interlace != 0 {
		h.cost *= 2 // each of the seven passes is a picture of its own
	}
	h.copied = depth == 16 || kind == pngPalette || h.gray && per != 1
	h.least = pixels * int64(channels*depth) / 8 / 1032 // deflate cannot do better
	return h, nil
}

func pngDecode(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) }

// greys tells whether a table of RGB triples holds no colour.
func greys(rgb []byte) bool {
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		if rgb[0] != rgb[1] || rgb[1] != rgb[2] {
			return false
		}
	}
	return true
}
