package dataset

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"

	"squint/pkg/imageio"
)

// A segment of the cache is cacheMagic, entries, and the CRC-32C of all that.
// An entry is, numbers being big-endian, of 64 bits where nothing else is said:
//
//	length of the name (16 bits), name      Item.File
//	size, time, inode                       stat
//	key [32], gray [256], tint [32]         record
//	length of the format (8 bits), format
//	width, height, gray (8), orientation (8)
//	pixels
type entry struct {
	file   string
	stat   stat
	record record
	pixels []uint8
}

// It finds every error of up to 32 bits in a row, and processors compute it.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var errDamaged = errors.New("damaged")

func (e *entry) append(b []byte) []byte {
	put := func(v int64) { b = binary.BigEndian.AppendUint64(b, uint64(v)) }
	b = binary.BigEndian.AppendUint16(b, uint16(len(e.file)))
	b = append(b, e.file...)
	put(e.stat.Size)
	put(e.stat.Time)
	put(int64(e.stat.Inode))
	r := &e.record
	b = append(b, r.Key[:]...)
	b = append(b, r.Look.Gray[:]...)
	b = append(b, r.Look.Tint[:]...)
	b = append(b, byte(len(r.Info.Format)))
	b = append(b, r.Info.Format...)
	put(int64(r.Info.Width))
	put(int64(r.Info.Height))
	gray := byte(0)
	if r.Info.Gray {
		gray = 1
	}
	b = append(b, gray, byte(r.Info.Orientation))
	return append(b, e.pixels...)
}

// cutEntry takes the first entry off b, whose pixels it shares.
func cutEntry(b []byte, size int) (e entry, rest []byte, err error) {
	ok := true
	cut := func(n int) []byte {
		if n > len(b) {
			ok = false
			return make([]byte, n) // n is at most what two bytes can say, or size
		}
		var head []byte
		head, b = b[:n], b[n:]
		return head
	}
	number := func() int64 { return int64(binary.BigEndian.Uint64(cut(8))) }
	e.file = string(cut(int(binary.BigEndian.Uint16(cut(2)))))
	e.stat = stat{Size: number(), Time: number(), Inode: uint64(number())}
	r := &e.record
	copy(r.Key[:], cut(len(r.Key)))
	copy(r.Look.Gray[:], cut(len(r.Look.Gray)))
	copy(r.Look.Tint[:], cut(len(r.Look.Tint)))
	r.Info.Format = string(cut(int(cut(1)[0])))
	r.Info.Width, r.Info.Height = int(number()), int(number())
	r.Info.Gray, r.Info.Orientation = cut(1)[0] == 1, int(cut(1)[0])
	e.pixels = cut(size)
	if !ok {
		return entry{}, nil, errDamaged
	}
	return e, b, nil
}

// readSegment returns the entries of a segment that is whole.
func readSegment(path string) ([]byte, error) {
	b, err := imageio.ReadFile(path, imageio.Limits{FileBytes: mostCache})
	if err != nil {
		return nil, err
	}
	n := len(b) - 4
	if n < len(cacheMagic) || !strings.HasPrefix(string(b[:len(cacheMagic)]), cacheMagic) ||
		crc32.Checksum(b[:n], castagnoli) != binary.BigEndian.Uint32(b[n:]) {
		return nil, errDamaged
	}
	return b[len(cacheMagic):n], nil
}
