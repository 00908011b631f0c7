package imageio

import (
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

// pngHeader reads the first chunk, then walks over the others, since the
// orientation may stand behind the pixels. Nothing is inflated.
func pngHeader(data []byte) (header, error) {
	h := header{orientation: 1}
	const signature, ihdr = 8, 12 + 13
	if len(data) < signature+ihdr {
		return h, errTruncated
	}
	first := data[signature:]
	if n := binary.BigEndian.Uint32(first); n != 13 || string(first[4:8]) != "IHDR" {
		return h, fmt.Errorf("begins with chunk %q of %d bytes", first[4:8], n)
	}
	w, hh := binary.BigEndian.Uint32(first[8:]), binary.BigEndian.Uint32(first[12:])
	depth, kind, interlaced := int64(first[16]), first[17], first[20] != 0
	h.w, h.h = int(w), int(hh)
	h.gray = kind == pngGray || kind == pngGrayAlpha

	transparent := false
	for rest := data[signature+ihdr:]; len(rest) >= 12; {
		n, name := int64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		if n > int64(len(rest))-12 || name == "IEND" {
			break // what is missing, the decoder will say
		}
		body := rest[8 : 8+n]
		rest = rest[12+n:]
		switch name {
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

	var channels int64   // in the file
	perPixel := int64(4) // bytes of what image/png makes of it
	switch kind {
	case pngGray:
		channels = 1
		if !transparent {
			perPixel = 1
		}
	case pngPalette:
		channels, perPixel = 1, 1
	case pngGrayAlpha:
		channels = 2
	case pngRGB:
		channels = 3
	case pngRGBA:
		channels = 4
	default:
		return h, unsupported(fmt.Sprintf("colour type %d", kind))
	}
	if depth == 16 {
		perPixel *= 2
	}
	pixels := int64(h.w) * int64(h.h)
	h.cost = perPixel * pixels
	if interlaced {
		h.cost *= 2 // each of the seven passes is a picture of its own
	}
	h.copied = depth == 16 || kind == pngPalette || h.gray && perPixel != 1
	h.least = pixels * channels * depth / 8 / 1032 // deflate cannot do better
	return h, nil
}

func pngDecode(s source) (image.Image, error) { return png.Decode(s.reader()) }

// greys tells whether a table of RGB triples holds no colour.
func greys(rgb []byte) bool {
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		if rgb[0] != rgb[1] || rgb[1] != rgb[2] {
			return false
		}
	}
	return true
}
