package imageio

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// What the tests decode is built here, byte by byte where no encoder would.

// scene is a picture with an edge in every direction and no symmetry, w×h.
func scene(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8((x*x + 3*y) % 256), 255})
		}
	}
	return m
}

// grayScene is a grey picture without symmetry.
func grayScene(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetGray(x, y, color.Gray{uint8(x*37 + y*91 + x*y*13)})
		}
	}
	return m
}

// paletted is a picture of indices into seven colours, two of them transparent.
func paletted() *image.Paletted {
	p := color.Palette{color.Black, color.White, color.NRGBA{200, 10, 30, 255}, color.NRGBA{}, color.NRGBA{0, 90, 0, 128}, color.Gray{99}, color.NRGBA{0, 0, 255, 255}}
	m := image.NewPaletted(image.Rect(0, 0, 9, 6), p)
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 5 % len(p))
	}
	return m
}

func encode(t testing.TB, format string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: 95})
	case "png":
		err = png.Encode(&b, m)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	default:
		t.Fatalf("no encoder for %q", format)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A flatJPEG is a JPEG whose every coefficient is 0: each sample is 128. Its
// Huffman tables have one code of one bit, so that a block is two bits.
type flatJPEG struct {
	frame     byte // SOF marker; 0 is baseline
	bits      byte // a channel; 0 is 8
	w, h      int
	sampling  []byte // one factor pair a channel, such as 0x22, 0x11, 0x11
	adobe     int    // transform of an Adobe segment; 0 is no segment, 1 is transform 0
	exif      []byte
	scans     int // of a progressive frame: AC scans after the first
	noEnd     bool
	trailing  []byte
	noEntropy bool
}

func segment(marker byte, body ...byte) []byte {
	return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

func (f flatJPEG) bytes() []byte {
	if f.frame == 0 {
		f.frame = jpegSOF0
	}
	if f.bits == 0 {
		f.bits = 8
	}
	out := []byte{0xff, 0xd8}
	if f.exif != nil {
		out = append(out, segment(jpegAPP1, append([]byte("Exif\x00\x00"), f.exif...)...)...)
	}
	if f.adobe > 0 {
		out = append(out, segment(jpegAPPe, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, byte(f.adobe-1))...)
	}
	out = append(out, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)
	sof := []byte{f.bits, byte(f.h >> 8), byte(f.h), byte(f.w >> 8), byte(f.w), byte(len(f.sampling))}
	sos := []byte{byte(len(f.sampling))}
	perUnit, hs, vs := 0, 1, 1
	for i, s := range f.sampling {
		sof = append(sof, byte(i+1), s, 0)
		sos = append(sos, byte(i+1), 0)
		perUnit += int(s>>4) * int(s&15)
	}
	if len(f.sampling) == 1 {
		perUnit = 1
	} else if len(f.sampling) > 0 {
		hs, vs = int(f.sampling[0]>>4), int(f.sampling[0]&15)
	}
	out = append(out, segment(f.frame, sof...)...)
	one := append([]byte{1}, make([]byte, 15)...) // one code of length 1
	for _, class := range []byte{0x00, 0x10} {
		out = append(out, segment(jpegDHT, append(append([]byte{class}, one...), 0)...)...)
	}
	blocks := perUnit * ((f.w + 8*hs - 1) / (8 * hs)) * ((f.h + 8*vs - 1) / (8 * vs))
	scan := func(header []byte, bits int) {
		out = append(out, segment(jpegSOS, header...)...)
		if f.noEntropy {
			return
		}
		out = append(out, make([]byte, bits/8)...)
		if bits%8 != 0 {
			out = append(out, 0xff>>(bits%8))
		}
	}
	if f.frame == jpegSOF2 {
		scan(append(sos, 0, 0, 0), blocks)
		for range f.scans {
			scan([]byte{1, 1, 0, 1, 63, 0}, (f.w+7)/8*((f.h+7)/8))
		}
	} else {
		scan(append(sos, 0, 63, 0), 2*blocks)
	}
	if !f.noEnd {
		out = append(out, 0xff, jpegEOI)
	}
	return append(out, f.trailing...)
}

// exifBlock is a TIFF structure whose only entry is an orientation.
func exifBlock(order binary.ByteOrder, kind uint16, orientation uint32) []byte {
	b := []byte("II*\x00")
	if order == binary.ByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = append(b, make([]byte, 4+2+12+4)...)
	order.PutUint32(b[4:], 8)
	order.PutUint16(b[8:], 1)
	order.PutUint16(b[10:], 0x0112)
	order.PutUint16(b[12:], kind)
	order.PutUint32(b[14:], 1)
	if kind == 3 {
		order.PutUint16(b[18:], uint16(orientation))
	} else {
		order.PutUint32(b[18:], orientation)
	}
	return b
}

// withExif puts an EXIF segment behind a JPEG's first marker.
func withExif(jpg, exif []byte) []byte {
	seg := segment(jpegAPP1, append([]byte("Exif\x00\x00"), exif...)...)
	return append(append(append([]byte{}, jpg[:2]...), seg...), jpg[2:]...)
}

// pngChunk is a chunk with its right checksum.
func pngChunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// pngHead is a PNG's signature and header.
func pngHead(w, h uint32, depth, kind, interlaced byte) []byte {
	body := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(body, depth, kind, 0, 0, interlaced))...)
}

// gifDot is a GIF whose frame is one black pixel in the corner of a large canvas.
func gifDot(w, h uint16) []byte {
	out := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte("GIF89a"), w), h)
	out = append(out, "\x80\x00\x00\x00\x00\x00\xff\xff\xff"...)     // a table of black and white
	out = append(out, "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00"...) // a frame of 1×1 at (0, 0)
	return append(out, "\x02\x02\x44\x01\x00\x3b"...)                // clear, 0, end
}

// riff is a WebP container of the chunks, each a name and a body.
func riff(chunks ...[]byte) []byte {
	out := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		out = append(out, c[:4]...)
		out = binary.LittleEndian.AppendUint32(out, uint32(len(c)-4))
		out = append(out, c[4:]...)
		if len(c)%2 == 1 {
			out = append(out, 0)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// vp8l is a lossless WebP chunk of one colour: five Huffman trees of a single
// symbol, so that no pixel takes any bits (RFC 9649, section 3.7.2.1.1). Of any
// size it is the 28-byte file of golang/go#80254.
func vp8l(w, h int, r, g, b, a uint8) []byte {
	var bits uint64
	n := 0
	put := func(v uint64, width int) { bits |= v << n; n += width }
	out := []byte("VP8L\x2f")
	head := uint32(w-1) | uint32(h-1)<<14 | 1<<28
	out = binary.LittleEndian.AppendUint32(out, head)
	put(0, 3) // no transform, no colour cache, one group of trees
	for _, v := range []uint8{g, r, b, a} {
		put(0b101, 3) // simple, one symbol, of eight bits
		put(uint64(v), 8)
	}
	put(0b001, 3) // the distance tree: symbol 0, of one bit
	put(0, 1)
	return append(binary.LittleEndian.AppendUint64(out, bits), 0, 0)
}

// vp8x is an extended WebP header.
func vp8x(flags byte, w, h int) []byte {
	return append([]byte("VP8X"), flags, 0, 0, 0, byte(w-1), byte((w-1)>>8), byte((w-1)>>16), byte(h-1), byte((h-1)>>8), byte((h-1)>>16))
}

// bmpHead is a BMP up to its pixels.
func bmpHead(w, h int32, bits uint16) []byte {
	b := make([]byte, 54)
	copy(b, "BM")
	binary.LittleEndian.PutUint32(b[10:], 54)
	binary.LittleEndian.PutUint32(b[14:], 40)
	binary.LittleEndian.PutUint32(b[18:], uint32(w))
	binary.LittleEndian.PutUint32(b[22:], uint32(h))
	binary.LittleEndian.PutUint16(b[26:], 1)
	binary.LittleEndian.PutUint16(b[28:], bits)
	return b
}
