package imageio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
)

// maxScans bounds how often a JPEG may refine itself. Encoders write about ten
// scans; every scan costs a pass over all pixels, and an empty one takes eight
// bytes of file: 1.7 MB can hold five minutes of work.
const maxScans = 256

// Markers of ITU-T T.81, table B.1.
const (
	jpegSOF0 = 0xc0 // baseline
	jpegSOF1 = 0xc1 // extended sequential
	jpegSOF2 = 0xc2 // progressive
	jpegDHT  = 0xc4
	jpegJPG  = 0xc8
	jpegDAC  = 0xcc
	jpegSOFf = 0xcf
	jpegRST0 = 0xd0
	jpegRST7 = 0xd7
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegAPP0 = 0xe0
	jpegAPP1 = 0xe1
	jpegAPPe = 0xee
)

// jpegMarker finds the first marker at or after data[i:]; next is where its
// segment's length stands. Stuffed and fill bytes and restart markers are
// passed over, as is anything else between segments, as image/jpeg does it.
func jpegMarker(data []byte, i int) (marker byte, next int, err error) {
	for {
		k := bytes.IndexByte(data[i:], 0xff)
		if k < 0 {
			return 0, 0, errTruncated
		}
		i += k + 1
		for i < len(data) && data[i] == 0xff {
			i++
		}
		if i == len(data) {
			return 0, 0, errTruncated
		}
		marker = data[i]
		i++
		if marker != 0 && (marker < jpegRST0 || jpegRST7 < marker) {
			return marker, i, nil
		}
	}
}

// jpegSegment returns the segment whose length stands at data[i:], and where
// it ends.
func jpegSegment(data []byte, i int) (seg []byte, next int, err error) {
	if len(data)-i < 2 {
		return nil, 0, errTruncated
	}
	n := int(binary.BigEndian.Uint16(data[i:]))
	if n < 2 {
		return nil, 0, fmt.Errorf("segment of %d bytes", n)
	}
	if len(data)-i < n {
		return nil, 0, errTruncated
	}
	return data[i+2 : i+n], i + n, nil
}

// jpegHeader reads the segments up to the first scan.
func jpegHeader(data []byte) (header, error) {
	h := header{orientation: 1}
	seenExif, jfif, adobeRGB := false, false, false
	var sof []byte
	var kind byte
	for i := 2; ; {
		marker, at, err := jpegMarker(data, i)
		if err != nil {
			return h, err
		}
		if marker == jpegEOI {
			return h, fmt.Errorf("no picture before the end marker")
		}
		seg, next, err := jpegSegment(data, at)
		if err != nil {
			return h, err
		}
		i = next
		switch {
		case marker == jpegSOS:
			if sof == nil {
				return h, fmt.Errorf("scan before the frame header")
			}
			return h, jpegFrame(&h, kind, sof, adobeRGB && !jfif)
		case marker == jpegAPP0:
			jfif = bytes.HasPrefix(seg, []byte("JFIF\x00"))
		case marker == jpegAPP1 && !seenExif && bytes.HasPrefix(seg, []byte("Exif\x00\x00")):
			seenExif = true
			h.orientation = exifOrientation(seg)
		case marker == jpegAPPe && len(seg) >= 12 && bytes.HasPrefix(seg, []byte("Adobe")):
			adobeRGB = seg[11] == 0
		case jpegSOF0 <= marker && marker <= jpegSOFf && marker != jpegDHT && marker != jpegJPG && marker != jpegDAC:
			if sof != nil {
				return h, fmt.Errorf("two frame headers")
			}
			kind, sof = marker, seg
		}
	}
}

// jpegFrame reads a frame header (T.81, B.2.2): size, channels and how finely
// each is sampled, from which follows what image/jpeg will allocate.
func jpegFrame(h *header, kind byte, sof []byte, rgb bool) error {
	switch {
	case kind > jpegSOF2 && kind < jpegDHT:
		return unsupported("lossless coding")
	case kind > jpegDHT && kind < jpegJPG:
		return unsupported("hierarchical coding")
	case kind > jpegJPG:
		return unsupported("arithmetic coding")
	}
	if len(sof) < 6 || len(sof) != 6+3*int(sof[5]) {
		return fmt.Errorf("frame header of %d bytes", len(sof))
	}
	if sof[0] != 8 {
		return unsupported(fmt.Sprintf("%d bits a channel", sof[0]))
	}
	channels := int(sof[5])
	if channels != 1 && channels != 3 && channels != 4 {
		return unsupported(fmt.Sprintf("%d channels", channels))
	}
	h.h = int(binary.BigEndian.Uint16(sof[1:]))
	h.w = int(binary.BigEndian.Uint16(sof[3:]))
	h.gray = channels == 1

	// In blocks of 8×8: one channel's own grid, or whole units of the first
	// channel's sampling factors, which image/jpeg requires to be the largest.
	hs, vs := int(sof[7]>>4), int(sof[7]&15)
	if channels == 1 {
		hs, vs = 1, 1
	}
	if hs < 1 || 4 < hs || vs < 1 || 4 < vs {
		return fmt.Errorf("sampling factors %d×%d", hs, vs)
	}
	units := int64((h.w+8*hs-1)/(8*hs)) * int64((h.h+8*vs-1)/(8*vs))
	perUnit := int64(0)
	for c := range channels {
		if f := sof[7+3*c]; channels == 1 {
			perUnit = 1
		} else {
			perUnit += int64(f>>4) * int64(f&15)
		}
	}
	h.cost = 64 * units * perUnit
	if kind == jpegSOF2 {
		h.cost *= 5 // and the coefficients of all scans, as int32
	}
	if channels == 4 || channels == 3 && (rgb || sof[6] == 'R' && sof[9] == 'G' && sof[12] == 'B') {
		h.cost += 4 * int64(h.w) * int64(h.h) // converted by the decoder
	}
	h.copied = channels == 4
	h.least = units * int64(hs*vs) / 8 // a block of the first channel takes a bit or more
	return nil
}

// jpegDecode decodes up to the end marker: what telephones append is not
// looked at. Where nothing but the marker is missing, as some cameras leave it, the
// picture is whole, if it is a baseline one, all of whose channels have begun: what
// else it lacked would be missed in the middle of a scan. A progressive one may
// not have been refined to its end, and nobody would know.
func jpegDecode(s source) (image.Image, error) {
	scans, channels, begun, progressive := 0, 0, 0, false
	for i := 2; ; {
		marker, at, err := jpegMarker(s.data, i)
		if err != nil && begun > 0 && begun >= channels && !progressive {
			return jpegWithEnd(s)
		}
		if err != nil {
			return nil, err
		}
		if marker == jpegEOI {
			return jpeg.Decode(source{s.data[:at], s.stop}.reader())
		}
		var seg []byte
		if seg, i, err = jpegSegment(s.data, at); err != nil {
			return nil, err
		}
		switch {
		case marker == jpegSOS:
			if scans++; scans > maxScans {
				return nil, tooLarge("more than %d scans", maxScans)
			}
			if len(seg) > 0 {
				begun += int(seg[0])
			}
		case jpegSOF0 <= marker && marker <= jpegSOF2 && len(seg) > 5: // as jpegHeader has found
			channels, progressive = int(seg[5]), marker == jpegSOF2
		}
	}
}

// jpegWithEnd decodes a file to which an end marker is added.
func jpegWithEnd(s source) (image.Image, error) {
	img, err := jpeg.Decode(io.MultiReader(s.reader(), bytes.NewReader([]byte{0xff, jpegEOI})))
	if err != nil {
		return nil, errTruncated
	}
	return img, nil
}
