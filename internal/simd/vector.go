package simd

// Add computes dst[i] += src[i].
func Add(dst, src []float32) {
	sameLen("Add", len(dst), len(src))
	for i := 0; i < len(dst); i += chunk {
		j := min(i+chunk, len(dst))
		active.add(dst[i:j], src[i:j])
	}
}

func addGo(dst, src []float32) {
	for i, v := range src {
		dst[i] += v
	}
}

// Axpy computes dst[i] += a*src[i].
func Axpy(dst, src []float32, a float32) {
	sameLen("Axpy", len(dst), len(src))
	for i := 0; i < len(dst); i += chunk {
		j := min(i+chunk, len(dst))
		active.axpy(dst[i:j], src[i:j], a)
	}
}

func axpyGo(dst, src []float32, a float32) {
	for i, v := range src {
		dst[i] += float32(a * v)
	}
}

// Scale computes dst[i] *= a.
func Scale(dst []float32, a float32) {
	for i := 0; i < len(dst); i += chunk {
		active.scale(dst[i:min(i+chunk, len(dst))], a)
	}
}

func scaleGo(dst []float32, a float32) {
	for i := range dst {
		dst[i] *= a
	}
}

// EMA moves an exponential moving average: avg[i] = d*avg[i] + (1-d)*w[i].
func EMA(avg, w []float32, d float32) {
	sameLen("EMA", len(avg), len(w))
	for i := 0; i < len(avg); i += chunk {
		j := min(i+chunk, len(avg))
		active.ema(avg[i:j], w[i:j], d, 1-d)
	}
}

func emaGo(avg, w []float32, d, e float32) {
	for i, v := range w {
		avg[i] = float32(d*avg[i]) + float32(e*v)
	}
}

// ReLU computes dst[i] = max(src[i], 0), which keeps NaN. dst may be src.
func ReLU(dst, src []float32) {
	sameLen("ReLU", len(dst), len(src))
	for i := 0; i < len(dst); i += chunk {
		j := min(i+chunk, len(dst))
		active.relu(dst[i:j], src[i:j])
	}
}

func reluGo(dst, src []float32) {
	for i, v := range src {
		dst[i] = max(v, 0)
	}
}

// AddReLU computes dst[i] = max(a[i]+b[i], 0), which keeps NaN. dst may be a or b.
func AddReLU(dst, a, b []float32) {
	sameLen("AddReLU", len(dst), len(a), len(b))
	for i := 0; i < len(dst); i += chunk {
		j := min(i+chunk, len(dst))
		active.addReLU(dst[i:j], a[i:j], b[i:j])
	}
}

func addReLUGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = max(v+b[i], 0)
	}
}

// ReLUGrad computes dx[i] = dy[i] if y[i] > 0, else 0. y is ReLU's input or its
// output, it is all the same. dx may be dy or y.
func ReLUGrad(dx, dy, y []float32) {
	sameLen("ReLUGrad", len(dx), len(dy), len(y))
	for i := 0; i < len(dx); i += chunk {
		j := min(i+chunk, len(dx))
		active.reluGrad(dx[i:j], dy[i:j], y[i:j])
	}
}

func reluGradGo(dx, dy, y []float32) {
	for i, v := range dy {
		if !(y[i] > 0) {
			v = 0
		}
		dx[i] = v
	}
}
