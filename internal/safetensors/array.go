package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Array is one tensor of a file that another program wrote.
type Array struct {
	Name  string
	DType string // F64, F32, F16, BF16, or one whose values nobody here reads
	Shape []int
	data  []byte
}

// formats says how other programs' numbers are read.
var formats = map[string]struct {
	size int
	get  func(b []byte) float32
}{
	"F64":  {8, func(b []byte) float32 { return float32(math.Float64frombits(binary.LittleEndian.Uint64(b))) }},
	"F32":  {4, dtypes[F32].get},
	"F16":  {2, dtypes[F16].get},
	"BF16": {2, func(b []byte) float32 { return math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16) }},
}

// Arrays reads any safetensors file, in whatever form its header is written,
// with or without a checksum, within the same limits as Decode. The arrays are
// in the order of the data and refer to b.
func Arrays(b []byte) ([]Array, error) {
	all, err := arrays(b)
	if err != nil {
		if kind := Foreign(b); kind != "" && kind != foreignSafetensors {
			return nil, fmt.Errorf("safetensors: not a safetensors file: it looks like %s", kind)
		}
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return all, nil
}

func arrays(b []byte) ([]Array, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%d bytes, which is no file at all", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > MaxHeader || n > uint64(len(b)-8) {
		return nil, fmt.Errorf("byte 0: header of %d bytes in a file of %d, want at most %d", n, len(b), MaxHeader)
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	delete(header, metadataKey)
	if len(header) > MaxTensors {
		return nil, fmt.Errorf("%d tensors, want at most %d", len(header), MaxTensors)
	}
	data := b[8+n:]
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	var all []Array
	starts := map[string]int{}
	for name, raw := range header {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("tensor %.40q: %w", name, err)
		}
		from, to := e.Offsets[0], e.Offsets[1]
		if from < 0 || to < from || to > len(data) {
			return nil, fmt.Errorf("tensor %.40q: data at %d to %d of %d", name, from, to, len(data))
		}
		a := Array{name, e.DType, e.Shape, data[from:to]}
		if err := a.check(); err != nil {
			return nil, fmt.Errorf("tensor %.40q: %w", name, err)
		}
		starts[name] = from
		all = append(all, a)
	}
	// Those without data stand before the one that begins there too.
	slices.SortFunc(all, func(a, b Array) int {
		return cmp.Or(starts[a.Name]-starts[b.Name], len(a.data)-len(b.data), cmp.Compare(a.Name, b.Name))
	})
	end := 0
	for _, a := range all {
		if starts[a.Name] != end {
			return nil, fmt.Errorf("tensor %.40q: data at %d, want it at %d: holes and overlaps are not allowed", a.Name, starts[a.Name], end)
		}
		end += len(a.data)
	}
	if end != len(data) {
		return nil, fmt.Errorf("%d bytes behind the last tensor", len(data)-end)
	}
	return all, nil
}

// check compares the shape of numbers that are read with their bytes.
func (a *Array) check() error {
	f, ok := formats[a.DType]
	if !ok {
		return nil
	}
	if len(a.Shape) > MaxRank {
		return fmt.Errorf("%d dimensions, want at most %d", len(a.Shape), MaxRank)
	}
	n := len(a.data) / f.size // what is left for the dimensions to come
	for _, d := range a.Shape {
		if d < 1 || n%d != 0 {
			n = 0
			break
		}
		n /= d
	}
	if n != 1 || len(a.data)%f.size != 0 {
		return fmt.Errorf("%d bytes of data for %s %v", len(a.data), a.DType, a.Shape)
	}
	return nil
}

// Floats returns the values as float32, which rounds those of F64.
func (a *Array) Floats() ([]float32, error) {
	f, ok := formats[a.DType]
	if !ok {
		return nil, fmt.Errorf("values of type %.20q, want F64, F32, F16 or BF16", a.DType)
	}
	v := make([]float32, len(a.data)/f.size)
	for i := range v {
		v[i] = f.get(a.data[i*f.size:])
	}
	return v, nil
}
