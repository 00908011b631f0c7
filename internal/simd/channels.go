package simd

import "fmt"

// The functions in this file see a slice as pixels of C channels, channels
// innermost: value i belongs to channel i%C.

// pixels checks that n values are whole pixels of c channels and returns the
// number of values in a chunk of whole pixels.
func pixels(name string, n, c int) int {
	if n == 0 {
		return 1
	}
	if c == 0 || n%c != 0 {
		panic(fmt.Sprintf("simd: %s: %d values are no pixels of %d channels", name, n, c))
	}
	return max(1, chunk/c) * c
}

// ScaleShift computes, with C = len(scale) = len(shift),
//
//	dst[i] = src[i]*scale[i%C] + shift[i%C]
//
// dst may be src.
func ScaleShift(dst, src, scale, shift []float32) {
	sameLen("ScaleShift", len(dst), len(src))
	sameLen("ScaleShift", len(scale), len(shift))
	step := pixels("ScaleShift", len(src), len(scale))
	for i := 0; i < len(src); i += step {
		j := min(i+step, len(src))
		active.scaleShift(dst[i:j], src[i:j], scale, shift)
	}
}

func scaleShiftGo(dst, src, scale, shift []float32) {
	for len(src) > 0 {
		for c, s := range scale {
			dst[c] = float32(src[c]*s) + shift[c]
		}
		dst, src = dst[len(scale):], src[len(scale):]
	}
}

// Combine computes, with C = len(a) = len(b) = len(d),
//
//	dx[i] = a[i%C]*dy[i] + b[i%C]*x[i] + d[i%C]
//
// which is the second pass of batch normalization's gradient. dx may be dy or x.
func Combine(dx, dy, x, a, b, d []float32) {
	sameLen("Combine", len(dx), len(dy), len(x))
	sameLen("Combine", len(a), len(b), len(d))
	step := pixels("Combine", len(dx), len(a))
	for i := 0; i < len(dx); i += step {
		j := min(i+step, len(dx))
		active.combine(dx[i:j], dy[i:j], x[i:j], a, b, d)
	}
}

func combineGo(dx, dy, x, a, b, d []float32) {
	for len(dx) > 0 {
		for c := range a {
			dx[c] = float32(a[c]*dy[c]) + float32(b[c]*x[c]) + d[c]
		}
		dx, dy, x = dx[len(a):], dy[len(a):], x[len(a):]
	}
}

// Normalize computes, with C = len(scale) = len(shift),
//
//	dst[i] = float32(src[i])*scale[i%C] + shift[i%C]
func Normalize(dst []float32, src []uint8, scale, shift []float32) {
	sameLen("Normalize", len(dst), len(src))
	sameLen("Normalize", len(scale), len(shift))
	step := pixels("Normalize", len(src), len(scale))
	for i := 0; i < len(src); i += step {
		j := min(i+step, len(src))
		active.normalize(dst[i:j], src[i:j], scale, shift)
	}
}

func normalizeGo(dst []float32, src []uint8, scale, shift []float32) {
	for len(src) > 0 {
		for c, s := range scale {
			dst[c] = float32(float32(src[c])*s) + shift[c]
		}
		dst, src = dst[len(scale):], src[len(scale):]
	}
}

// SumRows adds up each channel, with C = len(sum):
//
//	sum[i%C] += src[i]
//
// Up to 16384 values (max(1, 16384/C) pixels) are summed in float64, pixel by
// pixel, before the result is rounded and added to sum. Where C is less than 16, each
// eighth of the pixels is summed by itself, as many as there are eights, and then those sums.
func SumRows(sum, src []float32) {
	step := pixels("SumRows", len(src), len(sum))
	for i := 0; i < len(src); i += step {
		active.sumRows(sum, src[i:min(i+step, len(src))])
	}
}

func sumRowsGo(sum, src []float32) {
	for c := range sum {
		src, n := src, len(sum)
		if whole := len(src) / (8 * n) * (8 * n); n < 16 {
			eight := 0.0
			for l := c; l < 8*n; l += n {
				eight += float64(float32(every(src[:whole], l, 8*n)))
			}
			sum[c] += float32(eight)
			src = src[whole:]
		}
		sum[c] += float32(every(src, c, n))
	}
}

// every sums the values that are step apart, beginning with x[from].
func every(x []float32, from, step int) float64 {
	s := 0.0
	for i := from; i < len(x); i += step {
		s += float64(x[i])
	}
	return s
}

// Moments adds up the values and the squares of each channel, in float64 and
// pixel by pixel, with C = len(sum) = len(sumsq):
//
//	sum[i%C] += src[i]; sumsq[i%C] += src[i]*src[i]
//
// Squares of float32 are exact in float64, so that sumsq/n - (sum/n)² is a good variance even
// where the mean is a hundred times the deviation.
func Moments(sum, sumsq []float64, src []float32) {
	sameLen("Moments", len(sum), len(sumsq))
	step := pixels("Moments", len(src), len(sum))
	for i := 0; i < len(src); i += step {
		active.moments(sum, sumsq, src[i:min(i+step, len(src))])
	}
}

func momentsGo(sum, sumsq []float64, src []float32) {
	for len(src) > 0 {
		for c := range sum {
			v := float64(src[c])
			sum[c] += v
			sumsq[c] += v * v
		}
		src = src[len(sum):]
	}
}

// DotRows adds up what the first pass of batch normalization's gradient wants,
// in float64 and pixel by pixel, with C = len(sumDy) = len(sumDyX):
//
//	sumDy[i%C] += dy[i]; sumDyX[i%C] += dy[i]*x[i]
func DotRows(sumDy, sumDyX []float64, dy, x []float32) {
	sameLen("DotRows", len(sumDy), len(sumDyX))
	sameLen("DotRows", len(dy), len(x))
	step := pixels("DotRows", len(dy), len(sumDy))
	for i := 0; i < len(dy); i += step {
		j := min(i+step, len(dy))
		active.dotRows(sumDy, sumDyX, dy[i:j], x[i:j])
	}
}

func dotRowsGo(sumDy, sumDyX []float64, dy, x []float32) {
	for len(dy) > 0 {
		for c := range sumDy {
			v := float64(dy[c])
			sumDy[c] += v
			sumDyX[c] += v * float64(x[c])
		}
		dy, x = dy[len(sumDy):], x[len(sumDy):]
	}
}
