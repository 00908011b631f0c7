package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// idx writes an IDX file to memory.
func idx(t testing.TB, dims []int, data []uint8) []byte {
	var b bytes.Buffer
	if err := WriteIDX(&b, dims, data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, data []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The first bytes of MNIST's files, from the page that defines the format: magic
// number 0x00000803, 60000 images, 28 rows, 28 columns; 0x00000801, 60000.
func TestWriteIDXHeader(t *testing.T) {
	got := idx(t, []int{2, 1, 3}, []uint8{1, 2, 3, 4, 5, 6})
	want := []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}
	if !bytes.Equal(got, want) {
		t.Errorf("wrote % x, want % x", got, want)
	}
	for _, dims := range [][]int{nil, {5}, {-1, -6}, {7}} {
		if err := WriteIDX(new(bytes.Buffer), dims, make([]uint8, 6)); err == nil {
			t.Errorf("6 bytes as %v: no error", dims)
		}
	}
}

func TestReadIDX(t *testing.T) {
	dims, data := []int{3, 5, 7, 3}, make([]uint8, 3*5*7*3)
	for i := range data {
		data[i] = uint8(i)
	}
	file := idx(t, dims, data)
	for name, file := range map[string][]byte{"plain": file, "gzip": zipped(t, file)} {
		gotDims, got, err := readIDX(bytes.NewReader(file))
		if err != nil || !slices.Equal(gotDims, dims) || !bytes.Equal(got, data) {
			t.Errorf("%s: %v, %d bytes, %v", name, gotDims, len(got), err)
		}
	}
}

func TestReadIDXErrors(t *testing.T) {
	header := func(kind byte, dims ...uint32) []byte {
		b := []byte{0, 0, kind, byte(len(dims))}
		for _, d := range dims {
			b = binary.BigEndian.AppendUint32(b, d)
		}
		return b
	}
	flipped := zipped(t, append(header(8, 4), 1, 2, 3, 4))
	flipped[len(flipped)-8]++ // the checksum
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "no IDX header: EOF"},
		{"text", []byte("path,label\n"), "no IDX file: it begins 70 61 74 68, want 00 00 08"},
		{"floats", header(13, 1), "type 0x0d, want 0x08"},
		{"no dimensions", header(8), "want 00 00 08 and 1 to 4 dimensions"},
		{"five dimensions", header(8, 1, 1, 1, 1, 1), "want 00 00 08 and 1 to 4 dimensions"},
		{"half a header", header(8, 1, 2, 3)[:9], "header of 3 dimensions ends at number 1"},
		{"too large", header(8, 1<<31), "dimension 2147483648 after [] makes more than 2147483647 bytes"},
		{"too large together", header(8, 60000, 1<<16, 1), "dimension 65536 after [60000] makes more than"},
		{"overflow", header(8, 1<<30, 1<<30, 1<<30, 1<<30), "makes more than"},
		{"short", append(header(8, 3), 1, 2), "2 bytes of values, want 3"},
		{"a bomb's header", header(8, math.MaxInt32), "0 bytes of values, want 2147483647"},
		{"long", append(header(8, 1), 1, 2), "more than the 1 bytes of values that the header announces"},
		{"gzip cut off", zipped(t, append(header(8, 4), 1, 2, 3, 4))[:22], "of values"},
		{"gzip with another checksum", flipped, "gzip: invalid checksum"},
		{"gzip header only", []byte{0x1f, 0x8b}, "gzip:"},
	} {
		_, _, err := readIDX(bytes.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want …%s…", test.name, err, test.want)
		}
	}
}

// A header may not cost memory that the file does not pay for.
func TestReadIDXAllocates(t *testing.T) {
	file := append([]byte{0, 0, 8, 1, 0x7f, 0xff, 0xff, 0xff}, make([]byte, 100<<10)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := readIDX(bytes.NewReader(file)); err == nil {
		t.Fatal("no error")
	}
	runtime.ReadMemStats(&after)
	got := after.TotalAlloc - before.TotalAlloc
	if most := uint64(8 * len(file)); got > most {
		t.Errorf("%d bytes allocated for a file of %d, want at most %d", got, len(file), most)
	}
}

func FuzzReadIDX(f *testing.F) {
	small := idx(f, []int{2, 2, 2}, []uint8{1, 2, 3, 4, 5, 6, 7, 8})
	for _, seed := range [][]byte{
		small, zipped(f, small), idx(f, []int{3}, []uint8{7, 8, 9}), idx(f, []int{1, 2, 1, 3}, make([]uint8, 6)),
		small[:10], append(slices.Clone(small), 0), {0, 0, 8, 3, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 1}, {0x1f, 0x8b},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		dims, data, err := readIDX(bytes.NewReader(file))
		if err != nil {
			return
		}
		size := 1
		for _, d := range dims {
			size *= d
		}
		if size != len(data) {
			t.Fatalf("%d bytes for %v", len(data), dims)
		}
		// What was accepted must be all of the file.
		written := idx(t, dims, data)
		if file[0] == 0 && !bytes.Equal(written, file) {
			t.Fatalf("read % x, wrote % x", file, written)
		}
	})
}
