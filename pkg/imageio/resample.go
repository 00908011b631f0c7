package imageio

import (
	"image"
	"math"
	"sync"
)

// A resampler shrinks or enlarges one channel at a time, in whole numbers: first each
// row is added to those of the target that it belongs to, which takes a
// multiplication and little else for a sample, and then what has become of them is
// resampled along the row. It starts no goroutine, and its buffers, which are of the
// size of a few rows and of the target, are kept.
type resampler struct {
	across, down axis
	spans        []span      // instead of across, when shrinking
	low, width   int         // the samples of a row that belong to the part
	perSample    int64       // by what a weight grows from sample to sample, in weightBits
	w            int         // of the target
	making       int         // rows of the target that one row of the source may belong to
	acc          []uint32    // [making][3][width] such rows, 8.18 bits
	out          [3][]uint32 // [h][w] of each channel, 8.16 bits
}

var resamplers = sync.Pool{New: func() any { return new(resampler) }}

// Weights add up to 1 in these many bits; a sum of 255 of them fills 26, and one of what
// a row keeps 30.
const (
	downBits   = 18
	rowBits    = 4 // of fraction that a row keeps
	acrossBits = 18
	outBits    = 16 // of fraction in out
)

// resizeGray writes the part from of src, which is grey, at w×h into dst [h][w].
func resizeGray(dst []uint8, src rows, from image.Rectangle, w, h int) {
	r := resamplers.Get().(*resampler)
	defer resamplers.Put(r)
	r.plan(from, image.Pt(src.w, src.h), w, h, 1, 1)
	line := make([]uint8, src.w)
	r.run(0, 1, func(_, y int) []uint8 {
		src.read(line, y)
		return line
	})
	for i, v := range r.out[0] {
		dst[i] = uint8((v + 1<<(outBits-1)) >> outBits)
	}
}

// resizeColour writes the part from of src at w×h into dst [h][w][3].
func resizeColour(dst []uint8, src rows, from image.Rectangle, w, h int) {
	r := resamplers.Get().(*resampler)
	defer resamplers.Put(r)
	r.plan(from, image.Pt(src.w, src.h), w, h, 1, 1)
	line := make([]uint8, 4*src.w)
	channels := make([]uint8, 3*src.w) // [3][src.w]
	r.run(0, 3, func(c, y int) []uint8 {
		if c == 0 {
			src.read(line, y)
			for x := range src.w {
				channels[x], channels[src.w+x], channels[2*src.w+x] = line[4*x], line[4*x+1], line[4*x+2]
			}
		}
		return channels[c*src.w:][:src.w]
	})
	for c, out := range r.out {
		for i, v := range out {
			dst[3*i+c] = uint8((v + 1<<(outBits-1)) >> outBits)
		}
	}
}

// resizeYCbCr writes the part from of m, counted from its corner, at w×h into dst
// [h][w][3] as RGB. Each plane is resampled as it lies in a JPEG, where those of colour
// mostly have a quarter of the samples; only the result is converted.
func resizeYCbCr(dst []uint8, m *image.YCbCr, from image.Rectangle, w, h int) {
	r := resamplers.Get().(*resampler)
	defer resamplers.Put(r)
	r.planes(dst, m, from, w, h)
}

func (r *resampler) planes(dst []uint8, m *image.YCbCr, from image.Rectangle, w, h int) {
	r.plan(from, m.Rect.Size(), w, h, 1, 1)
	r.run(0, 1, func(_, y int) []uint8 { return m.Y[y*m.YStride:] })
	// Samples of colour are shared by pixels whose absolute coordinates agree: the
	// first may stand for pixels left and above of m.
	hs, vs := sampling(m.SubsampleRatio)
	b, last := m.Rect, m.Rect.Max.Sub(image.Pt(1, 1))
	hidden := image.Pt(b.Min.X-b.Min.X/hs*hs, b.Min.Y-b.Min.Y/vs*vs)
	r.plan(from.Add(hidden), image.Pt(last.X/hs-b.Min.X/hs+1, last.Y/vs-b.Min.Y/vs+1), w, h, hs, vs)
	r.run(1, 3, func(c, y int) []uint8 {
		if c == 1 {
			return m.Cb[y*m.CStride:]
		}
		return m.Cr[y*m.CStride:]
	})
	// JFIF: R = Y + 1.402 Cr, G = Y - 0.344136 Cb - 0.714136 Cr, B = Y + 1.772 Cb, the
	// factors in 16 bits as image/color has them.
	const bits, zero = outBits + 16, 128 << outBits
	to8 := func(v int64) uint8 { return uint8(min(max((v+1<<(bits-1))>>bits, 0), 255)) }
	for i, v := range r.out[0] {
		y, cb, cr := int64(v)<<16, int64(r.out[1][i])-zero, int64(r.out[2][i])-zero
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0], d[1], d[2] = to8(y+91881*cr), to8(y-22554*cb-46802*cr), to8(y+116130*cb)
	}
}

// sampling returns how many pixels a sample of colour stands for, across and down.
func sampling(r image.YCbCrSubsampleRatio) (hs, vs int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// plan prepares for the part from, in pixels, of a plane of the given size, of which
// every sample stands for hs×vs pixels.
func (r *resampler) plan(from image.Rectangle, size image.Point, w, h, hs, vs int) {
	r.down.plan(from.Min.Y, from.Max.Y, size.Y, h, vs, downBits)
	r.making = r.down.overlap()
	_, _, low, high := line(from.Min.X, from.Max.X, size.X, w, hs)
	r.w, r.low, r.width = w, low, high-low
	if from.Dx() >= w*hs {
		r.planSpans(from.Min.X, from.Max.X, size.X, w, hs)
	} else {
		r.spans = r.spans[:0]
		r.across.plan(from.Min.X, from.Max.X, size.X, w, hs, acrossBits)
	}
}

// line says where w target pixels lie on samples 0 to n-1, of which each stands
// for sub pixels: the centre of target i is at first + i·step, and the samples from lo
// on and below hi belong to the part.
func line(from, to, n, w, sub int) (first, step float64, lo, hi int) {
	step = float64(to-from) / float64(w*sub)
	first = float64(from)/float64(sub) + step/2 - 0.5
	return first, step, from / sub, min((to+sub-1)/sub, n)
}

// An axis lists the samples that make each target pixel: target i is the sum of
// weight[t.w+k] · sample[t.src+k] for k below t.n, where t is taps[i].
type axis struct {
	taps   []taps
	weight []uint32
}

type taps struct{ src, n, w int }

// plan sets the weights of a triangle that reaches one target pixel to either side of
// the target's centre, but at least one sample; what hangs over the ends is left out.
// That is imaging.Linear, and Pillow's BILINEAR.
func (a *axis) plan(from, to, n, w, sub, bits int) {
	a.taps, a.weight = a.taps[:0], a.weight[:0]
	first, step, low, high := line(from, to, n, w, sub)
	reach := max(step, 1)
	for i := range w {
		centre := first + float64(i)*step
		lo, hi := max(int(math.Ceil(centre-reach)), low), min(int(math.Floor(centre+reach)), high-1)
		total := 0.0
		for u := lo; u <= hi; u++ {
			total += 1 - math.Abs(float64(u)-centre)/reach
		}
		a.taps = append(a.taps, taps{src: lo, n: hi - lo + 1, w: len(a.weight)})
		// The running sum is rounded, not each weight, so that they add up to 1 and
		// the error does not grow with their number.
		part, given := 0.0, uint32(0)
		for u := lo; u <= hi; u++ {
			part += (1 - math.Abs(float64(u)-centre)/reach) / total
			upTo := uint32(math.Round(part * float64(int(1)<<bits)))
			a.weight = append(a.weight, upTo-given)
			given = upTo
		}
	}
}

// overlap is the most targets that one sample belongs to.
func (a *axis) overlap() (most int) {
	first := 0 // target that what begins with target i belongs to
	for i, t := range a.taps {
		for a.taps[first].src+a.taps[first].n <= t.src {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// run resamples channels c0 and on, below c1, whose lines it asks for in their
// order, and leaves the result in r.out.
func (r *resampler) run(c0, c1 int, line func(c, y int) []uint8) {
	targets := r.down.taps
	for c := c0; c < c1; c++ {
		r.out[c] = sized(r.out[c], r.w*len(targets))
	}
	r.acc = sized(r.acc, r.making*3*r.width)
	row := func(i, c int) []uint32 { return r.acc[(i%r.making*3+c)*r.width:][:r.width] }
	last := targets[len(targets)-1]
	done, begun := 0, 0 // targets
	for y := targets[0].src; y < last.src+last.n; y++ {
		for ; begun < len(targets) && targets[begun].src <= y; begun++ {
			clear(r.acc[begun%r.making*3*r.width:][:3*r.width])
		}
		for c := c0; c < c1; c++ {
			src := line(c, y)[r.low:][:r.width]
			i := done
			for ; i+1 < begun; i += 2 {
				add2(row(i, c), r.down.at(i, y), row(i+1, c), r.down.at(i+1, y), src)
			}
			if i < begun {
				add1(row(i, c), r.down.at(i, y), src)
			}
		}
		for ; done < begun && targets[done].src+targets[done].n <= y+1; done++ {
			for c := c0; c < c1; c++ {
				if out := r.out[c][done*r.w:][:r.w]; len(r.spans) > 0 {
					r.shrink(out, row(done, c))
				} else {
					r.enlarge(out, row(done, c))
				}
			}
		}
	}
}

// at is the weight of sample u for target i.
func (a *axis) at(i, u int) uint32 { return a.weight[a.taps[i].w+u-a.taps[i].src] }

// add1 is dst[x] += k·src[x].
func add1(dst []uint32, k uint32, src []uint8) {
	dst = dst[:len(src)]
	for x, v := range src {
		dst[x] += k * uint32(v)
	}
}

// add2 is a[x] += ka·src[x] and b[x] += kb·src[x], for one reading of src.
func add2(a []uint32, ka uint32, b []uint32, kb uint32, src []uint8) {
	a, b = a[:len(src)], b[:len(src)]
	for x, v := range src {
		a[x] += ka * uint32(v)
		b[x] += kb * uint32(v)
	}
}

// rounded is a sample of a row in the making with rowBits of fraction.
func rounded(v uint32) uint32 { return (v + 1<<(downBits-rowBits-1)) >> (downBits - rowBits) }

// enlarge resamples a row as its weights say.
func (r *resampler) enlarge(dst, row []uint32) {
	for i, t := range r.across.taps {
		var sum uint32
		src := row[t.src-r.low:][:t.n]
		for k, w := range r.across.weight[t.w:][:t.n] {
			sum += w * rounded(src[k])
		}
		dst[i] = sum >> (rowBits + acrossBits - outBits)
	}
}

// A span is the samples between the centres of targets k-1 and k, which share them:
// what sample u weighs for target k grows from 0 at one centre, d, to 1 at the other, and
// is (u - d)/step; the rest is target k-1's. So of the span target k gets
//
//	((end - d)·S - T) / step,  S the sum of the samples, T the sum of all their
//	                           running sums: sample u is in end - u of those,
//
// for two additions a sample.
type span struct {
	n     int    // samples
	whole int64  // (end - d)/step, in weightBits
	scale uint64 // turns the whole sum of target k-1 into a value
}

const (
	weightBits = 32 // a row of 65535 samples of 12 bits then takes 61
	spareBits  = 16 // of a sum, which scale does without
	scaleBits  = 44 // of fraction in a product with scale, beside those of out
)

func (r *resampler) planSpans(from, to, n, w, sub int) {
	first, step, low, high := line(from, to, n, w, sub)
	r.spans = r.spans[:0]
	r.perSample = int64(math.Round((1 << weightBits) / step))
	carry, begin := int64(0), low
	for k := range w + 1 {
		end := high
		if k < w {
			end = min(max(int(math.Ceil(first+float64(k)*step)), begin), high)
		}
		d := first + float64(k-1)*step
		s := span{n: end - begin, whole: int64(math.Round((float64(end) - d) / step * (1 << weightBits)))}
		count := int64(s.n)
		right := s.whole*count - r.perSample*(count*(count+1)/2) // of samples that are all 1
		if k > 0 {
			all := carry + count<<weightBits - right
			s.scale = uint64(math.Round((1 << (scaleBits + spareBits)) / float64(all)))
		}
		carry = right
		r.spans = append(r.spans, s)
		begin = end
	}
}

// shrink resamples a row, span by span.
func (r *resampler) shrink(dst, row []uint32) {
	carry := int64(0)
	for k, s := range r.spans {
		var sum, sums int64
		for _, v := range row[:s.n] {
			sum += int64(rounded(v))
			sums += sum
		}
		row = row[s.n:]
		right := s.whole*sum - r.perSample*sums
		if k > 0 {
			all := uint64(carry+sum<<weightBits-right) >> spareBits
			const spare = scaleBits + rowBits - outBits
			dst[k-1] = uint32((all*s.scale + 1<<(spare-1)) >> spare)
		}
		carry = right
	}
}

// sized returns a slice of n values, s where it is long enough.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
