package conv

import (
	"math"

	"squint/internal/simd"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func init() { nn.Register[BatchNorm]("batchnorm") }

// BatchNorm normalises each channel to mean 0 and variance 1 over the examples
// and pixels of its batch, then scales and shifts it by learnt weights:
//
//	y = γ (x − mean) / √(var + ε) + β
//
// At inference it uses running averages of mean and variance. ε = 1e-5, running
// averages move by 0.1 and keep the unbiased variance; torch.nn.BatchNorm2d.
// Ioffe and Szegedy 2015. In training the batch is one shard of the trainer's
// batch ("ghost batch norm", Hoffer et al. 2017), so that the result does not
// depend on how many cores share the work.
type BatchNorm struct {
	// Zero starts γ at 0 instead of 1: at the end of a residual block it makes
	// the block begin as the identity (Goyal et al. 2017).
	Zero bool `json:"zero,omitempty"`
}

func (s BatchNorm) String() string { return "batch norm" }

const (
	bnEps      = 1e-5
	bnMomentum = 0.1
)

// Build implements nn.Spec.
func (s BatchNorm) Build(at nn.Site) (nn.Layer, error) {
	c := at.In.C
	l := &batchNorm{at: at}
	dims := []int{c}
	l.gamma = nn.Param{Name: "weight", Dims: dims, NoDecay: true}
	if !s.Zero {
		l.gamma.Init = nn.Constant(1)
	}
	l.beta = nn.Param{Name: "bias", Dims: dims, NoDecay: true}
	l.mean = nn.Param{Name: "running_mean", Dims: dims, NoDecay: true, Stat: bnMomentum}
	l.variance = nn.Param{Name: "running_var", Dims: dims, Init: nn.Constant(1), NoDecay: true, Stat: bnMomentum}
	for _, v := range []*[]float32{&l.m, &l.inv, &l.unbiased, &l.scale, &l.shift, &l.offset} {
		*v = make([]float32, c)
	}
	l.sum, l.dot = make([]float64, c), make([]float64, c)
	var err error
	if l.y, err = at.Buffer(at.In, at.Pad); err != nil {
		return nil, err
	}
	if !at.First {
		l.dx, err = at.Buffer(at.In, at.GradPad)
	}
	return l, err
}

type batchNorm struct {
	at                          nn.Site
	gamma, beta, mean, variance nn.Param
	x                           tensor.Batch
	y, dx                       tensor.Batch

	// of the last batch, one value a channel
	m, inv               []float32 // mean and 1/√(var+ε)
	unbiased             []float32 // variance as the running average wants it
	scale, shift, offset []float32
	sum, dot             []float64
}

func (l *batchNorm) Out() tensor.Shape { return l.at.In }
func (l *batchNorm) Params() []*nn.Param {
	return []*nn.Param{&l.gamma, &l.beta, &l.mean, &l.variance}
}

func (l *batchNorm) Forward(x tensor.Batch, train bool) tensor.Batch {
	l.x = x
	if train {
		l.moments(x)
		for c, g := range l.gamma.W {
			l.scale[c] = g * l.inv[c]
			l.shift[c] = l.beta.W[c] - float32(l.m[c]*l.scale[c])
		}
	} else {
		l.affine(l.scale, l.shift)
	}
	y := l.y.First(x.N)
	if x.Pad == 0 && y.Pad == 0 {
		simd.ScaleShift(y.Run(0), x.Run(0), l.scale, l.shift)
		return y
	}
	for n := range x.N {
		for i := range x.H {
			simd.ScaleShift(y.Row(n, i), x.Row(n, i), l.scale, l.shift)
		}
	}
	return y
}

// moments sets m, inv and unbiased from the batch.
func (l *batchNorm) moments(x tensor.Batch) {
	clear(l.sum)
	clear(l.dot)
	for i := range x.Runs() {
		simd.Moments(l.sum, l.dot, x.Run(i))
	}
	count := float64(x.N * x.H * x.W)
	for c := range l.m {
		mean := l.sum[c] / count
		v := max(0, l.dot[c]/count-mean*mean)
		l.m[c] = float32(mean)
		l.inv[c] = float32(1 / math.Sqrt(v+bnEps))
		l.unbiased[c] = float32(v * count / max(1, count-1))
	}
}

// Estimate implements nn.Estimator.
func (l *batchNorm) Estimate() {
	for c, m := range l.m {
		l.mean.G[c] += m
		l.variance.G[c] += l.unbiased[c]
	}
}

// Backward, with x̂ = (x − mean)/√(var+ε) and sums over the M values of a channel:
//
//	dβ = Σ dy,  dγ = Σ dy·x̂,  dx = γ/√(var+ε) · (dy − dβ/M − x̂·dγ/M)
func (l *batchNorm) Backward(dy tensor.Batch) tensor.Batch {
	l.Estimate()
	clear(l.sum)
	clear(l.dot)
	if l.x.Pad == 0 && dy.Pad == 0 {
		simd.DotRows(l.sum, l.dot, dy.Run(0), l.x.Run(0))
	} else {
		for n := range dy.N {
			for i := range dy.H {
				simd.DotRows(l.sum, l.dot, dy.Row(n, i), l.x.Row(n, i))
			}
		}
	}
	count := float64(dy.N * dy.H * dy.W)
	a, b, d := l.scale, l.shift, l.offset // dx = a·dy + b·x + d; scale, γ·inv, is a already
	for c := range a {
		m, inv := float64(l.m[c]), float64(l.inv[c])
		dbeta := l.sum[c]
		dgamma := (l.dot[c] - m*dbeta) * inv
		l.beta.G[c] += float32(dbeta)
		l.gamma.G[c] += float32(dgamma)
		slope := -float64(a[c]) * inv * dgamma / count
		b[c] = float32(slope)
		d[c] = float32(-float64(a[c])*dbeta/count - slope*m)
	}
	if l.at.First {
		return tensor.Batch{}
	}
	dx := l.dx.First(dy.N)
	if l.x.Pad == 0 && dy.Pad == 0 && dx.Pad == 0 {
		simd.Combine(dx.Run(0), dy.Run(0), l.x.Run(0), a, b, d)
		return dx
	}
	for n := range dy.N {
		for i := range dy.H {
			simd.Combine(dx.Row(n, i), dy.Row(n, i), l.x.Row(n, i), a, b, d)
		}
	}
	return dx
}
