package safetensors

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
)

// testdata/foreign.safetensors is what safetensors 0.8.0 writes; see make_foreign.py.
func TestArrays(t *testing.T) {
	b, err := os.ReadFile("testdata/foreign.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	all, err := Arrays(b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]float32{
		"double": {1, -2.5, 0.1}, "single": {0.1, 3e38}, "half": {0.0999755859375, -65504}, "brain": {0.100097656, 3.00405527e38}, "scalar": {7}, "count": nil,
	}
	if len(all) != len(want) {
		t.Errorf("%d arrays, want %d", len(all), len(want))
	}
	for _, a := range all {
		got, err := a.Floats()
		if (err != nil) != (a.Name == "count") {
			t.Errorf("%s: %v", a.Name, err)
		}
		w := want[a.Name] // as torch prints them
		if !slices.Equal(got, w) {
			t.Errorf("%s is %v, want %v", a.Name, got, w)
		}
	}
	i := slices.IndexFunc(all, func(a Array) bool { return a.Name == "double" })
	if !slices.Equal(all[i].Shape, []int{3, 1}) || all[i].DType != "F64" {
		t.Errorf("%+v", all[i])
	}
	if own, err := Arrays(small(t)); err != nil || len(own) != 4 {
		t.Errorf("a file of ours: %d arrays, %v", len(own), err)
	}
}

// loose is a file with any header.
func loose(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestArraysRefuses(t *testing.T) {
	for _, c := range []struct {
		header string
		data   int
		want   string // "" for no error
	}{
		{` { "b":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"} , "a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]} } `, 8, ""},
		{`{}`, 0, ""},
		{`{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 8, ""},
		{`{"a":{"dtype":"I64","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, ""},
		{`{"a":1}`, 0, "a"},
		{`[]`, 0, "header"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, "data at 0 to 4 of 0"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4, "data at 4 to 0"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`, 4, "data at -4"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 5, "1 bytes behind"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8, "holes"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4, "overlaps"},
		{`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4, "4 bytes of data for F32 [2]"},
		{`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,8]}}`, 8, "8 bytes of data"},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,6]}}`, 6, "6 bytes of data"},
		{`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, 0, "0 bytes"},
		{`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4, "4 bytes"},
		{`{"a":{"dtype":"F32","shape":[4194305,4194305,211106198978564],"data_offsets":[0,16]}}`, 16, "16 bytes"},
		{`{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}`, 4, "dimensions"},
		{`{"a":{"dtype":"F32","shape":[1e99],"data_offsets":[0,4]}}`, 4, "tensor"},
	} {
		if _, err := Arrays(loose(c.header, c.data)); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.header, err, c.want)
		}
	}
	whole := loose(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)
	for n := range whole {
		if _, err := Arrays(whole[:n]); err == nil {
			t.Errorf("cut to %d of %d bytes: no error", n, len(whole))
		}
	}
	for file, want := range map[string]string{
		"PK\x03\x04archive/data.pkl": "zip", "": "no file", "\xff\xff\xff\xff\xff\xff\xff\xff": "header of", "\x80\x02\x8a\nl\xfc\x9cF\xf9 j": "pickle",
	} {
		if _, err := Arrays([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want an error with %q", file, err, want)
		}
	}
}

// FuzzArrays feeds Arrays any header with data of any length.
func FuzzArrays(f *testing.F) {
	f.Add(`{"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, uint16(8))
	f.Add(`{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},"b":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}}`, uint16(2))
	f.Add(`{"a":{"dtype":"F64","shape":[3],"data_offsets":[0,24]}}`, uint16(24))
	f.Fuzz(func(t *testing.T, header string, data uint16) {
		b := loose(header, int(data))
		all, err := Arrays(b)
		if err != nil {
			return
		}
		size := 0
		for _, a := range all {
			size += len(a.data)
			v, err := a.Floats()
			n := 1
			for _, d := range a.Shape {
				n *= d
			}
			if err == nil && n != len(v) {
				t.Fatalf("%q: %d values for %v", a.Name, len(v), a.Shape)
			}
		}
		if size != int(data) {
			t.Fatalf("arrays of %d bytes in data of %d", size, data)
		}
	})
}
