package imageio

import (
	"encoding/binary"
	"fmt"
	"image"

	"golang.org/x/image/webp"
)

// webpHeader walks over the chunks of the RIFF container (RFC 9649, section
// 2.3). The size is that of the coded picture, and an extended header that says
// another is an error: a few bytes of lossless data decode to any size.
func webpHeader(data []byte) (header, error) {
	h := header{orientation: 1}
	if riff := int64(binary.LittleEndian.Uint32(data[4:])) + 8; riff > int64(len(data)) {
		return h, errTruncated
	} else if riff >= 12 {
		data = data[:riff]
	}
	var canvasW, canvasH int
	extended, alpha := false, false
	for rest := data[12:]; len(rest) >= 8; {
		name, n := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		if n > int64(len(body)) {
			return h, errTruncated
		}
		rest = body[min(n+n&1, int64(len(body))):]
		body = body[:n]
		switch name {
		case "VP8X":
			if n < 10 {
				return h, fmt.Errorf("extended header of %d bytes", n)
			}
			if body[0]&2 != 0 {
				return h, unsupported("animation")
			}
			extended, alpha = true, body[0]&16 != 0
			canvasW, canvasH = uint24(body[4:])+1, uint24(body[7:])+1
		case "EXIF":
			h.orientation = exifOrientation(body)
		case "VP8 ":
			if h.w != 0 {
				return h, fmt.Errorf("two pictures")
			}
			if n < 10 || string(body[3:6]) != "\x9d\x01\x2a" { // RFC 6386, section 9.1
				return h, fmt.Errorf("no key frame")
			}
			h.w, h.h = int(binary.LittleEndian.Uint16(body[6:])&0x3fff), int(binary.LittleEndian.Uint16(body[8:])&0x3fff)
			blocks := int64((h.w+15)/16) * int64((h.h+15)/16)
			h.cost = blocks * (256 + 2*64 + 16)
			if h.copied = alpha; alpha { // the alpha channel may itself be a lossless picture
				h.cost += int64(h.w)*int64(h.h) + losslessCost(h, n)
			}
		case "VP8L":
			if h.w != 0 {
				return h, fmt.Errorf("two pictures")
			}
			if n < 5 || body[0] != 0x2f { // RFC 9649, section 3.4
				return h, fmt.Errorf("no lossless header")
			}
			bits := binary.LittleEndian.Uint32(body[1:])
			h.w, h.h = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
			h.cost = losslessCost(h, n)
		}
	}
	if h.w == 0 {
		return h, fmt.Errorf("no picture")
	}
	if extended && (h.w != canvasW || h.h != canvasH) {
		return h, fmt.Errorf("a picture of %d×%d on a canvas of %d×%d", h.w, h.h, canvasW, canvasH)
	}
	return h, nil
}

// losslessCost bounds what the lossless decoder holds for n bytes of data: two
// pictures at once, while it undoes a transform, and Huffman trees, of which n
// bytes can describe 400·n bytes, and the decoder accepts 200 MB.
func losslessCost(h header, n int64) int64 {
	return 8*int64(h.w)*int64(h.h) + min(400*n, 200_000_000)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func webpDecode(s source) (image.Image, error) {
	img, err := webp.Decode(s.reader())
	if err != nil {
		return nil, err
	}
	switch m := img.(type) {
	case *image.YCbCr:
		fullRange(m)
	case *image.NYCbCrA:
		fullRange(&m.YCbCr)
	}
	return img, nil
}

// fullRange stretches the planes of m, which it owns, from the range that video
// uses (RFC 6386, section 9.2: luma 16 to 235, chroma 16 to 240) to the full one
// that image.YCbCr means. The decoder leaves this undone, and the picture pale:
// blacks would come out as 16.
func fullRange(m *image.YCbCr) {
	for i, v := range m.Y {
		m.Y[i] = fullLuma[v]
	}
	for i, v := range m.Cb {
		m.Cb[i] = fullChroma[v]
	}
	for i, v := range m.Cr {
		m.Cr[i] = fullChroma[v]
	}
}

var fullLuma, fullChroma = func() (luma, chroma [256]uint8) {
	for v := range 256 {
		luma[v] = uint8(min(max(((v-16)*255*2+219)/(2*219), 0), 255))
		d := (v - 128) * 255 * 2
		if d < 0 {
			d -= 224
		} else {
			d += 224
		}
		chroma[v] = uint8(min(max(128+d/(2*224), 0), 255))
	}
	return
}()
