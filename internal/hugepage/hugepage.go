// Package hugepage makes large slices of numbers that the system maps in large
// pages where it can: the first touch of 8 MB in pages of 4 KB is two thousand
// faults, which is as long as reading that much takes.
package hugepage

// from is how many bytes are worth asking for: two pages of 2 MB.
const from = 4 << 20

// Floats returns n zeros.
func Floats(n int) []float32 {
	x := make([]float32, n)
	if 4*n >= from {
		advise(x)
	}
	return x
}
