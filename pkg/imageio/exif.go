package imageio

import (
	"bytes"
	"encoding/binary"
)

// exifOrientation returns the orientation, 1 to 8, that an EXIF block states,
// and 1 for a block without one, a senseless one, or a block that is broken:
// a photo must not be lost over its metadata.
//
// exif is a TIFF structure (EXIF 2.32, section 4.5), with or without the
// "Exif\0\0" that JPEG puts before it. Only the first directory is read and no
// link is followed, so there is nothing that could loop, whatever is in it.
func exifOrientation(exif []byte) int {
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	n := int(order.Uint16(exif[at:])) // entries of 12 bytes: tag, type, count, value
	for ; n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
		if order.Uint16(entries) != 0x0112 { // Orientation
			continue
		}
		var v uint32
		switch order.Uint16(entries[2:]) {
		case 3: // SHORT, as the standard has it
			v = uint32(order.Uint16(entries[8:]))
		case 4: // LONG, as some software has it
			v = order.Uint32(entries[8:])
		}
		if 1 <= v && v <= 8 {
			return int(v)
		}
		return 1
	}
	return 1
}
