package simd

// wide is room for the values of up to 63 channels, eight times over.
type wide [8 * 64]float32

// repeat returns v eight times over. Where few channels fill no whole vectors,
// the pixels are taken eight at a time.
func (w *wide) repeat(v []float32) []float32 {
	n := 0
	for range 8 {
		n += copy(w[n:], v)
	}
	return w[:n]
}

// transposeStrips takes strips of 8 rows and the columns in pieces of 1024; the
// last of each reach back over those before.
func transposeStrips(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	if rows < 8 || cols < 8 {
		transposeGo(dst, ldd, src, lds, rows, cols)
		return
	}
	for r := 0; r < rows; r += 8 {
		r := min(r, rows-8)
		for c := 0; c < cols; c += 1024 {
			n := min(1024, cols-c) &^ 7
			if n > 0 {
				transposeAVX2(&dst[c*ldd+r], 4*ldd, &src[r*lds+c], 4*lds, n/8)
			}
		}
		if c := cols - 8; cols%8 > 0 {
			transposeAVX2(&dst[c*ldd+r], 4*ldd, &src[r*lds+c], 4*lds, 1)
		}
	}
}

func scaleShiftWide(dst, src, scale, shift []float32) {
	if c := len(scale); c%8 != 0 && c < 64 {
		var u, v wide
		scale, shift = u.repeat(scale), v.repeat(shift)
	}
	scaleShiftAVX2(dst, src, scale, shift)
}

func combineWide(dx, dy, x, a, b, d []float32) {
	if c := len(a); c%8 != 0 && c < 64 {
		var u, v, w wide
		a, b, d = u.repeat(a), v.repeat(b), w.repeat(d)
	}
	combineAVX2(dx, dy, x, a, b, d)
}

// normalizeWide leaves to Go the last bytes, for which there are no masks, and
// numbers of channels that no picture has.
func normalizeWide(dst []float32, src []uint8, scale, shift []float32) {
	c, whole := len(scale), len(src)&^7
	if c%8 != 0 && c < 64 {
		var u, v wide
		scale, shift = u.repeat(scale), v.repeat(shift)
	}
	if len(scale)%8 != 0 {
		normalizeGo(dst, src, scale, shift)
		return
	}
	if whole > 0 {
		normalizeAVX2(dst[:whole], src[:whole], scale, shift)
	}
	for i := whole; i < len(src); i++ {
		dst[i] = float32(float32(src[i])*scale[i%c]) + shift[i%c]
	}
}

// sumRowsWide takes eight pixels of few channels side by side, which keeps more
// sums going at a time.
func sumRowsWide(sum, src []float32) {
	c := len(sum)
	if whole := len(src) / (8 * c) * (8 * c); c < 16 && whole > 0 {
		var w wide
		sumRowsAVX2(w[:8*c], src[:whole])
		for ch := range sum {
			s := 0.0
			for i := ch; i < 8*c; i += c {
				s += float64(w[i])
			}
			sum[ch] += float32(s)
		}
		if src = src[whole:]; len(src) == 0 {
			return
		}
	}
	sumRowsAVX2(sum, src)
}

// The pooling kernels touch whole vectors, also where a pixel's channels end,
// and so reach into the next pixels, which they write afterwards. poolSafe
// returns how many of n pooled values they may do; the twin does the last pixels.
func poolSafe(n, c int) int {
	reach := (c + 7) &^ 7
	if n < reach {
		return 0
	}
	return ((n-reach)/c + 1) * c
}

func maxPoolSafe(dst []float32, arg []uint8, top, bottom []float32, c int) {
	n := poolSafe(len(dst), c)
	if n > 0 {
		maxPoolAVX2(dst[:n], arg, top, bottom, c)
	}
	maxPoolGo(dst[n:], arg[n:], top[2*n:], bottom[2*n:], c)
}

func maxPoolGradSafe(dtop, dbottom, dy []float32, arg []uint8, c int) {
	n := poolSafe(len(dy), c)
	if n > 0 {
		maxPoolGradAVX2(dtop, dbottom, dy[:n], arg, c)
	}
	maxPoolGradGo(dtop[2*n:], dbottom[2*n:], dy[n:], arg[n:], c)
}

func sgdEither(w, v, g []float32, lr, momentum, decay float32, nesterov bool) {
	if nesterov {
		sgdNesterovAVX2(w, v, g, lr, momentum, decay)
	} else {
		sgdAVX2(w, v, g, lr, momentum, decay)
	}
}

func adamWSpread(w, m, v, g []float32, k adamWFactors) {
	adamWAVX2(w, m, v, g, k.keep, k.e1, k.b2, k.e2, k.root, k.eps, k.step)
}

func sumSqRest(x []float32) (lanes [16]float64) {
	whole := len(x) &^ 15
	if whole > 0 {
		sumSqAVX2(&lanes, x[:whole])
	}
	for i, v := range x[whole:] {
		lanes[i] += float64(v) * float64(v)
	}
	return lanes
}

func isFiniteRest(x []float32) bool {
	whole := len(x) &^ 7
	if whole > 0 && largestAVX2(x[:whole]) >= infinity {
		return false
	}
	return isFiniteGo(x[whole:])
}
