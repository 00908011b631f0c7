package conv

import (
	"fmt"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() {
	nn.Register[MaxPool]("maxpool")
	nn.Register[AvgPool]("avgpool")
}

// MaxPool takes the largest value of each Size×Size window, which moves by
// Stride; torch.nn.MaxPool2d. Rows and columns that fill no window are left
// out. The gradient goes to the first of equal values.
type MaxPool struct {
	Size   int `json:"size"`
	Stride int `json:"stride,omitempty"` // 0 is Size
}

// AvgPool takes the mean of each window; torch.nn.AvgPool2d.
type AvgPool struct {
	Size   int `json:"size"`
	Stride int `json:"stride,omitempty"` // 0 is Size
}

func (s MaxPool) String() string { return describePool("max", s.Size, s.Stride) }
func (s AvgPool) String() string { return describePool("average", s.Size, s.Stride) }

func describePool(kind string, size, stride int) string {
	t := fmt.Sprintf("%s pool %d×%d", kind, size, size)
	if stride > 0 && stride != size {
		t += fmt.Sprintf(" stride %d", stride)
	}
	return t
}

// window is what both kinds of pooling share.
type window struct {
	at           nn.Site
	out          tensor.Shape
	size, stride int
	y, dx        tensor.Batch
}

func newWindow(at nn.Site, size, stride int) (w window, err error) {
	if stride == 0 {
		stride = size
	}
	if size < 1 || size > 15 || stride < 1 {
		return w, fmt.Errorf("window %d×%d with stride %d, want a size of 1 to 15", size, size, stride)
	}
	if at.In.H < size || at.In.W < size {
		return w, fmt.Errorf("the %d×%d window is larger than the picture", size, size)
	}
	w = window{at: at, size: size, stride: stride}
	w.out = tensor.Shape{H: (at.In.H-size)/stride + 1, W: (at.In.W-size)/stride + 1, C: at.In.C}
	if w.y, err = at.Buffer(w.out, at.Pad); err != nil {
		return w, err
	}
	if !at.First {
		w.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return w, err
}

func (l *window) Out() tensor.Shape   { return l.out }
func (l *window) Params() []*nn.Param { return nil }

// clearDX returns dx for n examples, zeroed, for gradients to be added to.
func (l *window) clearDX(n int) tensor.Batch {
	dx := l.dx.First(n)
	for i := range dx.Runs() {
		clear(dx.Run(i))
	}
	return dx
}

// Build implements nn.Spec.
func (s MaxPool) Build(at nn.Site) (nn.Layer, error) {
	w, err := newWindow(at, s.Size, s.Stride)
	if err != nil {
		return nil, err
	}
	return &maxPool{window: w, pairs: w.size == 2 && w.stride == 2, arg: make([]uint8, at.Batch*w.out.Size())}, nil
}

type maxPool struct {
	window
	pairs bool    // the usual 2×2 window at stride 2, which has a kernel
	arg   []uint8 // [N][OH][OW][C], which of the window's pixels was largest: ky*Size+kx
}

func (l *maxPool) Forward(x tensor.Batch, _ bool) tensor.Batch {
	y := l.y.First(x.N)
	c, rs := l.out.C, x.RowStride()
	for n := range x.N {
		for oy := range l.out.H {
			row := y.Row(n, oy)
			arg := l.argRow(n, oy)
			if l.pairs {
				simd.MaxPool2x2(row, arg, x.Row(n, 2*oy), x.Row(n, 2*oy+1), c)
				continue
			}
			for ox := range l.out.W {
				best, from := row[ox*c:(ox+1)*c], arg[ox*c:(ox+1)*c]
				at := x.Offset(n, oy*l.stride, ox*l.stride)
				copy(best, x.Data[at:at+c])
				clear(from)
				for k := 1; k < l.size*l.size; k++ {
					o := at + k/l.size*rs + k%l.size*c
					for i, v := range x.Data[o : o+c] {
						if v > best[i] {
							best[i], from[i] = v, uint8(k)
						}
					}
				}
			}
		}
	}
	return y
}

func (l *maxPool) argRow(n, oy int) []uint8 {
	w := l.out.W * l.out.C
	o := (n*l.out.H + oy) * w
	return l.arg[o : o+w]
}

func (l *maxPool) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	if l.pairs {
		return l.backwardPairs(dy)
	}
	dx := l.clearDX(dy.N)
	c, rs := l.out.C, dx.RowStride()
	for n := range dy.N {
		for oy := range l.out.H {
			row := dy.Row(n, oy)
			arg := l.argRow(n, oy)
			for ox := range l.out.W {
				at := dx.Offset(n, oy*l.stride, ox*l.stride)
				for i, g := range row[ox*c : (ox+1)*c] {
					k := int(arg[ox*c+i])
					dx.Data[at+k/l.size*rs+k%l.size*c+i] += g
				}
			}
		}
	}
	return dx
}

// backwardPairs writes every value of dx, so that nothing need be cleared but
// the odd last row.
func (l *maxPool) backwardPairs(dy tensor.Batch) tensor.Batch {
	dx := l.dx.First(dy.N)
	for n := range dy.N {
		for oy := range l.out.H {
			simd.MaxPool2x2Grad(dx.Row(n, 2*oy), dx.Row(n, 2*oy+1), dy.Row(n, oy), l.argRow(n, oy), l.out.C)
		}
		if dx.H%2 == 1 {
			clear(dx.Row(n, dx.H-1))
		}
	}
	return dx
}

// Build implements nn.Spec.
func (s AvgPool) Build(at nn.Site) (nn.Layer, error) {
	w, err := newWindow(at, s.Size, s.Stride)
	if err != nil {
		return nil, err
	}
	return &avgPool{w}, nil
}

type avgPool struct{ window }

func (l *avgPool) Forward(x tensor.Batch, _ bool) tensor.Batch {
	y := l.y.First(x.N)
	c := l.out.C
	scale := 1 / float32(l.size*l.size)
	for n := range x.N {
		for oy := range l.out.H {
			row := y.Row(n, oy)
			for ox := range l.out.W {
				sum := row[ox*c : (ox+1)*c]
				clear(sum)
				for k := range l.size * l.size {
					o := x.Offset(n, oy*l.stride+k/l.size, ox*l.stride+k%l.size)
					for i, v := range x.Data[o : o+c] {
						sum[i] += v
					}
				}
				for i := range sum {
					sum[i] *= scale
				}
			}
		}
	}
	return y
}

func (l *avgPool) Backward(dy tensor.Batch) tensor.Batch {
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.clearDX(dy.N)
	c := l.out.C
	scale := 1 / float32(l.size*l.size)
	for n := range dy.N {
		for oy := range l.out.H {
			row := dy.Row(n, oy)
			for ox := range l.out.W {
				for k := range l.size * l.size {
					o := dx.Offset(n, oy*l.stride+k/l.size, ox*l.stride+k%l.size)
					d := dx.Data[o : o+c]
					for i, g := range row[ox*c : (ox+1)*c] {
						d[i] += float32(scale * g)
					}
				}
			}
		}
	}
	return dx
}
