package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// DType is the type of a tensor's values.
type DType int

// The types known, in the order in which tensors lie in a file: widest first, so
// that every value is aligned; of two as wide, the reference implementation's
// later one first (BF16, F16, U16, I16).
const (
	F32 DType = iota // IEEE 754 binary32
	F16              // IEEE 754 binary16
)

// dtypes says for each type what files call it, how many bytes a value takes
// and how it is written and read.
var dtypes = []struct {
	name string
	size int
	put  func(dst []byte, v float32)
	get  func(src []byte) float32
}{
	F32: {"F32", 4,
		func(dst []byte, v float32) { binary.LittleEndian.PutUint32(dst, math.Float32bits(v)) },
		func(src []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(src)) }},
	F16: {"F16", 2,
		func(dst []byte, v float32) { binary.LittleEndian.PutUint16(dst, toHalf(v)) },
		func(src []byte) float32 { return fromHalf(binary.LittleEndian.Uint16(src)) }},
}

// Size returns the bytes of one value.
func (d DType) Size() int { return dtypes[d].size }

// String returns the name that files use.
func (d DType) String() string { return dtypes[d].name }

func dtypeNamed(name string) (DType, error) {
	var known []string
	for d, row := range dtypes {
		if row.name == name {
			return DType(d), nil
		}
		known = append(known, row.name)
	}
	return 0, fmt.Errorf("dtype %.40q, want %s", name, strings.Join(known, " or "))
}
