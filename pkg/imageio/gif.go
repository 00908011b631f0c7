package imageio

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
)

// gifHeader walks to the first frame (GIF89a specification, sections 18 to 20).
// The picture has the size of the canvas, which the frame need not fill.
func gifHeader(data []byte) (header, error) {
	h := header{orientation: 1, copied: true}
	if len(data) < 13 {
		return h, errTruncated
	}
	h.w, h.h = int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:]))
	table, rest, err := gifTable(data[10], data[13:])
	if err != nil {
		return h, err
	}
	for {
		if len(rest) < 2 {
			return h, errTruncated
		}
		switch rest[0] {
		case 0x21: // an extension: a label, then blocks up to an empty one
			for rest = rest[2:]; ; {
				if len(rest) < 1 || len(rest) < 1+int(rest[0]) {
					return h, errTruncated
				}
				n := int(rest[0])
				if rest = rest[1+n:]; n == 0 {
					break
				}
			}
		case 0x2c: // an image descriptor: left, top, width, height, flags
			if len(rest) < 10 {
				return h, errTruncated
			}
			w, hh := int(binary.LittleEndian.Uint16(rest[5:])), int(binary.LittleEndian.Uint16(rest[7:]))
			own, _, err := gifTable(rest[9], rest[10:])
			if err != nil {
				return h, err
			}
			if own != nil {
				table = own
			}
			h.gray = greys(table)
			h.cost = int64(w) * int64(hh)
			if w != h.w || hh != h.h {
				h.cost += 4 * int64(h.w) * int64(h.h) // laid on the canvas
			}
			return h, nil
		case 0x3b:
			return h, fmt.Errorf("no frame")
		default:
			return h, fmt.Errorf("unknown block 0x%02x", rest[0])
		}
	}
}

// gifTable cuts the colour table that flags announce off data.
func gifTable(flags byte, data []byte) (table, rest []byte, err error) {
	if flags&0x80 == 0 {
		return nil, data, nil
	}
	n := 3 << (1 + flags&7)
	if len(data) < n {
		return nil, nil, errTruncated
	}
	return data[:n], data[n:], nil
}

// gifDecode returns the first frame, on a white canvas where it does not fill
// the canvas.
func gifDecode(s source) (image.Image, error) {
	frame, err := gif.Decode(s.reader())
	if err != nil {
		return nil, err
	}
	size := image.Rect(0, 0, int(binary.LittleEndian.Uint16(s.data[6:])), int(binary.LittleEndian.Uint16(s.data[8:])))
	if frame.Bounds() == size {
		return frame, nil
	}
	canvas := image.NewRGBA(size)
	draw.Draw(canvas, size, image.White, image.Point{}, draw.Src)
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Over)
	return canvas, nil
}
