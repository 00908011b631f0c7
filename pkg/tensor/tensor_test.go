package tensor

import (
	"slices"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	for _, pad := range []int{0, 1, 3} {
		b := NewBatch(2, Shape{3, 4, 5}, pad)
		seen := map[int]bool{}
		for n := range 2 {
			for y := range 3 {
				row := b.Row(n, y)
				for x := range 4 {
					for c := range 5 {
						i := b.Offset(n, y, x) + c
						if i != ((n*(3+2*pad)+y+pad)*(4+2*pad)+x+pad)*5+c {
							t.Fatalf("pad %d: offset of (%d,%d,%d,%d) is %d", pad, n, y, x, c, i)
						}
						if seen[i] || &row[x*5+c] != &b.Data[i] {
							t.Fatalf("pad %d: row and offset disagree at (%d,%d,%d,%d)", pad, n, y, x, c)
						}
						seen[i] = true
					}
				}
				if len(row) != 20 || cap(row) != 20 {
					t.Errorf("pad %d: row of %d, capacity %d", pad, len(row), cap(row))
				}
			}
		}
		if b.Offset(1, 0, 0)-b.Offset(0, 0, 0) != b.ImageStride() || b.Offset(0, 1, 0)-b.Offset(0, 0, 0) != b.RowStride() {
			t.Errorf("pad %d: strides are wrong", pad)
		}
		if pad > 0 && b.Offset(0, -pad, -pad) != 0 {
			t.Errorf("pad %d: the border does not begin at 0", pad)
		}
		// Runs visit every value but the border once.
		for i := range b.Runs() {
			for j := range b.Run(i) {
				b.Run(i)[j]++
			}
		}
		for i, v := range b.Data {
			if want := float32(0); seen[i] {
				want = 1
				if v != want {
					t.Fatalf("pad %d: value %d visited %v times", pad, i, v)
				}
			} else if v != want {
				t.Fatalf("pad %d: border %d was visited", pad, i)
			}
		}
	}
}

func TestCopyBetweenBorders(t *testing.T) {
	src := NewBatch(2, Shape{2, 3, 2}, 1)
	for i := range src.Runs() {
		for j := range src.Run(i) {
			src.Run(i)[j] = float32(100*i + j)
		}
	}
	for _, pad := range []int{0, 1, 2} {
		dst := NewBatch(2, src.Shape, pad)
		Copy(dst, src)
		for n := range 2 {
			for y := range 2 {
				if !slices.Equal(dst.Row(n, y), src.Row(n, y)) {
					t.Errorf("pad %d: row %d of image %d differs", pad, y, n)
				}
			}
		}
		var sum float32
		for _, v := range dst.Data {
			sum += v
		}
		var want float32
		for _, v := range src.Data {
			want += v
		}
		if sum != want {
			t.Errorf("pad %d: something was written into the border", pad)
		}
	}
	defer func() {
		if s, _ := recover().(string); !strings.Contains(s, "2×2×3×2") || !strings.Contains(s, "2×3×3×2") {
			t.Errorf("panic %q, want both shapes", s)
		}
	}()
	Copy(NewBatch(2, Shape{3, 3, 2}, 0), src)
}

func TestFirst(t *testing.T) {
	b := NewBatch(3, Shape{2, 2, 1}, 1)
	f := b.First(2)
	if f.N != 2 || len(f.Data) != 2*b.ImageStride() || &f.Data[0] != &b.Data[0] {
		t.Errorf("first 2 of 3: %d examples in %d floats", f.N, len(f.Data))
	}
	defer func() {
		if recover() == nil {
			t.Error("first 4 of 3 did not panic")
		}
	}()
	b.First(4)
}

func TestNames(t *testing.T) {
	if s := (Shape{28, 27, 3}).String(); s != "28×27×3" {
		t.Error(s)
	}
	if s := Vec(10).String(); s != "10" || !Vec(10).IsVec() || Vec(10).Size() != 10 {
		t.Error(s)
	}
}
