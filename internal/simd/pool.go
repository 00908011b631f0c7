package simd

import "fmt"

// MaxPool2x2 pools two rows of pixels of c channels into one row, with windows
// of 2×2 pixels at stride 2: for every output pixel x and channel
//
//	dst[x*c+ch] = the largest of top[2x*c+ch], top[(2x+1)*c+ch], bottom[2x*c+ch], bottom[(2x+1)*c+ch]
//	arg[x*c+ch] = its place in that list, 0 to 3, the first one of equals
//
// A value wins by being greater than all before it, so NaN wins only in the
// first place. The number of output pixels is len(dst)/c; top and bottom have twice as
// many, or one more, which is not looked at.
func MaxPool2x2(dst []float32, arg []uint8, top, bottom []float32, c int) {
	checkPool("MaxPool2x2", len(dst), len(arg), len(top), len(bottom), c)
	if len(dst) > 0 {
		active.maxPool(dst, arg, top, bottom, c)
	}
}

func maxPoolGo(dst []float32, arg []uint8, top, bottom []float32, c int) {
	for x := 0; x < len(dst); x += c {
		for i := x; i < x+c; i++ {
			best, at := top[x+i], uint8(0)
			if v := top[x+i+c]; v > best {
				best, at = v, 1
			}
			if v := bottom[x+i]; v > best {
				best, at = v, 2
			}
			if v := bottom[x+i+c]; v > best {
				best, at = v, 3
			}
			dst[i], arg[i] = best, at
		}
	}
}

// MaxPool2x2ScaleShift pools as MaxPool2x2 does, without telling which place was
// the largest, and goes on with each value m of channel ch, C = len(scale) = len(shift):
//
//	dst[x*C+ch] = max(m*scale[ch] + shift[ch], floor) + 0
//
// which is MaxPool2x2, ScaleShift and, with a floor of 0, ReLU in one pass, to the
// same bits; a floor of minus infinity leaves out the last, but for -0, which becomes 0.
func MaxPool2x2ScaleShift(dst, top, bottom, scale, shift []float32, floor float32) {
	sameLen("MaxPool2x2ScaleShift", len(scale), len(shift))
	c := len(scale)
	checkPool("MaxPool2x2ScaleShift", len(dst), len(dst), len(top), len(bottom), c)
	step := pixels("MaxPool2x2ScaleShift", len(dst), c)
	for i := 0; i < len(dst); i += step {
		j := min(i+step, len(dst))
		active.maxPoolScaleShift(dst[i:j], top[2*i:2*j], bottom[2*i:2*j], scale, shift, floor)
	}
}

func maxPoolScaleShiftGo(dst, top, bottom, scale, shift []float32, floor float32) {
	c := len(scale)
	for x := 0; x < len(dst); x += c {
		for ch, s := range scale {
			i := x + ch
			best := top[x+i]
			for _, v := range [3]float32{top[x+i+c], bottom[x+i], bottom[x+i+c]} {
				if v > best {
					best = v
				}
			}
			dst[i] = max(float32(best*s)+shift[ch], floor) + 0
		}
	}
}

// MaxPool2x2Grad is MaxPool2x2 backwards: of the four places of a window it sets
// the one that arg names to dy and the others to 0. An odd last pixel of dtop
// and dbottom becomes 0.
func MaxPool2x2Grad(dtop, dbottom, dy []float32, arg []uint8, c int) {
	checkPool("MaxPool2x2Grad", len(dy), len(arg), len(dtop), len(dbottom), c)
	n := 2 * len(dy)
	clear(dtop[n:])
	clear(dbottom[n:])
	if n > 0 {
		active.maxPoolGrad(dtop[:n], dbottom[:n], dy, arg, c)
	}
}

func maxPoolGradGo(dtop, dbottom, dy []float32, arg []uint8, c int) {
	for x := 0; x < len(dy); x += c {
		for i := x; i < x+c; i++ {
			var d [4]float32
			d[arg[i]] = dy[i]
			dtop[x+i], dtop[x+i+c], dbottom[x+i], dbottom[x+i+c] = d[0], d[1], d[2], d[3]
		}
	}
}

func checkPool(name string, n, arg, top, bottom, c int) {
	if c <= 0 || n%c != 0 || arg != n || top != bottom || top != 2*n && top != 2*n+c {
		panic(fmt.Sprintf("simd: %s: rows of %d and %d values, pooled %d and %d, of %d channels", name, top, bottom, n, arg, c))
	}
}
