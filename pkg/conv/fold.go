package conv

import (
	"math"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// The inference forms of this package's layers, see nn.Fuser.

// Fuse implements nn.Fuser. A convolution takes over, as far as they follow it,
//
//   - batch norm, which becomes part of its weights (nn.Fold),
//   - ReLU, done while the outputs are in cache,
//   - max pooling of 2×2, so that only what is left of the outputs goes on, and
//   - batch norm behind the pooling. That one stays a scale and shift, in the
//     pooling's pass: the largest value times a negative scale is the smallest,
//     so it cannot go in front of the pooling, and here it costs nothing and
//     gives the same bits as by itself.
func (s Conv2D) Fuse(at nn.Site, next nn.Specs) ([]nn.Layer, error) {
	f := &fusedConv{}
	layers := []nn.Layer{f}
	in, err := at.Absorbed(at.In, s)
	if err != nil {
		return nil, err
	}
	out := in.Out()
	for _, spec := range next {
		affine, isAffine := spec.(nn.Affine)
		_, isReLU := spec.(nn.ReLU)
		pool, isPool := spec.(MaxPool)
		isPool = isPool && pool.Size == 2 && (pool.Stride == 0 || pool.Stride == 2)
		switch {
		case isReLU:
			f.relu = true
		case isPool && !f.pool:
			f.pool = true // before or after ReLU is the same
		case isAffine && !f.relu && (!f.pool && f.before == nil || f.pool && f.after == nil):
		default:
			return layers, f.build(at, s, out, next[len(layers)-1:])
		}
		l, err := at.Absorbed(out, spec)
		if err != nil {
			return nil, err
		}
		if isAffine {
			tell := func(scale, shift []float32) { affine.Affine(l.Layer, scale, shift) }
			if f.pool {
				f.after = tell
			} else {
				f.before = tell
			}
		}
		layers = append(layers, l)
		out = l.Out()
	}
	return layers, f.build(at, s, out, nil)
}

// fusedConv is a convolution and what follows it.
type fusedConv struct {
	*conv2d
	before, after func(scale, shift []float32) // batch norm before and behind the pooling, nil for none
	pool, relu    bool

	group      int          // images whose sums stay in cache together
	sums       tensor.Batch // [group] what the convolution gives where it is pooled, else unused
	y          tensor.Batch
	one, zero  []float32 // [C] scale and shift where no batch norm follows the pooling
	multiplier func(i int)

	// What the multiplier is at: images x, what it makes of them, how it is cut.
	x, to          tensor.Batch
	chunks, strips int
}

const (
	// groupFloats is how many sums of a convolution are computed before what
	// follows it is done to them: 128 KB, beside the weights in a second-level
	// cache.
	groupFloats = 32 << 10
	// spreadMACs is from how many multiply-adds on, some 20 µs on one core, a
	// layer is shared out: to wake another takes 5 µs.
	spreadMACs = 1 << 20
)

// build makes the layer for outputs of shape out, in front of the Specs next.
func (f *fusedConv) build(at nn.Site, s Conv2D, out tensor.Shape, next nn.Specs) error {
	at = at.Before(next)
	inside := at
	if f.pool {
		inside.Batch, inside.Pad = 0, 0
	}
	l, err := s.Build(inside)
	if err != nil {
		return err
	}
	f.conv2d = l.(*conv2d)
	f.y = f.conv2d.y
	f.group = max(1, groupFloats/f.conv2d.out.Size())
	f.multiplier = f.multiply
	if f.pool {
		inside.Batch = min(f.group, at.Batch)
		if f.sums, err = inside.Buffer(f.conv2d.out, 0); err != nil {
			return err
		}
		if f.y, err = at.Buffer(out, at.Pad); err != nil {
			return err
		}
		f.one, f.zero = make([]float32, out.C), make([]float32, out.C)
		for i := range f.one {
			f.one[i] = 1
		}
	}
	if f.before != nil {
		nn.Fold(&f.w, &f.b, f.before)
	}
	if f.after != nil {
		f.keepAfter()
	}
	return nil
}

// keepAfter has scale and shift of the batch norm behind the pooling kept in
// w.Packed as well, behind the folded weights if there are any.
func (f *fusedConv) keepAfter() {
	fold, at, c := f.w.Pack, f.w.PackedLen, f.conv2d.out.C
	f.w.PackedLen += 2 * c
	f.w.Pack = func() {
		if fold != nil {
			fold()
		}
		f.after(f.w.Packed[at:at+c], f.w.Packed[at+c:])
	}
}

func (f *fusedConv) Forward(x tensor.Batch, _ bool) tensor.Batch {
	y := f.y.First(x.N)
	for from := 0; from < x.N; from += f.group {
		n := min(f.group, x.N-from)
		f.x, f.to = x.Part(from, n), y.Part(from, n)
		done := f.to
		if f.pool {
			f.to = f.sums.First(n)
		}
		f.divide(n)
		f.at.Do(f.chunks*f.strips, f.multiplier)
		f.finish(done)
	}
	return y
}

// divide decides how the sums for n images are shared out: not at all, by filters
// where the weights are what takes long to read, or by strips of rows.
func (f *fusedConv) divide(n int) {
	f.chunks, f.strips = 1, 1
	threads := f.at.Threads()
	switch {
	case threads == 1 || n*f.MACs() < spreadMACs:
	case len(f.w.W) > cacheFloats:
		f.chunks = min(threads, len(f.w.W)/f.panel)
	default:
		f.strips = min(threads, f.conv2d.out.H)
	}
}

// multiply computes part i of the sums.
func (f *fusedConv) multiply(i int) {
	var p part
	p.first, p.last = share(i%f.chunks, f.chunks, len(f.w.W)/f.panel)
	p.top, p.bottom = share(i/f.chunks, f.strips, f.conv2d.out.H)
	w, b := f.w.W, f.b.W
	if f.before != nil {
		w, b = f.w.Packed, f.w.Packed[len(w):]
	}
	f.forward.runPart(f.to, f.x, w, b, p)
}

// share returns the i-th of parts nearly equal parts of n.
func share(i, parts, n int) (from, to int) { return i * n / parts, (i + 1) * n / parts }

// finish does to the sums what follows the convolution and writes it to y.
func (f *fusedConv) finish(y tensor.Batch) {
	switch {
	case f.pool:
		scale, shift := f.one, f.zero
		if f.after != nil {
			c := f.to.C
			kept := f.w.Packed[len(f.w.Packed)-2*c:]
			scale, shift = kept[:c], kept[c:]
		}
		floor := float32(math.Inf(-1))
		if f.relu {
			floor = 0
		}
		for n := range y.N {
			for i := range y.H {
				simd.MaxPool2x2ScaleShift(y.Row(n, i), f.to.Row(n, 2*i), f.to.Row(n, 2*i+1), scale, shift, floor)
			}
		}
	case f.relu && y.Pad == 0:
		simd.ReLU(y.Run(0), y.Run(0))
	case f.relu:
		for i := range y.Runs() {
			simd.ReLU(y.Run(i), y.Run(i))
		}
	}
}

// Affine implements nn.Affine.
func (BatchNorm) Affine(l nn.Layer, scale, shift []float32) { l.(*batchNorm).affine(scale, shift) }

// affine tells what the running averages make of each channel.
func (l *batchNorm) affine(scale, shift []float32) {
	for c, g := range l.gamma.W {
		scale[c] = g * float32(1/math.Sqrt(float64(l.variance.W[c])+bnEps))
		shift[c] = l.beta.W[c] - float32(l.mean.W[c]*scale[c])
	}
}

// Fuse implements nn.Fuser: the sum takes over the ReLU behind it, and the
// branches are fused within.
func (s Residual) Fuse(at nn.Site, next nn.Specs) ([]nn.Layer, error) {
	relu := false
	if len(next) > 0 {
		_, relu = next[0].(nn.ReLU)
	}
	if !relu {
		l, err := s.Build(at.Before(next))
		return []nn.Layer{l}, err
	}
	l, err := s.Build(at.Before(next[1:]))
	if err != nil {
		return nil, err
	}
	l.(*residual).relu = true
	taken, err := at.Absorbed(l.Out(), next[0])
	return []nn.Layer{l, taken}, err
}

// sumReLU computes dst = max(a + b, 0); the three may have different borders.
func sumReLU(dst, a, b tensor.Batch) {
	if dst.Pad == 0 && a.Pad == 0 && b.Pad == 0 {
		simd.AddReLU(dst.Run(0), a.Run(0), b.Run(0))
		return
	}
	for n := range dst.N {
		for y := range dst.H {
			simd.AddReLU(dst.Row(n, y), a.Row(n, y), b.Row(n, y))
		}
	}
}
