// Package safetensors reads and writes squint's own files: models and
// checkpoints. They are safetensors files, which every machine learning tool
// reads (https://github.com/huggingface/safetensors), in one strict form:
//
//	8 bytes   length of the header, little-endian
//	header    {"__metadata__":{"key":"value",…},"name":{"dtype":"F32","shape":[…],"data_offsets":[from,to]},…}
//	          and up to 7 spaces, so that its length is a multiple of 8
//	data      the tensors' values, little-endian, without gaps
//
// The header is JSON without white space. Metadata keys are sorted by bytes;
// tensors are sorted by dtype, the widest first, then by name, and their data
// lies in the same order: the form that the reference implementation writes.
// Among the metadata is "sha256", the SHA-256 of the whole file in hexadecimal,
// computed with 64 zeros in its own place.
//
// Encode writes no other form and Decode accepts no other: what it accepts,
// Encode writes back byte for byte. There is no room for holes, overlaps,
// duplicates or anything behind the end, and a single changed bit anywhere is
// an error.
package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"
)

// Limits of a file, all checked before memory is taken.
const (
	MaxHeader  = 1 << 20 // bytes
	MaxTensors = 4096
	MaxRank    = 8
	MaxName    = 255 // bytes in the name of a tensor or a metadata key
)

// SumKey is the metadata key of the checksum, which only this package writes.
const SumKey = "sha256"

// metadataKey is the name in the header that is no tensor's.
const metadataKey = "__metadata__"

// File is what a file holds. The tensors' data is that of the bytes that Decode
// was given, not a copy.
type File struct {
	Meta    map[string]string // without the checksum
	Tensors []Tensor          // in the order of the file
	Sum     string            // the checksum, 64 hexadecimal digits: names the file's content
}

// Tensor is one array of numbers.
type Tensor struct {
	Name  string
	DType DType
	Shape []int  // sizes of the dimensions, at least 1; none for a single number
	Data  []byte // the values, little-endian, last dimension fastest
}

// New returns a tensor of type d with the values, rounded to d.
func New(name string, d DType, shape []int, values []float32) Tensor {
	t := Tensor{Name: name, DType: d, Shape: shape, Data: make([]byte, len(values)*d.Size())}
	row := dtypes[d]
	for i, v := range values {
		row.put(t.Data[i*row.size:], v)
	}
	return t
}

// Len returns the number of values.
func (t *Tensor) Len() int { return len(t.Data) / t.DType.Size() }

// Floats writes the values to dst, which has room for Len() of them.
func (t *Tensor) Floats(dst []float32) {
	row := dtypes[t.DType]
	dst = dst[:t.Len()]
	if t.DType == F32 { // nearly all there is: no call for each value
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
		return
	}
	if t.DType == F16 {
		for i := range dst {
			h := binary.LittleEndian.Uint16(t.Data[2*i:])
			if e := h >> 10 & 31; e-1 < 30 { // a normal number, as nearly all are
				dst[i] = math.Float32frombits(uint32(h&0x8000)<<16 | uint32(h&0x7fff)<<13 + (127-15)<<23)
			} else {
				dst[i] = fromHalf(h)
			}
		}
		return
	}
	for i := range dst {
		dst[i] = row.get(t.Data[i*row.size:])
	}
}

// Tensor returns the tensor called name, or nil.
func (f *File) Tensor(name string) *Tensor {
	for i := range f.Tensors {
		if f.Tensors[i].Name == name {
			return &f.Tensors[i]
		}
	}
	return nil
}

// byteSize returns the bytes that a tensor of this type and shape takes, or
// says why there can be none.
func byteSize(d DType, shape []int) (int, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("%d dimensions, want at most %d", len(shape), MaxRank)
	}
	size := d.Size()
	for _, n := range shape {
		if n < 1 {
			return 0, fmt.Errorf("shape %v, want sizes of at least 1", shape)
		}
		if n > math.MaxInt/size {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		size *= n
	}
	return size, nil
}

// checkName says what is wrong with the name of a tensor or a metadata key.
// Without quotes in names, a name in the header is never part of another's.
func checkName(s string) error {
	if s == "" || len(s) > MaxName || !utf8.ValidString(s) || s == metadataKey {
		return fmt.Errorf("name %.40q, want 1 to %d bytes of UTF-8", s, MaxName)
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '"' || r == '\\' {
			return fmt.Errorf("name %.40q has quotes, backslashes or control characters", s)
		}
	}
	return nil
}

// before tells whether a stands before b in a file.
func before(a, b *Tensor) bool {
	if a.DType != b.DType {
		return a.DType < b.DType
	}
	return a.Name < b.Name
}
