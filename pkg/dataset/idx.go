package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// The IDX format (https://yann.lecun.com/exdb/mnist, at the end): two zero
// bytes, a byte for the type of the values, a byte for the number of
// dimensions, each dimension as a big-endian 32-bit number, the values.

const (
	idxUint8 = 0x08          // the only type that pictures and labels come in
	maxIDX   = math.MaxInt32 // bytes of values; EMNIST, the largest such set, has 0.6 GB
)

// WriteIDX writes unsigned bytes as an IDX file of the given dimensions: [n]
// for labels, [n][height][width] for grey pictures and [n][height][width][3]
// for colour ones.
func WriteIDX(w io.Writer, dims []int, data []uint8) error {
	head := []byte{0, 0, idxUint8, byte(len(dims))}
	size := 1
	for _, d := range dims {
		if d < 0 || int64(d) > math.MaxUint32 {
			return fmt.Errorf("dataset: idx: dimension %d of %v, want 32 bits", d, dims)
		}
		head = binary.BigEndian.AppendUint32(head, uint32(d))
		size *= d
	}
	if len(dims) == 0 || len(dims) > 255 || size != len(data) {
		return fmt.Errorf("dataset: idx: %d bytes for dimensions %v", len(data), dims)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

// readIDX reads a whole IDX file of unsigned bytes, gzip or not whatever its
// name says: browsers and archivers unpack without renaming.
func readIDX(r io.Reader) (dims []int, data []uint8, err error) {
	if r, err = gunzip(r); err != nil {
		return nil, nil, err
	}
	dims, size, err := readIDXHeader(r)
	if err != nil {
		return nil, nil, err
	}
	data, err = readExactly(r, size)
	return dims, data, err
}

// gunzip answers with what r holds uncompressed, as its first bytes tell.
func gunzip(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return z, nil
}

// readIDXHeader reads the dimensions and their product, which is at most maxIDX.
func readIDXHeader(r io.Reader) (dims []int, size int, err error) {
	var b [4]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return nil, 0, fmt.Errorf("no IDX header: %w", err)
	}
	if b[0] != 0 || b[1] != 0 || b[3] == 0 || b[3] > 4 {
		return nil, 0, fmt.Errorf("no IDX file: it begins % x, want 00 00 08 and 1 to 4 dimensions", b)
	}
	if b[2] != idxUint8 {
		return nil, 0, fmt.Errorf("IDX values of type 0x%02x, want 0x08 (unsigned bytes)", b[2])
	}
	dims = make([]int, b[3])
	product := int64(1)
	for i := range dims {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return nil, 0, fmt.Errorf("IDX header of %d dimensions ends at number %d: %w", len(dims), i, err)
		}
		d := int64(binary.BigEndian.Uint32(b[:]))
		if d > maxIDX || product*d > maxIDX { // two factors of 31 bits: no overflow
			return nil, 0, fmt.Errorf("IDX dimension %d after %v makes more than %d bytes", d, dims[:i], maxIDX)
		}
		dims[i] = int(d)
		product *= d
	}
	return dims, int(product), nil
}

// readExactly reads size bytes that must be followed by the end. It allocates
// as the bytes arrive, because size is only a header's word.
func readExactly(r io.Reader, size int) ([]byte, error) {
	var data []byte
	for len(data) < size {
		at := len(data)
		data = slices.Grow(data, min(size-at, max(at, 1<<16)))
		data = data[:min(size, cap(data))]
		n, err := io.ReadFull(r, data[at:])
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil, fmt.Errorf("%d bytes of values, want %d", at+n, size)
			}
			return nil, fmt.Errorf("after %d of %d bytes of values: %w", at+n, size, err)
		}
	}
	// The end of a gzip stream is also where its checksum is compared.
	switch n, err := io.CopyN(io.Discard, r, 1); {
	case n > 0:
		return nil, fmt.Errorf("more than the %d bytes of values that the header announces", size)
	case err != io.EOF:
		return nil, fmt.Errorf("after %d bytes of values: %w", size, err)
	}
	return data, nil
}
