package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Encode returns the file with this metadata and these tensors, in any order.
// The same values give the same bytes. Neither argument is changed.
func Encode(meta map[string]string, tensors []Tensor) ([]byte, error) {
	b, err := encode(meta, tensors)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return b, nil
}

func encode(meta map[string]string, tensors []Tensor) ([]byte, error) {
	if _, ok := meta[SumKey]; ok {
		return nil, fmt.Errorf("metadata key %q is this package's own", SumKey)
	}
	if len(tensors) > MaxTensors {
		return nil, fmt.Errorf("%d tensors, want at most %d", len(tensors), MaxTensors)
	}
	all := maps.Clone(meta)
	if all == nil {
		all = map[string]string{}
	}
	all[SumKey] = strings.Repeat("0", sumLen)
	tensors = slices.Clone(tensors)
	slices.SortFunc(tensors, func(a, b Tensor) int {
		if before(&a, &b) {
			return -1
		}
		return 1
	})

	head := append(make([]byte, 8), `{"`+metadataKey+`":{`...)
	for i, key := range slices.Sorted(maps.Keys(all)) {
		if err := checkName(key); err != nil {
			return nil, fmt.Errorf("metadata: %w", err)
		}
		if !utf8.ValidString(all[key]) {
			return nil, fmt.Errorf("metadata %q is not UTF-8", key)
		}
		if i > 0 {
			head = append(head, ',')
		}
		head = append(appendString(head, key), ':')
		head = appendString(head, all[key])
	}
	head = append(head, '}')
	size := 0
	for i := range tensors {
		t := &tensors[i]
		if err := checkTensor(t); err != nil {
			return nil, fmt.Errorf("tensor %.40q: %w", t.Name, err)
		}
		if i > 0 && t.Name == tensors[i-1].Name {
			return nil, fmt.Errorf("tensor %.40q twice", t.Name)
		}
		head = appendEntry(append(head, ','), t, size)
		size += len(t.Data)
	}
	head = append(head, '}')
	for len(head)%8 > 0 {
		head = append(head, ' ')
	}
	if n := len(head) - 8; n > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes, want at most %d", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(head, uint64(len(head)-8))

	out := make([]byte, len(head), len(head)+size)
	copy(out, head)
	for i := range tensors {
		out = append(out, tensors[i].Data...)
	}
	if !Seal(out) {
		return nil, errors.New("no place for the checksum")
	}
	return out, nil
}

func checkTensor(t *Tensor) error {
	if err := checkName(t.Name); err != nil {
		return err
	}
	if t.DType < 0 || int(t.DType) >= len(dtypes) {
		return fmt.Errorf("dtype %d is unknown", int(t.DType))
	}
	size, err := byteSize(t.DType, t.Shape)
	if err != nil {
		return err
	}
	if size != len(t.Data) {
		return fmt.Errorf("%d bytes of data for %v %v, want %d", len(t.Data), t.DType, t.Shape, size)
	}
	return nil
}

// appendEntry appends a tensor's place in the header; its data begins at from.
func appendEntry(b []byte, t *Tensor, from int) []byte {
	b = appendString(b, t.Name)
	b = fmt.Appendf(b, `:{"dtype":"%s","shape":[`, t.DType)
	for i, n := range t.Shape {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Append(b, n)
	}
	return fmt.Appendf(b, `],"data_offsets":[%d,%d]}`, from, from+len(t.Data))
}

// appendString appends s as JSON with no escapes but those that JSON demands,
// as the reference implementation does. encoding/json escapes five more.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		if c := s[i]; c < ' ' {
			q, _ := json.Marshal(s[i : i+1]) // \n, \u001b …
			b = append(b, q[1:len(q)-1]...)
		} else {
			b = append(b, '\\', c)
		}
		from = i + 1
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
