package simd

import (
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fence hands out slices that end (or begin) where memory ends, so that even
// reading one value too far is a fault. Values in guards cannot show that: what is read into a
// masked lane shows nowhere.
type fence [6][]byte

const fenceRoom = 1 << 20

func newFence(t *testing.T) *fence {
	page := unix.Getpagesize()
	f := &fence{}
	for i := range f {
		all, err := unix.Mmap(-1, 0, fenceRoom+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Munmap(all) })
		for _, edge := range [][]byte{all[:page], all[page+fenceRoom:]} {
			if err := unix.Mprotect(edge, unix.PROT_NONE); err != nil {
				t.Fatal(err)
			}
		}
		f[i] = all[page : page+fenceRoom]
	}
	return f
}

// slice returns n values of room i at its end or its beginning.
func slice[T float32 | float64 | uint8](f *fence, i, n int, atEnd bool) []T {
	var v T
	size := n * int(unsafe.Sizeof(v))
	if atEnd {
		return unsafe.Slice((*T)(unsafe.Pointer(&f[i][len(f[i])-max(size, 1)])), n)
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&f[i][0])), n)
}

// faults tells whether do touches memory that is not there.
func faults(do func()) (fault bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() != nil }()
	do()
	return false
}

func TestFenceNotices(t *testing.T) {
	f := newFence(t)
	x := slice[float32](f, 0, 5, true)
	if faults(func() { x[4] = 1 }) || !faults(func() { x[0] = *(*float32)(unsafe.Add(unsafe.Pointer(&x[4]), 4)) }) {
		t.Error("no fault behind the end")
	}
}

func TestFenced(t *testing.T) {
	f := newFence(t)
	onTiers(t, func(t *testing.T) {
		for _, end := range []bool{false, true} {
			for _, p := range shapes() {
				na, nb, nc := p.lens()
				a, b, c, bias := slice[float32](f, 0, na, end), slice[float32](f, 1, nb, end), slice[float32](f, 2, nc, end), slice[float32](f, 3, p.N, end)
				for how := fromZero; how <= fromBias; how++ {
					if faults(func() { p.start(how, c, a, b, bias) }) {
						t.Fatalf("%+v begun %d: a fault", p, how)
					}
				}
			}
			for rows := range 20 {
				for cols := range 20 {
					if faults(func() {
						Transpose(slice[float32](f, 0, rows*cols, end), rows, slice[float32](f, 1, rows*cols, end), cols, rows, cols)
					}) {
						t.Fatalf("%d×%d transposed: a fault", rows, cols)
					}
				}
			}
			for n := range 40 {
				w, x, y, z := slice[float32](f, 0, n, end), slice[float32](f, 1, n, end), slice[float32](f, 2, n, end), slice[float32](f, 3, n, end)
				if faults(func() {
					Add(w, x)
					Axpy(w, x, 1)
					Scale(w, 1)
					EMA(w, x, 1)
					ReLU(w, x)
					ReLUGrad(w, x, y)
					SGD(w, x, y, 1, 1, 1, false)
					SGD(w, x, y, 1, 1, 1, true)
					AdamW(w, x, y, z, 1, 1, 1, 1, 1, 1, 1)
					SumSq(w)
					IsFinite(w)
				}) {
					t.Fatalf("%d values: a fault", n)
				}
			}
			pictures(func(c, pixels int) {
				n := min(pixels, 40) * c
				if faults(func() {
					// Rooms are reused: what counts is where they end.
					x, y, z := slice[float32](f, 0, n, end), slice[float32](f, 1, n, end), slice[float32](f, 2, n, end)
					k, l, m := slice[float32](f, 3, c, end), slice[float32](f, 4, c, end), slice[float32](f, 5, c, end)
					ScaleShift(x, y, k, l)
					Combine(x, y, z, k, l, m)
					Normalize(x, slice[uint8](f, 1, n, end), k, l)
					SumRows(k, x)
					Moments(slice[float64](f, 3, c, end), slice[float64](f, 4, c, end), x)
					DotRows(slice[float64](f, 3, c, end), slice[float64](f, 4, c, end), x, y)
					top, bottom, arg := slice[float32](f, 1, 2*n, end), slice[float32](f, 2, 2*n, end), slice[uint8](f, 3, n, end)
					MaxPool2x2(x, arg, top, bottom, c)
					MaxPool2x2Grad(top, bottom, x, arg, c)
				}) {
					t.Fatalf("%d pixels of %d channels: a fault", pixels, c)
				}
			})
		}
	})
}
