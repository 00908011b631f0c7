package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Decode reads a file. The result refers to b and takes little memory of its
// own. Errors tell what is wrong at which byte, and for files of another kind
// what they seem to be.
func Decode(b []byte) (*File, error) {
	f, err := decode(b)
	if err != nil {
		if kind := Foreign(b); kind != "" {
			return nil, fmt.Errorf("safetensors: not a squint file: it looks like %s", kind)
		}
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

func decode(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%d bytes, which is no file at all", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > MaxHeader {
		return nil, fmt.Errorf("byte 0: header of %d bytes, want at most %d", n, MaxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, fmt.Errorf("byte 0: header of %d bytes in a file of %d: it is cut off", n, len(b))
	}
	if n%8 != 0 {
		return nil, fmt.Errorf("byte 0: header of %d bytes, want a multiple of 8", n)
	}
	r := &header{b: b[:8+n], at: 8}
	f, end := r.file()
	if r.err != nil {
		return nil, r.err
	}
	data := b[len(r.b):]
	if len(data) < end {
		return nil, fmt.Errorf("byte %d: the file ends, want %d: it is cut off", len(b), len(r.b)+end)
	}
	if len(data) > end {
		return nil, fmt.Errorf("byte %d: %d bytes behind the end", len(r.b)+end, len(data)-end)
	}
	if err := checkSum(b, f.Meta[SumKey]); err != nil {
		return nil, err
	}
	f.Sum = f.Meta[SumKey]
	delete(f.Meta, SumKey)
	from := 0
	for i := range f.Tensors {
		t := &f.Tensors[i]
		size, _ := byteSize(t.DType, t.Shape) // checked by tensor
		t.Data = data[from : from+size : from+size]
		from += size
	}
	return f, nil
}

// header reads the header's one form. The first error stays, and everything
// after it reads nothing.
type header struct {
	b   []byte // the file up to the end of the header
	at  int
	err error
}

func (r *header) fail(at int, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %w", at, err)
	}
}

// file reads everything but the data, of which the tensors take end bytes.
func (r *header) file() (f *File, end int) {
	f = &File{Meta: map[string]string{}}
	r.literal(`{"` + metadataKey + `":{`)
	last := ""
	for r.err == nil {
		at := r.at
		key := r.name()
		r.literal(":")
		value := r.string()
		if key <= last {
			r.fail(at, fmt.Errorf("metadata %q after %q, want them sorted", key, last))
		}
		last = key
		f.Meta[key] = value
		if !r.next(',') {
			break
		}
	}
	r.literal("}")
	for r.err == nil && r.next(',') {
		at := r.at
		t := r.tensor(&end)
		if n := len(f.Tensors); n == MaxTensors {
			r.fail(at, fmt.Errorf("more than %d tensors", n))
		} else if n > 0 && !before(&f.Tensors[n-1], &t) {
			r.fail(at, fmt.Errorf("tensor %q after %q, want them sorted", t.Name, f.Tensors[n-1].Name))
		}
		f.Tensors = append(f.Tensors, t)
	}
	r.literal("}")
	if pad := r.b[r.at:]; len(pad) > 7 || len(bytes.TrimLeft(pad, " ")) > 0 {
		r.fail(r.at, errors.New("want up to 7 spaces up to the end of the header"))
	}
	return f, end
}

// tensor reads one entry, whose data must begin at *end, and moves *end on.
func (r *header) tensor(end *int) (t Tensor) {
	at := r.at
	t.Name = r.name()
	r.literal(`:{"dtype":`)
	name := r.string()
	if r.err != nil {
		return t
	}
	d, err := dtypeNamed(name)
	if err != nil {
		r.fail(at, fmt.Errorf("tensor %q: %w", t.Name, err))
		return t
	}
	t.DType = d
	r.literal(`,"shape":[`)
	for r.err == nil && !r.next(']') {
		if len(t.Shape) > 0 {
			r.literal(",")
		}
		t.Shape = append(t.Shape, r.number())
		if len(t.Shape) > MaxRank {
			break // and byteSize complains
		}
	}
	if r.err != nil {
		return t
	}
	size, err := byteSize(d, t.Shape)
	if err == nil && size > maxNumber-*end {
		err = fmt.Errorf("shape %v is too large", t.Shape)
	}
	if err != nil {
		r.fail(at, fmt.Errorf("tensor %q: %w", t.Name, err))
		return t
	}
	r.literal(`,"data_offsets":[`)
	from := r.number()
	r.literal(",")
	to := r.number()
	r.literal("]}")
	if r.err == nil && (from != *end || to != *end+size) {
		r.fail(at, fmt.Errorf("tensor %q: data at %d to %d, want %d to %d", t.Name, from, to, *end, *end+size))
	}
	*end += size
	return t
}

// literal reads exactly want.
func (r *header) literal(want string) {
	if r.err == nil && !bytes.HasPrefix(r.b[r.at:], []byte(want)) {
		r.fail(r.at, fmt.Errorf("%.20q, want %q", r.b[r.at:], want))
	}
	if r.err == nil {
		r.at += len(want)
	}
}

// next reads c if it comes next.
func (r *header) next(c byte) bool {
	if r.err != nil || r.at == len(r.b) || r.b[r.at] != c {
		return false
	}
	r.at++
	return true
}

// maxNumber bounds the numbers in a header: what a float64, and so any JSON
// reader, holds exactly.
const maxNumber = 1 << 53

// number reads a decimal number without sign and leading zeros.
func (r *header) number() int {
	from, n := r.at, 0
	for r.at < len(r.b) && r.b[r.at] >= '0' && r.b[r.at] <= '9' && n <= maxNumber {
		n = n*10 + int(r.b[r.at]-'0')
		r.at++
	}
	if digits := r.at - from; n > maxNumber || digits == 0 || digits > 1 && r.b[from] == '0' {
		r.fail(from, fmt.Errorf("%.20q, want a number up to 2^53", r.b[from:]))
	}
	return n
}

// name reads a string that can be a tensor's name.
func (r *header) name() string {
	at := r.at
	s := r.string()
	if r.err == nil {
		if err := checkName(s); err != nil {
			r.fail(at, err)
		}
	}
	return s
}

// string reads a string in the one form that appendString writes.
func (r *header) string() string {
	from := r.at
	r.literal(`"`)
	for r.at < len(r.b) && r.b[r.at] != '"' {
		if r.b[r.at] == '\\' {
			r.at++
		}
		r.at++
	}
	r.at = min(r.at, len(r.b))
	r.literal(`"`)
	if r.err != nil {
		return ""
	}
	raw := r.b[from:r.at]
	s := string(raw[1 : len(raw)-1])
	escaped := strings.IndexByte(s, '\\') >= 0
	if escaped && json.Unmarshal(raw, &s) != nil || !utf8.Valid(raw) || !bytes.Equal(appendString(make([]byte, 0, len(raw)), s), raw) {
		r.fail(from, fmt.Errorf("%.40q is not a string as squint writes it", raw))
	}
	return s
}
