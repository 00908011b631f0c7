package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"image"
	"image/draw"
)

// Key is the content key of a picture, see KeyOf.
type Key [sha256.Size]byte

// String returns the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// The kinds of samples that a key is computed over.
const (
	kindGray  = 1
	kindRGBA  = 4
	kindYCbCr = 16
)

// KeyOf returns the content key of a decoded, upright picture: a SHA-256 over
// its pixels at their own size, so that the same picture has the same key
// whatever its name, its place and its lossless format.
//
// What is hashed: 16 bytes of header ("pix1", then width, height and kind as
// big-endian 32-bit numbers) and 8-bit samples, rows from the top, by kind
//
//   - 1, grey: one sample a pixel. A picture all of whose pixels are grey and
//     opaque is of this kind however its file encodes it.
//   - 4, colour: R, G, B and A of each pixel, multiplied by A.
//   - 16 + n, JPEG colour: the planes Y, Cb and Cr as they were stored, where n
//     is the image.YCbCrSubsampleRatio. Hashing them as RGB would cost more
//     than decoding a small photo does; the price is that a colour JPEG and
//     its conversion to PNG have different keys.
//
// Samples of 16 bits count by their upper 8.
func KeyOf(img image.Image) Key {
	h := sha256.New()
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		header(h, b, kindGray)
		plane(h, m.Pix, m.Stride, b.Dx(), b.Dy())
	case *image.YCbCr:
		ycbcr(h, m)
	default:
		other(h, img)
	}
	var k Key
	h.Sum(k[:0])
	return k
}

func header(h hash.Hash, b image.Rectangle, kind int) {
	var head [16]byte
	copy(head[:], "pix1")
	binary.BigEndian.PutUint32(head[4:], uint32(b.Dx()))
	binary.BigEndian.PutUint32(head[8:], uint32(b.Dy()))
	binary.BigEndian.PutUint32(head[12:], uint32(kind))
	h.Write(head[:])
}

// plane hashes height rows of width bytes that begin stride bytes apart.
func plane(h hash.Hash, pix []uint8, stride, width, height int) {
	if stride == width {
		h.Write(pix[:width*height])
		return
	}
	for y := range height {
		h.Write(pix[y*stride:][:width])
	}
}

func ycbcr(h hash.Hash, m *image.YCbCr) {
	b := m.Rect
	if b.Empty() {
		header(h, b, kindGray)
		return
	}
	// The planes begin at b.Min, but may be those of a larger picture, or
	// padded to whole blocks.
	width := m.COffset(b.Max.X-1, b.Min.Y) + 1
	height := m.COffset(b.Min.X, b.Max.Y-1)/m.CStride + 1
	if flat(m.Cb, m.CStride, width, height) && flat(m.Cr, m.CStride, width, height) {
		header(h, b, kindGray) // and the grey of a pixel is its Y, exactly
		plane(h, m.Y, m.YStride, b.Dx(), b.Dy())
		return
	}
	header(h, b, kindYCbCr+int(m.SubsampleRatio))
	plane(h, m.Y, m.YStride, b.Dx(), b.Dy())
	plane(h, m.Cb, m.CStride, width, height)
	plane(h, m.Cr, m.CStride, width, height)
}

// flat tells whether a plane of chroma says "no colour" throughout.
func flat(pix []uint8, stride, width, height int) bool {
	for y := range height {
		for _, v := range pix[y*stride:][:width] {
			if v != 128 {
				return false
			}
		}
	}
	return true
}

// other hashes a picture of any type row by row, converted to RGBA.
func other(h hash.Hash, img image.Image) {
	b := img.Bounds()
	row := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	convert := func(y int) {
		draw.Draw(row, row.Rect, img, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
	}
	// A colour picture mostly shows itself in the first row.
	for y := range b.Dy() {
		convert(y)
		for i := 0; i < len(row.Pix); i += 4 {
			if p := row.Pix[i : i+4 : i+4]; p[0] != p[1] || p[1] != p[2] || p[3] != 255 {
				header(h, b, kindRGBA)
				for y := range b.Dy() {
					convert(y)
					h.Write(row.Pix)
				}
				return
			}
		}
	}
	header(h, b, kindGray)
	gray := make([]uint8, b.Dx())
	for y := range b.Dy() {
		convert(y)
		for i := range gray {
			gray[i] = row.Pix[4*i]
		}
		h.Write(gray)
	}
}
