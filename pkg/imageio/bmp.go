package imageio

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"

	"golang.org/x/image/bmp"
)

// bmpHeader lets the decoder read its own header, which allocates next to
// nothing, and adds what the pixels must take in the file.
func bmpHeader(data []byte) (header, error) {
	cfg, err := bmp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return header{}, err
	}
	h := header{w: cfg.Width, h: cfg.Height, orientation: 1}
	pixels := int64(h.w) * int64(h.h)
	h.cost = 4 * pixels
	if p, ok := cfg.ColorModel.(color.Palette); ok {
		h.cost, h.copied, h.gray = pixels, true, true
		for _, c := range p {
			r, g, b, _ := c.RGBA()
			h.gray = h.gray && r == g && g == b
		}
	}
	// Rows are whole words of four bytes; the decoder has read up to here.
	bits := int64(binary.LittleEndian.Uint16(data[28:]))
	h.least = int64(binary.LittleEndian.Uint32(data[10:])) + (int64(h.w)*bits+31)/32*4*int64(h.h)
	return h, nil
}

func bmpDecode(s source) (image.Image, error) { return bmp.Decode(s.reader()) }
