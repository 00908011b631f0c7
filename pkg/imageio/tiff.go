package imageio

import (
	"bytes"
	"image"
	"image/color"

	"golang.org/x/image/tiff"
)

// tiffName is the one format that is read only where Limits say so.
const tiffName = "tiff"

// tiffHeader lets the decoder read its own header, and takes the worst for what
// follows: that all pixels are one strip, unpacked into a buffer that has doubled as
// it grew, at the eight bytes a pixel that the decoder accepts.
func tiffHeader(data []byte) (header, error) {
	cfg, err := tiff.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return header{}, err
	}
	// A TIFF is what EXIF is made of: the orientation is a tag in the same place.
	h := header{w: cfg.Width, h: cfg.Height, orientation: exifOrientation(data)}
	perPixel := int64(4)
	switch m := cfg.ColorModel.(type) {
	case color.Palette:
		perPixel, h.copied, h.gray = 1, true, true
		for _, c := range m {
			r, g, b, _ := c.RGBA()
			h.gray = h.gray && r == g && g == b
		}
	default:
		switch m {
		case color.GrayModel:
			perPixel, h.gray = 1, true
		case color.Gray16Model:
			perPixel, h.gray, h.copied = 2, true, true
		case color.RGBA64Model, color.NRGBA64Model:
			perPixel, h.copied = 8, true
		}
	}
	h.cost = (perPixel + 16) * int64(h.w) * int64(h.h)
	return h, nil
}

func tiffDecode(s source) (image.Image, error) { return tiff.Decode(s.reader()) }
