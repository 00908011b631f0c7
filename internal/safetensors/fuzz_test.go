package safetensors

import (
	"bytes"
	"testing"
)

// FuzzDecode feeds Decode any bytes, as they are and with the checksum put
// right. What is accepted must be what Encode writes.
func FuzzDecode(f *testing.F) {
	f.Add(small(f))
	f.Add(assemble(`{"__metadata__":{SUM}}`, 0))
	f.Add(assemble(`{"__metadata__":{"k":"\u0041\ud800\"",SUM}}`, 0))
	f.Add(assemble(`{"__metadata__":{SUM},"a":{"dtype":"F32","shape":[4194305,4194305,211106198978564],"data_offsets":[0,16]}}`, 16))
	f.Add(assemble(`{"__metadata__":{SUM},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		check(t, b)
		b = bytes.Clone(b)
		if Seal(b) {
			check(t, b)
		}
	})
}

// FuzzHeader feeds Decode headers of any length with data of any length, so
// that the fuzzer need not find the numbers that hold a file together.
func FuzzHeader(f *testing.F) {
	f.Add(`{"__metadata__":{SUM}}`, uint16(0))
	f.Add(`{"__metadata__":{"a":"\n\u001b",SUM},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[],"data_offsets":[4,8]}}`, uint16(8))
	f.Add(`{"__metadata__":{SUM},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`, uint16(24))
	f.Add(`{"__metadata__":{SUM},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F16","shape":[3],"data_offsets":[4,10]}}`, uint16(10))
	f.Fuzz(func(t *testing.T, header string, data uint16) {
		check(t, assemble(header, int(data)))
	})
}

func check(t *testing.T, b []byte) {
	f, err := Decode(b)
	if err != nil {
		return
	}
	again, err := Encode(f.Meta, f.Tensors)
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("accepted, but written again differs (%v):\n%q\n%q", err, b, again)
	}
}
