package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// The NPY format (numpy.lib.format in NumPy's documentation): "\x93NUMPY", two
// bytes of version, the header's length in 16 bits or, from version 2 on, 32,
// the header, which is a Python dictionary, and the values.

// npyHeader is what is said of an array.
type npyHeader struct {
	kind byte // 'u' or 'i'
	size int  // bytes of a value
	big  bool // the most significant byte first
	dims []int
}

// maxNPYHeader is far above what NumPy writes, which pads to 64 bytes.
const maxNPYHeader = 1 << 16

var (
	npyDescr = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyOrder = regexp.MustCompile(`'fortran_order'\s*:\s*(True|False)`)
	npyShape = regexp.MustCompile(`'shape'\s*:\s*\(([\d,\sL]*)\)`)
	npyType  = regexp.MustCompile(`^[|<>=]?([ui])([1248])$`)
)

// readNPYHeader reads up to the values, which have to be whole numbers.
func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:10]); err != nil || string(head[:6]) != "\x93NUMPY" {
		return h, fmt.Errorf("no NPY header: it begins %q", head[:6])
	}
	n := int(binary.LittleEndian.Uint16(head[8:]))
	if head[6] >= 2 {
		if _, err := io.ReadFull(r, head[10:]); err != nil {
			return h, fmt.Errorf("NPY header: %w", err)
		}
		n = int(binary.LittleEndian.Uint32(head[8:]))
	}
	if n > maxNPYHeader {
		return h, fmt.Errorf("NPY header of %d bytes, want at most %d", n, maxNPYHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, fmt.Errorf("NPY header: %w", err)
	}
	descr, order, shape := npyDescr.FindSubmatch(text), npyOrder.FindSubmatch(text), npyShape.FindSubmatch(text)
	if descr == nil || order == nil || shape == nil {
		return h, fmt.Errorf("NPY header %.80q, want plain values with a descr, fortran_order and shape", text)
	}
	kind := npyType.FindSubmatch(descr[1])
	if kind == nil {
		return h, fmt.Errorf("values of type %q, want whole numbers such as %q", descr[1], "|u1")
	}
	h.kind, h.size, h.big = kind[1][0], int(kind[2][0]-'0'), descr[1][0] == '>'
	if string(order[1]) == "True" {
		return h, fmt.Errorf("values in Fortran's order, want C's: numpy.ascontiguousarray")
	}
	product := int64(h.size)
	for _, s := range strings.Split(string(shape[1]), ",") {
		s = strings.TrimSuffix(strings.TrimSpace(s), "L") // as Python 2 wrote
		if s == "" {
			continue
		}
		d, err := strconv.ParseInt(s, 10, 64)
		if err != nil || d > maxArray || product*d > maxArray { // two factors below 2^36 and 2^27
			return h, fmt.Errorf("NPY dimension %s after %v makes more than %d bytes", s, h.dims, int64(maxArray))
		}
		h.dims = append(h.dims, int(d))
		product *= d
	}
	return h, nil
}

// maxArray is the most bytes that an array may have: 128×128 in colour, 1.3 million times.
const maxArray = 1 << 36

// pixels tells whether the values are bytes.
func (h npyHeader) pixels() bool { return h.kind == 'u' && h.size == 1 }

// count returns the number of values.
func (h npyHeader) count() int {
	n := 1
	for _, d := range h.dims {
		n *= d
	}
	return n
}

// readNPYLabels reads whole numbers, [n] or [n][1].
func readNPYLabels(r io.Reader) ([]int64, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, err
	}
	if len(h.dims) != 1 && !(len(h.dims) == 2 && h.dims[1] == 1) {
		return nil, fmt.Errorf("dimensions %v, want [n] for labels", h.dims)
	}
	b, err := readExactly(r, h.count()*h.size)
	if err != nil {
		return nil, err
	}
	labels := make([]int64, h.count())
	for i := range labels {
		v := uint64(0)
		for k, x := range b[i*h.size : (i+1)*h.size] {
			if h.big {
				v = v<<8 | uint64(x)
			} else {
				v |= uint64(x) << (8 * k)
			}
		}
		if unused := 64 - 8*h.size; h.kind == 'i' {
			labels[i] = int64(v<<unused) >> unused
		} else {
			labels[i] = int64(v)
		}
	}
	return labels, nil
}
