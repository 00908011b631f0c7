package conv

import (
	"squint/internal/simd"
	"squint/pkg/tensor"
)

// correlation slides a kernel over pictures, for a convolution's output and, with
// the kernel turned, for its gradient by the input: with a the pictures of i
// channels and w their weights in panels of 16 of the o results, [o/16][ky][kx][i][16],
//
//	c[n][y][x][o] = bias[o] + Σ_{ky,kx,i} a[n][y·stride+ky−pad][x·stride+kx−pad][i] · w[o][ky][kx][i]
//
// a's values are read in place as a matrix of overlapping rows: the kernel·i
// values under one row of the kernel are neighbours in memory, and the next
// pixel's begin stride·i further.
type correlation struct {
	kernel, stride, pad int
	panel               int // floats in one panel of weights
	product             simd.Product

	// The outputs by which taps of the kernel lie within the picture: products that
	// leave the zeros of the border out; and all outputs at once, for which it is read.
	within, all axes
}

// axes cuts the rows and the columns of pictures into spans.
type axes struct{ rows, cols []span }

// span is a run of outputs along one axis whose kernels hang over the edges of the
// picture alike: outputs [from, to) have the taps [first, last) within it.
type span struct{ from, to, first, last int }

// spans cuts an axis of out outputs over in values into spans. Outputs whose kernels
// see nothing but padding get one tap, which reads a zero of the border.
func spans(in, out, kernel, stride, pad int) []span {
	var s []span
	for o := range out {
		at := o*stride - pad // where tap 0 reads
		first, last := max(0, -at), min(kernel, in-at)
		if first >= last {
			first, last = 0, 1
		}
		if n := len(s) - 1; n >= 0 && s[n].first == first && s[n].last == last {
			s[n].to++
		} else {
			s = append(s, span{o, o + 1, first, last})
		}
	}
	return s
}

// tapSpans cuts the kernel along an axis: taps [first, last) lie within the picture for
// the same outputs [from, to), which may be none.
func tapSpans(in, out, kernel, stride, pad int) []span {
	var s []span
	for t := range kernel {
		shift := t - pad
		from := max(0, (-shift+stride-1)/stride)
		to := 0
		if in-1-shift >= 0 {
			to = min(out, (in-1-shift)/stride+1)
		}
		to = max(from, to)
		if n := len(s) - 1; n >= 0 && s[n].from == from && s[n].to == to {
			s[n].last++
		} else {
			s = append(s, span{from, to, t, t + 1})
		}
	}
	return s
}

func newCorrelation(in, out tensor.Shape, kernel, stride, pad int) correlation {
	row := kernel * in.C
	return correlation{
		kernel: kernel, stride: stride, pad: pad, panel: kernel * row * simd.Panel,
		product: simd.Product{
			ARow: stride * in.C, ACol: 1,
			BBatch: row * simd.Panel, BPanel: kernel * row * simd.Panel, BRow: simd.Panel,
			CRow: out.C, CPanel: simd.Panel,
		},
		within: axes{spans(in.H, out.H, kernel, stride, pad), spans(in.W, out.W, kernel, stride, pad)},
		all:    axes{[]span{{0, out.H, 0, kernel}}, []span{{0, out.W, 0, kernel}}},
	}
}

const (
	// cacheFloats is how many floats of weights, or of pictures, are used for all
	// the others before the next ones come: half of a second-level cache of 512 KB.
	cacheFloats = 64 << 10
	// Cutting off the border wants a few pictures to be taken together, or the
	// corners are products of a single row, and pays where borders are much of a picture.
	cutImages, cutSide = 4, 16
)

// cut tells whether to leave the border out of the outputs, of shape s, of n pictures of
// which together are taken at a time.
func cut(n, together int, s tensor.Shape) bool {
	return min(n, together) >= cutImages && max(s.H, s.W) <= cutSide
}

// cutTaps tells the same of the gradient by the weights, whose outputs have shape s:
// there each piece has its rows of dy put together anew, which costs more than the
// zeros of larger pictures.
func cutTaps(n int, s tensor.Shape) bool {
	return n >= cutImages && max(s.H, s.W) <= cutSide/2
}

// run computes c from a, which has a border of pad zeros. bias may be nil.
func (f *correlation) run(c, a tensor.Batch, w, bias []float32) {
	f.runPart(c, a, w, bias, part{0, (c.C + simd.Panel - 1) / simd.Panel, 0, c.H})
}

// part is some of the results: those in panels [first, last) of weights, in the rows
// [top, bottom) of each picture. Each is the same in whichever part it is computed.
type part struct{ first, last, top, bottom int }

func (f *correlation) runPart(c, a tensor.Batch, w, bias []float32, of part) {
	p := f.product
	p.AImage, p.AY, p.ABatch = a.ImageStride(), f.stride*a.RowStride(), a.RowStride()
	p.CImage, p.CY = c.ImageStride(), c.RowStride()
	together := max(1, cacheFloats/a.ImageStride())
	panels := max(1, cacheFloats/f.panel)
	over := f.all
	if cut(a.N, together, c.Shape) {
		over = f.within
	}
	for first := of.first; first < of.last; first += panels {
		o := first * simd.Panel
		p.N = min(panels*simd.Panel, of.last*simd.Panel-o, c.C-o)
		for n := 0; n < a.N; n += together {
			p.Images = min(together, a.N-n)
			for _, r := range over.rows {
				r.from, r.to = max(r.from, of.top), min(r.to, of.bottom)
				if r.from >= r.to {
					continue
				}
				for _, s := range over.cols {
					p.Y, p.M = r.to-r.from, s.to-s.from
					p.Batch, p.K = r.last-r.first, (s.last-s.first)*a.C
					from := a.Data[a.Offset(n, r.from*f.stride+r.first-f.pad, s.from*f.stride+s.first-f.pad):]
					to := c.Data[c.Offset(n, r.from, s.from)+o:]
					weights := w[first*f.panel+(r.first*f.kernel+s.first)*a.C*simd.Panel:]
					if bias == nil {
						p.Set(to, from, weights)
					} else {
						p.Bias(to, from, weights, bias[o:])
					}
				}
			}
		}
	}
}
