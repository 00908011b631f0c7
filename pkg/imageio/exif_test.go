package imageio

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestExifOrientation(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	block := exifBlock(le, 3, 6)
	patch := func(at int, b ...byte) []byte {
		out := append([]byte{}, block...)
		copy(out[at:], b)
		return out
	}
	behind := append(append([]byte{}, block[:8]...), 2, 0) // the second entry of two
	behind = append(behind, 0x0f, 1, 2, 0, 4, 0, 0, 0, 'A', 'B', 'C', 0)
	behind = append(behind, block[10:]...)
	for _, c := range []struct {
		name string
		exif []byte
		want int
	}{
		{"little endian", block, 6},
		{"big endian", exifBlock(be, 3, 8), 8},
		{"as a LONG", exifBlock(le, 4, 3), 3},
		{"as a big-endian LONG", exifBlock(be, 4, 3), 3},
		{"with JPEG's prefix", append([]byte("Exif\x00\x00"), block...), 6},
		{"second entry", behind, 6},
		{"0", exifBlock(le, 3, 0), 1},
		{"9", exifBlock(le, 3, 9), 1},
		{"65535", exifBlock(le, 3, 65535), 1},
		{"65537 as a LONG", exifBlock(le, 4, 65537), 1},
		{"as text", exifBlock(le, 2, 6), 1},
		{"nothing", nil, 1},
		{"neither II nor MM", patch(0, 'X', 'X'), 1},
		{"directory at 0xffffffff", patch(4, 0xff, 0xff, 0xff, 0xff), 1},
		{"directory at its own end", patch(4, byte(len(block))), 1},
		{"directory at the header", patch(4, 0), 1},
		{"65535 entries in room for one", patch(8, 0xff, 0xff), 6},
		{"no entries", patch(8, 0, 0), 1},
		{"next directory is this one", patch(22, 8), 6},
	} {
		if got := exifOrientation(c.exif); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	for n := range block { // cut anywhere
		if got := exifOrientation(block[:n]); got != 1 && !(n >= 22 && got == 6) {
			t.Errorf("%d of %d bytes: %d", n, len(block), got)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	for o := range uint32(10) {
		f.Add(exifBlock(binary.LittleEndian, 3, o))
		f.Add(exifBlock(binary.BigEndian, 4, o))
		f.Add(append([]byte("Exif\x00\x00"), exifBlock(binary.BigEndian, 3, o)...))
	}
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x00\xff\xff"))
	jpg := flatJPEG{w: 9, h: 8, sampling: []byte{0x11}}.bytes()
	f.Fuzz(func(t *testing.T, exif []byte) {
		o := exifOrientation(exif)
		if o < 1 || 8 < o {
			t.Fatalf("orientation %d", o)
		}
		if len(exif) > 60000 || bytes.HasPrefix(exif, []byte("Exif\x00\x00")) {
			return
		}
		info, err := Identify(withExif(jpg, exif))
		if err != nil || info.Orientation != o {
			t.Fatalf("in a JPEG: %+v, %v; alone: %d", info, err, o)
		}
		if w := map[bool]int{true: 8, false: 9}[o >= 5]; info.Width != w {
			t.Fatalf("orientation %d: %+v", o, info)
		}
	})
}
