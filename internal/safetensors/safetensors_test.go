package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// small is a file with everything: escapes, a scalar, several tensors.
func small(t testing.TB) []byte {
	t.Helper()
	b, err := Encode(map[string]string{"format": "test-1", "text": "a \"b\"\n\x1b\u2028<é>", "zero": ""}, []Tensor{
		New("b", F32, []int{2, 3}, []float32{1, -2, 3.5, 0, 1e-40, float32(math.Copysign(0, -1))}),
		New("a", F32, nil, []float32{math.MaxFloat32}),
		New("c.weight", F32, []int{1}, []float32{float32(math.Inf(1))}),
		New("a.half", F16, []int{1, 3}, []float32{0.1, -65504, 6e-8}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	b := small(t)
	f, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Meta["text"]; got != "a \"b\"\n\x1b\u2028<é>" {
		t.Errorf("text %q", got)
	}
	var names []string
	for _, x := range f.Tensors {
		names = append(names, x.Name)
	}
	if !slices.Equal(names, []string{"a", "b", "c.weight", "a.half"}) {
		t.Errorf("tensors %v, want them by type, then by name", names)
	}
	x := f.Tensor("b")
	got := make([]float32, x.Len())
	x.Floats(got)
	if !slices.Equal(got, []float32{1, -2, 3.5, 0, 1e-40, float32(math.Copysign(0, -1))}) || !slices.Equal(x.Shape, []int{2, 3}) {
		t.Errorf("b is %v %v", x.Shape, got)
	}
	half := f.Tensor("a.half")
	half.Floats(got)
	if !slices.Equal(got[:3], []float32{0.0999755859375, -65504, 5.9604645e-08}) || half.Len() != 3 {
		t.Errorf("a.half is %v", got[:half.Len()])
	}
	if f.Tensor("d") != nil {
		t.Error("found a tensor that is not there")
	}
	again, err := Encode(f.Meta, f.Tensors)
	if err != nil || !bytes.Equal(again, b) {
		t.Errorf("written again: %v\n%q\nwant\n%q", err, again, b)
	}
	if len(f.Sum) != 64 || !bytes.Contains(b, []byte(f.Sum)) {
		t.Errorf("sum %q", f.Sum)
	}
}

// The bytes of the smallest useful file, written by hand; its checksum was
// computed with sha256sum over the same bytes with 64 zeros.
func TestLayout(t *testing.T) {
	b, err := Encode(map[string]string{"k": "v"}, []Tensor{New("x", F32, []int{2}, []float32{1, -2})})
	if err != nil {
		t.Fatal(err)
	}
	head := `{"__metadata__":{"k":"v","sha256":"` + layoutSum + `"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}     `
	want := "\xa0\x00\x00\x00\x00\x00\x00\x00" + head + "\x00\x00\x80\x3f\x00\x00\x00\xc0"
	if string(b) != want {
		t.Errorf("got\n%q\nwant\n%q", b, want)
	}
}

// printf '\xa0\0\0\0\0\0\0\0{"__metadata__":…"sha256":"000…0"},…     \0\0\x80\x3f\0\0\0\xc0' | sha256sum
const layoutSum = "f1f519b6d19446ee09b2d999ac91408778c0d617116233e659a666845362ef79"

func TestEveryDamagedBitIsSeen(t *testing.T) {
	b := small(t)
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, err := Decode(b); err == nil {
				t.Fatalf("bit %d of byte %d (%q): no error", bit, i, b[i])
			}
			b[i] ^= 1 << bit
		}
	}
	for n := range b {
		if _, err := Decode(b[:n]); err == nil {
			t.Fatalf("cut to %d bytes: no error", n)
		}
	}
	if _, err := Decode(append(slices.Clone(b), 0)); err == nil {
		t.Error("one byte more: no error")
	}
	if _, err := Decode(b); err != nil {
		t.Errorf("undamaged: %v", err)
	}
}

// assemble makes a sealed file with this header, whatever it says, and data.
func assemble(header string, data int) []byte {
	header = strings.ReplaceAll(header, "SUM", `"sha256":"`+strings.Repeat("0", 64)+`"`)
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(append(b, header...), make([]byte, data)...)
	Seal(b)
	return b
}

func TestOtherForms(t *testing.T) {
	const m = `{"__metadata__":{SUM}`
	for _, c := range []struct {
		name, header string
		data         int
		want         string // in the error; "" for none
	}{
		{"right", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8, ""},
		{"right, no tensors", m + `}`, 0, ""},
		{"hole", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "want 0 to 4"},
		{"overlap", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "want 4 to 8"},
		{"reversed", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4, "want 0 to 4"},
		{"beyond the end", m + `,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 4, "cut off"},
		{"bytes behind", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 5, "1 bytes behind"},
		{"twice", m + `,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "sorted"},
		{"unsorted", m + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "sorted"},
		{"metadata twice", `{"__metadata__":{"k":"","k":"",SUM}}`, 0, "sorted"},
		{"metadata unsorted", `{"__metadata__":{SUM,"k":""}}`, 0, "sorted"},
		{"two metadata", `{"__metadata__":{SUM},"__metadata__":{SUM}}`, 0, "name"},
		{"no metadata", `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "another program"},
		{"no checksum", `{"__metadata__":{"k":"v"}}`, 0, "another program"},
		{"short checksum", `{"__metadata__":{"sha256":"00"},"` + strings.Repeat("x", 80) + `":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, ""},
		{"metadata no string", `{"__metadata__":{"k":1,SUM}}`, 0, "want"},
		{"white space", `{"__metadata__":{SUM}, "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "want"},
		{"white space at the start", ` {"__metadata__":{SUM}}`, 0, "want"},
		{"tab at the end", m + "}\t", 0, "spaces"},
		{"8 spaces at the end", m + "}" + strings.Repeat(" ", 8), 0, "spaces"},
		{"escape for nothing", `{"__metadata__":{"k":"\u0041",SUM}}`, 0, "not a string as squint writes it"},
		{"half a surrogate", `{"__metadata__":{"k":"\ud800",SUM}}`, 0, "not a string"},
		{"invalid UTF-8", "{\"__metadata__\":{\"k\":\"\xff\",SUM}}", 0, "not a string"},
		{"raw line break", "{\"__metadata__\":{\"k\":\"\n\",SUM}}", 0, "not a string"},
		{"quote in a name", `{"__metadata__":{"x\"sha256":"` + strings.Repeat("0", 64) + `",SUM}}`, 0, "quotes"},
		{"empty name", m + `,"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "name"},
		{"long name", m + `,"` + strings.Repeat("a", 256) + `":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "name"},
		{"right, two types", m + `,"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}`, 6, ""},
		{"narrow first", m + `,"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "sorted"},
		{"the other type's size", m + `,"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}`, 4, "want 0 to 2"},
		{"dtype", m + `,"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, 8, "want F32 or F16"},
		{"order of fields", m + `,"a":{"shape":[1],"dtype":"F32","data_offsets":[0,4]}}`, 4, "want"},
		{"dimension 0", m + `,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0, "at least 1"},
		{"negative", m + `,"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4, "number"},
		{"leading zero", m + `,"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}`, 4, "number"},
		{"float", m + `,"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4, "want"},
		{"exponent", m + `,"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}`, 4, "want"},
		{"huge number", m + `,"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}`, 4, "number"},
		{"number too large", m + `,"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}`, 4, "number up to 2^53"},
		{"largest number", m + `,"a":{"dtype":"F32","shape":[9007199254740992],"data_offsets":[0,4]}}`, 4, "too large"},
		// The product is 4 modulo 2^64; from the fuzzing of safetensors-cpp.
		{"product overflows", m + `,"a":{"dtype":"F32","shape":[4194305,4194305,211106198978564],"data_offsets":[0,16]}}`, 16, "too large"},
		{"rank 9", m + `,"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}`, 4, "dimensions"},
		{"two values", m + `}{}`, 0, "spaces"},
	} {
		b := assemble(c.header, c.data)
		f, err := Decode(b)
		switch {
		case c.name == "short checksum":
			if err == nil {
				t.Errorf("%s: no error", c.name)
			}
		case c.want == "":
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			} else if again, err := Encode(f.Meta, f.Tensors); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%s: written again differs: %v", c.name, err)
			}
		case err == nil || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func TestHeaderLength(t *testing.T) {
	whole := small(t)
	for _, n := range []uint64{0, 1, 8, uint64(len(whole)) - 8, uint64(len(whole)) + 1, MaxHeader, MaxHeader + 8, 1 << 40, 1 << 63, math.MaxUint64, math.MaxUint64 - 7} {
		b := slices.Clone(whole)
		binary.LittleEndian.PutUint64(b, n)
		if _, err := Decode(b); err == nil {
			t.Errorf("header length %d: no error", n)
		}
	}
}

// A header may be as long as MaxHeader and no longer.
func TestLongestHeader(t *testing.T) {
	const frame = len(`{"__metadata__":{"k":"","sha256":""}}`) + 64
	for _, more := range []int{0, 1} {
		b, err := Encode(map[string]string{"k": strings.Repeat("v", MaxHeader-frame+more)}, nil)
		if (err == nil) != (more == 0) {
			t.Fatalf("Encode: %v", err)
		}
		if more == 1 {
			break
		}
		if n := binary.LittleEndian.Uint64(b); n != MaxHeader {
			t.Errorf("header of %d bytes, want %d", n, MaxHeader)
		}
		if _, err := Decode(b); err != nil {
			t.Error(err)
		}
	}
}

func TestTooManyTensors(t *testing.T) {
	one := New("", F32, nil, []float32{0})
	var many []Tensor
	for i := range MaxTensors + 1 {
		one.Name = strings.Repeat("x", 1+i/100) + string(rune('!'+i%100+40))
		many = append(many, one)
	}
	if _, err := Encode(nil, many); err == nil || !strings.Contains(err.Error(), "4097 tensors") {
		t.Errorf("Encode: %v", err)
	}
	header := `{"__metadata__":{SUM}`
	for i := range MaxTensors + 1 {
		header += string(appendEntry([]byte{','}, &Tensor{Name: string(rune(0x4e00 + i)), Data: one.Data}, 4*i))
	}
	if _, err := Decode(assemble(header+"}", 4*(MaxTensors+1))); err == nil || !strings.Contains(err.Error(), "more than 4096") {
		t.Errorf("Decode: %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	ok := New("a", F32, []int{1}, []float32{1})
	for _, c := range []struct {
		meta    map[string]string
		tensors []Tensor
		want    string
	}{
		{map[string]string{SumKey: "x"}, nil, "own"},
		{map[string]string{"": "x"}, nil, "name"},
		{map[string]string{"a\"b": "x"}, nil, "name"},
		{map[string]string{"a": "\xff"}, nil, "UTF-8"},
		{map[string]string{"a": strings.Repeat("x", MaxHeader)}, nil, "header"},
		{nil, []Tensor{ok, ok}, "twice"},
		{nil, []Tensor{{Name: "__metadata__", Shape: []int{1}, Data: ok.Data}}, "name"},
		{nil, []Tensor{{Name: "a", Shape: []int{2}, Data: ok.Data}}, "want 8"},
		{nil, []Tensor{{Name: "a", Shape: []int{0}, Data: nil}}, "at least 1"},
		{nil, []Tensor{{Name: "a", DType: 99, Data: ok.Data}}, "dtype"},
		{nil, []Tensor{{Name: "a", DType: -1, Data: ok.Data}}, "dtype"},
	} {
		if _, err := Encode(c.meta, c.tensors); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Encode(%.40v, …) = %v, want an error with %q", c.meta, err, c.want)
		}
	}
}

func TestForeign(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "no file at all"},
		{"PK\x03\x04archive/data.pkl", "zip"},
		{"\x80\x02\x8a\nl\xfc\x9cF\xf9 j", "pickle"},
		{"GGUF\x03\x00\x00\x00\x00\x00", "GGUF"},
		{"\x89HDF\r\n\x1a\n\x00", "HDF5"},
		{"\x18\x00\x00\x00TFL3\x00\x00", "TensorFlow Lite"},
		{"  <!DOCTYPE html><html>", "HTML"},
		{"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00", "gzip"},
		{"\x08\x08\x12\x07pytorch", "ONNX"},
		{"version https://git-lfs.github.com/spec/v1", "Git LFS"},
		{"{\"classes\":[]}", "JSON"},
		{"\x10\x00\x00\x00\x00\x00\x00\x00{}              ", "another program"},
		{"nothing in particular, really", "header"},
	} {
		if _, err := Decode([]byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want an error with %q", c.file, err, c.want)
		}
	}
	// A file of ours whose header is 640 bytes long begins like a pickle.
	b, err := Encode(map[string]string{"k": strings.Repeat("v", 640-107)}, nil)
	if err != nil || b[0] != 0x80 || b[1] != 0x02 {
		t.Fatalf("%v, begins %x, want 8002", err, b[:2])
	}
	b[len(b)-20] ^= 1
	if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("damaged: %v", err)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	b := small(t)
	at := bytes.Index(b, []byte(`"dtype"`))
	b[at+1] = 'D'
	if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "byte") || !strings.Contains(err.Error(), `"Dtype`) {
		t.Errorf("%v, want an error that names the byte and the text", err)
	}
}

// Whatever is written can be read, and is written the same again.
func TestRoundTripProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9.é]{1,6}`)
		meta := rapid.MapOf(name, rapid.String()).Draw(t, "meta")
		delete(meta, SumKey)
		var tensors []Tensor
		for _, n := range rapid.SliceOfNDistinct(name, 0, 5, rapid.ID[string]).Draw(t, "names") {
			shape := rapid.SliceOfN(rapid.IntRange(1, 3), 0, 4).Draw(t, "shape")
			size := 1
			for _, d := range shape {
				size *= d
			}
			tensors = append(tensors, New(n, rapid.SampledFrom([]DType{F32, F16}).Draw(t, "type"), shape, rapid.SliceOfN(rapid.Float32(), size, size).Draw(t, "values")))
		}
		b, err := Encode(meta, tensors)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if len(meta) > 0 && !gocmp.Equal(f.Meta, meta) {
			t.Fatal(gocmp.Diff(f.Meta, meta))
		}
		slices.SortFunc(tensors, func(a, b Tensor) int { return cmp.Or(int(a.DType-b.DType), strings.Compare(a.Name, b.Name)) })
		for i, got := range f.Tensors {
			if want := tensors[i]; got.Name != want.Name || !slices.Equal(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
		again, err := Encode(f.Meta, f.Tensors)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written again differs: %v", err)
		}
	})
}

// Decode must not take memory for what a file says, only for what it is.
func TestMemory(t *testing.T) {
	big := New("x", F32, []int{1 << 20}, make([]float32, 1<<20))
	b, err := Encode(nil, []Tensor{big})
	if err != nil {
		t.Fatal(err)
	}
	lies := assemble(`{"__metadata__":{SUM},"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}`, 8)
	for _, file := range [][]byte{b, lies} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		Decode(file)
		runtime.ReadMemStats(&after)
		// 4 KiB for the tables, the hash and an error; twenty times that is no
		// part of 4 MiB yet.
		if got := after.TotalAlloc - before.TotalAlloc; got > 80<<10 {
			t.Errorf("Decode of %d bytes took %d bytes", len(file), got)
		}
	}
}
