package simd

import "fmt"

// Transpose writes the matrix src [rows][cols], whose rows begin lds apart, to
// dst [cols][rows], whose rows begin ldd apart: dst[c*ldd+r] = src[r*lds+c].
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	if d, s := (cols-1)*ldd+rows, (rows-1)*lds+cols; len(dst) < d || len(src) < s || ldd < rows || lds < cols {
		panic(fmt.Sprintf("simd: Transpose: %d×%d, rows %d and %d apart in %d and %d values, want %d and %d", rows, cols, lds, ldd, len(src), len(dst), s, d))
	}
	active.transpose(dst, ldd, src, lds, rows, cols)
}

// transposeGo goes by blocks of 16 rows, so that both sides stay within a few
// cache lines.
func transposeGo(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	const block = 16
	for r := 0; r < rows; r += block {
		for c := range cols {
			d := dst[c*ldd+r : c*ldd+min(r+block, rows)]
			for i := range d {
				d[i] = src[(r+i)*lds+c]
			}
		}
	}
}
