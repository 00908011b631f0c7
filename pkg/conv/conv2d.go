// Package conv holds the layers that know pictures: convolution, pooling,
// batch norm, the residual block, and the networks made of them, from LeNet-5
// on.
package conv

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() { nn.Register[Conv2D]("conv") }

// Conv2D slides Filters kernels of Kernel×Kernel over its input:
//
//	y[n][oy][ox][o] = b[o] + Σ_{ky,kx,i} x[n][oy·S+ky−P][ox·S+kx−P][i] · W[o][i][ky][kx]
//
// with zeros outside the picture, S = Stride, P = Pad; torch.nn.Conv2d. The
// output has (H+2P−Kernel)/S + 1 rows, and columns likewise. Kernels that do
// not fit a last time leave the last rows unused, as there.
type Conv2D struct {
	Filters int    `json:"filters"`
	Kernel  int    `json:"kernel"`
	Stride  int    `json:"stride,omitempty"` // 0 is 1
	Pad     int    `json:"pad,omitempty"`
	NoBias  bool   `json:"no_bias,omitempty"` // leave b out, as before batch norm
	Frozen  bool   `json:"frozen,omitempty"`  // W and b keep their initial values
	Init    string `json:"init,omitempty"`    // see nn.InitNamed; "" is He
}

func (s Conv2D) String() string {
	t := fmt.Sprintf("conv %d@%d×%d", s.Filters, s.Kernel, s.Kernel)
	if s.Stride > 1 {
		t += fmt.Sprintf(" stride %d", s.Stride)
	}
	if s.Pad > 0 {
		t += fmt.Sprintf(" pad %d", s.Pad)
	}
	if s.Frozen {
		t += " frozen"
	}
	return t
}

func (s Conv2D) stride() int { return max(1, s.Stride) }

// fullBorder tells whether the gradient by the input is computed as a
// convolution over dy with a border (and is the width of that border), which
// works for stride 1; other strides scatter.
func (s Conv2D) fullBorder() (border int, ok bool) {
	return s.Kernel - 1 - s.Pad, s.stride() == 1 && s.Pad < s.Kernel
}

// Borders implements nn.Bordered.
func (s Conv2D) Borders() (x, dy int) {
	if b, ok := s.fullBorder(); ok {
		dy = b
	}
	return s.Pad, dy
}

// Build implements nn.Spec.
func (s Conv2D) Build(at nn.Site) (nn.Layer, error) {
	const most = 1 << 16
	if s.Filters < 1 || s.Filters > most || s.Kernel < 1 || s.Kernel > 255 || s.Stride < 0 || s.Stride > 255 || s.Pad < 0 || s.Pad > 255 {
		return nil, fmt.Errorf("%d filters of %d×%d, stride %d, pad %d are out of range", s.Filters, s.Kernel, s.Kernel, s.Stride, s.Pad)
	}
	k, st, ic, oc := s.Kernel, s.stride(), at.In.C, s.Filters
	if at.In.H+2*s.Pad < k || at.In.W+2*s.Pad < k {
		return nil, fmt.Errorf("the %d×%d kernel is larger than the picture with %d pixels of padding", k, k, s.Pad)
	}
	init, err := nn.InitNamed(s.Init)
	if err != nil {
		return nil, err
	}
	l := &conv2d{Conv2D: s, at: at, ic: ic}
	l.out = tensor.Shape{H: (at.In.H+2*s.Pad-k)/st + 1, W: (at.In.W+2*s.Pad-k)/st + 1, C: oc}
	row := k * ic // values under one row of the kernel
	panels := (oc + simd.Panel - 1) / simd.Panel
	l.panel = k * row * simd.Panel
	l.w = nn.Param{
		Name: "weight", Dims: []int{oc, ic, k, k}, Len: panels * l.panel, Init: init, Frozen: s.Frozen,
		Strides: []int{l.panel, simd.Panel, row * simd.Panel, ic * simd.Panel},
	}
	l.params = []*nn.Param{&l.w}
	if !s.NoBias {
		l.b = nn.Param{Name: "bias", Dims: []int{oc}, NoDecay: true, Frozen: s.Frozen}
		l.params = append(l.params, &l.b)
	}
	if l.y, err = at.Buffer(l.out, at.Pad); err != nil {
		return nil, err
	}
	l.forward = newCorrelation(at.In, l.out, k, st, s.Pad)
	l.weights = simd.Product{
		N: oc, ARow: 1, ACol: st * ic,
		BRow: oc, BPanel: simd.Panel,
		CY: row * simd.Panel, CRow: simd.Panel, CPanel: l.panel,
	}
	l.taps = axes{tapSpans(at.In.H, l.out.H, k, st, s.Pad), tapSpans(at.In.W, l.out.W, k, st, s.Pad)}
	l.allTaps = axes{[]span{{0, l.out.H, 0, k}}, []span{{0, l.out.W, 0, k}}}
	if at.First {
		return l, nil
	}
	if l.dx, err = at.Buffer(at.In, at.GradPad); err != nil {
		return nil, err
	}
	l.setInputs()
	return l, nil
}

type conv2d struct {
	Conv2D
	at    nn.Site
	ic    int
	out   tensor.Shape
	panel int // floats in one panel of 16 filters: k·k·ic·16

	w, b   nn.Param // w lies in panels of 16 filters: [oc/16][ky][kx][ic][16]
	params []*nn.Param
	x      tensor.Batch // input of the last Forward
	y, dx  tensor.Batch

	forward, inputs correlation
	tap             simd.Product // of the gradient by the input where the stride is not 1
	weights         simd.Product
	// The taps of the kernel by the outputs for which they lie within the picture;
	// and all taps at once, some of which read the border.
	taps, allTaps axes
}

func (l *conv2d) Out() tensor.Shape   { return l.out }
func (l *conv2d) Params() []*nn.Param { return l.params }
func (l *conv2d) MACs() int {
	return l.out.H * l.out.W * l.out.C * l.Kernel * l.Kernel * l.ic
}

// Forward computes the convolution.
func (l *conv2d) Forward(x tensor.Batch, _ bool) tensor.Batch {
	l.x = x
	y := l.y.First(x.N)
	l.forward.run(y, x, l.w.W, l.b.W)
	return y
}

// Backward adds the gradients by weights and bias and returns that by x.
func (l *conv2d) Backward(dy tensor.Batch) tensor.Batch {
	l.addWeights(dy)
	if l.b.G != nil {
		for i := range dy.Runs() {
			simd.SumRows(l.b.G, dy.Run(i))
		}
	}
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	if _, ok := l.fullBorder(); ok {
		l.inputs.run(dx, dy, l.w.Packed, nil)
	} else {
		l.scatter(dx, dy)
	}
	return dx
}

// addWeights adds the gradient by the weights: for every tap the sum, over all
// pictures and pixels, of the inputs it met times what came out.
func (l *conv2d) addWeights(dy tensor.Batch) {
	p := &l.weights
	p.ABatch, p.AY = l.stride()*l.x.RowStride(), l.x.RowStride()
	p.BBatch = dy.RowStride()
	p.Groups, p.AGroup, p.BGroup = dy.N, l.x.ImageStride(), dy.ImageStride()
	over := l.allTaps
	if cutTaps(dy.N, dy.Shape) {
		over = l.taps
	}
	for _, r := range over.rows {
		for _, s := range over.cols {
			p.Y, p.M = r.last-r.first, (s.last-s.first)*l.ic
			p.Batch, p.K = r.to-r.from, s.to-s.from
			if p.Batch == 0 || p.K == 0 {
				continue
			}
			p.Add(l.w.G[(r.first*l.Kernel+s.first)*l.ic*simd.Panel:],
				l.x.Data[l.x.Offset(0, r.from*l.stride()+r.first-l.Pad, s.from*l.stride()+s.first-l.Pad):],
				dy.Data[dy.Offset(0, r.from, s.from):])
		}
	}
}

// setInputs prepares the gradient by the input. It needs the weights with the
// filters as depth and the input channels as columns, in w.Packed:
// [ic/16][ky][kx][oc][16], turned by 180° for stride 1.
func (l *conv2d) setInputs() {
	k, ic, oc := l.Kernel, l.ic, l.out.C
	panels := (ic + simd.Panel - 1) / simd.Panel
	panel := k * k * oc * simd.Panel
	l.w.PackedLen = panels * panel
	_, full := l.fullBorder()
	l.w.Pack = func() {
		for ky := range k {
			for kx := range k {
				ty, tx := ky, kx
				if full {
					ty, tx = k-1-ky, k-1-kx
				}
				for i := range ic {
					dst := l.w.Packed[i/simd.Panel*panel+(ty*k+tx)*oc*simd.Panel+i%simd.Panel:]
					src := l.w.W[((ky*k+kx)*ic+i)*simd.Panel:]
					for o := range oc {
						dst[o*simd.Panel] = src[o/simd.Panel*l.panel+o%simd.Panel]
					}
				}
			}
		}
	}
	if border, full := l.fullBorder(); full { // dx is the convolution of dy with the turned kernels
		l.inputs = newCorrelation(l.out, l.at.In, k, 1, border)
		return
	}
	l.tap = simd.Product{ // one tap of the kernel
		N: ic, K: oc, ARow: oc, ACol: 1,
		BPanel: panel, BRow: simd.Panel,
		CY: l.stride() * l.dx.RowStride(), CRow: l.stride() * ic, CPanel: simd.Panel,
	}
}

// scatter adds, for each tap of the kernel, what dy contributes to every
// stride-th pixel of dx. Taps may reach into the padding, where dx may have no
// memory, so each tap runs over the outputs whose input pixel exists.
func (l *conv2d) scatter(dx, dy tensor.Batch) {
	for i := range dx.Runs() {
		clear(dx.Run(i))
	}
	k, st := l.Kernel, l.stride()
	p := &l.tap
	p.Images, p.AImage, p.CImage, p.AY = dy.N, dy.ImageStride(), dx.ImageStride(), dy.RowStride()
	for _, r := range l.taps.rows {
		for _, s := range l.taps.cols {
			p.Y, p.M = r.to-r.from, s.to-s.from
			if p.Y == 0 || p.M == 0 {
				continue
			}
			for ky := r.first; ky < r.last; ky++ {
				for kx := s.first; kx < s.last; kx++ {
					p.Add(dx.Data[dx.Offset(0, r.from*st+ky-l.Pad, s.from*st+kx-l.Pad):], dy.Data[dy.Offset(0, r.from, s.from):],
						l.w.Packed[(ky*k+kx)*l.out.C*simd.Panel:])
				}
			}
		}
	}
}
