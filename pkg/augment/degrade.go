package augment

import (
	"math"

	"squint/internal/rng"
	"squint/pkg/tensor"
)

// What happens to a photo on its way: it is out of focus or was enlarged
// (blur), grainy (noise), or was saved too small (JPEG). All sums are in
// integers.

// degrade carries out what the deformation has of these, in that order.
func (a *Augmenter) degrade(pix []uint8, d *deform) {
	if d.blur > 0 {
		blur(pix, a.line[:], a.to, d.blur)
	}
	if d.noise > 0 {
		grain(pix, a.to.C, d.noise, d.key)
	}
	if d.jpeg > 0 {
		saveAsJPEG(pix, a.to, d.jpeg)
	}
}

// blur passes [w, 1-2w, w] over rows and columns as often as the variance σ²
// asks for, of which one pass adds 2w, at most a half. line is scratch for a row
// or a column.
func blur(pix, line []uint8, s tensor.Shape, sigma float64) {
	const bits = 12
	passes := int(math.Ceil(sigma * sigma / 0.5))
	w := int(math.Round(sigma * sigma / float64(2*passes) * (1 << bits)))
	along := func(from, step, n int) {
		for i := range n {
			line[i+1] = pix[from+i*step]
		}
		line[0], line[n+1] = line[1], line[n] // beyond the edge lies the edge
		for i := range n {
			side, own := int(line[i])+int(line[i+2]), int(line[i+1])
			pix[from+i*step] = uint8((own<<bits + w*(side-2*own) + 1<<(bits-1)) >> bits)
		}
	}
	for range passes {
		for c := range s.C {
			for y := range s.H {
				along(y*s.W*s.C+c, s.C, s.W)
			}
			for x := range s.W {
				along(x*s.C+c, s.W*s.C, s.H)
			}
		}
	}
}

// grain adds to every value a number of standard deviation sigma: the sum of
// three uniform ones, drawn under the picture's key.
func grain(pix []uint8, c int, sigma float64, key uint64) {
	// A number uniform in 0…127 has variance (128²-1)/12.
	scale := int(math.Round(sigma / math.Sqrt(3*(128*128-1)/12.0) * (1 << 16)))
	key = rng.Key(key, drawNoise)
	for i := 0; i < len(pix); i += c {
		bits := rng.At(key, uint64(i))
		for k := range c {
			sum := int(bits&127) + int(bits>>7&127) + int(bits>>14&127)
			bits >>= 21
			pix[i+k] = clamp(int64(int(pix[i+k]) + ((2*sum-3*127)*scale/2+1<<15)>>16))
		}
	}
}

// luminance is the quantisation table for luma of the JPEG standard's Annex K
// (ITU-T T.81, table K.1), which most programs scale by their quality.
var luminance = [64]int{
	16, 11, 10, 16, 24, 40, 51, 61,
	12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56,
	14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77,
	24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101,
	72, 92, 95, 98, 112, 100, 103, 99,
}

// cosines is the orthonormal discrete cosine transform of 8 values, [frequency]
// [place], in steps of 2^-12.
var cosines = func() (t [8][8]int) {
	for u := range 8 {
		scale := math.Sqrt(2.0 / 8)
		if u == 0 {
			scale = math.Sqrt(1.0 / 8)
		}
		for x := range 8 {
			t[u][x] = int(math.Round(scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * (1 << 12)))
		}
	}
	return t
}()

// saveAsJPEG does to a picture's luma what saving as a JPEG of this quality (1
// to 100) does; colours, which JPEG keeps coarser than anyone sees, stay.
func saveAsJPEG(pix []uint8, s tensor.Shape, quality float64) {
	percent := 200 - 2*quality // as in libjpeg
	if quality < 50 {
		percent = 5000 / quality
	}
	var table [64]int
	for i, q := range luminance {
		table[i] = min(max(int((float64(q)*percent+50)/100), 1), 255)
	}
	var block, change [64]int
	for top := 0; top < s.H; top += 8 {
		for left := 0; left < s.W; left += 8 {
			for i := range block { // beyond the edge the edge is repeated
				y, x := min(top+i/8, s.H-1), min(left+i%8, s.W-1)
				block[i] = luma(pix[(y*s.W+x)*s.C:], s.C) - 128
			}
			quantise(&change, &block, &table)
			for y := top; y < min(top+8, s.H); y++ {
				for x := left; x < min(left+8, s.W); x++ {
					d := change[(y-top)*8+x-left]
					for c, v := range pix[(y*s.W+x)*s.C:][:s.C] {
						pix[(y*s.W+x)*s.C+c] = clamp(int64(int(v) + d))
					}
				}
			}
		}
	}
}

// luma of one pixel.
func luma(p []uint8, c int) int {
	if c == 1 {
		return int(p[0])
	}
	return (lumaR*int(p[0]) + lumaG*int(p[1]) + lumaB*int(p[2]) + 128) >> 8
}

// quantise writes how rounding its frequencies to multiples of table changes a
// block.
func quantise(change, block, table *[64]int) {
	const bits = 12
	var half, freq [64]int
	for y := range 8 { // rows, to 1/16
		for u := range 8 {
			sum := 0
			for x := range 8 {
				sum += block[y*8+x] * cosines[u][x]
			}
			half[y*8+u] = sum >> (bits - 4)
		}
	}
	for v := range 8 { // columns, and the way to the nearest multiple, to 1/16
		for u := range 8 {
			sum := 0
			for y := range 8 {
				sum += half[y*8+u] * cosines[v][y]
			}
			f, q := sum>>bits, table[v*8+u]<<4
			freq[v*8+u] = int(math.Round(float64(f)/float64(q)))*q - f
		}
	}
	for y := range 8 {
		for u := range 8 {
			sum := 0
			for v := range 8 {
				sum += freq[v*8+u] * cosines[v][y]
			}
			half[y*8+u] = sum >> bits
		}
	}
	for y := range 8 {
		for x := range 8 {
			sum := 0
			for u := range 8 {
				sum += half[y*8+u] * cosines[u][x]
			}
			change[y*8+x] = (sum + 1<<(bits+3)) >> (bits + 4)
		}
	}
}
