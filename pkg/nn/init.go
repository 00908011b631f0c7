package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Init fills the initial weights w of a parameter, given in PyTorch's order,
// from the generator r. fanIn is how many inputs feed one output unit, fanOut
// how many outputs one input unit feeds.
type Init func(w []float32, fanIn, fanOut int, r *rand.Rand)

// Uniform draws from [-a, a]: the small random weights of the classic texts.
func Uniform(a float64) Init {
	return func(w []float32, _, _ int, r *rand.Rand) {
		for i := range w {
			w[i] = float32(a * (2*r.Float64() - 1))
		}
	}
}

// Glorot draws from a uniform distribution of variance 2/(fanIn+fanOut), for
// sigmoid, tanh and linear units. Glorot and Bengio 2010;
// torch.nn.init.xavier_uniform_.
func Glorot(w []float32, fanIn, fanOut int, r *rand.Rand) {
	Uniform(math.Sqrt(6/float64(fanIn+fanOut)))(w, fanIn, fanOut, r)
}

// He draws from a normal distribution of variance 2/fanIn, for ReLU units.
// He et al. 2015; torch.nn.init.kaiming_normal_.
func He(w []float32, fanIn, _ int, r *rand.Rand) {
	s := math.Sqrt(2 / float64(fanIn))
	for i := range w {
		w[i] = float32(s * r.NormFloat64())
	}
}

// Constant sets every weight to v.
func Constant(v float32) Init {
	return func(w []float32, _, _ int, _ *rand.Rand) {
		for i := range w {
			w[i] = v
		}
	}
}

// InitNamed returns the initialisation that a Spec names: "he" (also ""),
// "glorot", "uniform" (±0.05) or "zeros". "whitening" is he too, until the
// training pictures are known (conv.Whiten).
func InitNamed(name string) (Init, error) {
	switch name {
	case "", "he", "whitening":
		return He, nil
	case "glorot":
		return Glorot, nil
	case "uniform":
		return Uniform(0.05), nil
	case "zeros":
		return Constant(0), nil
	}
	return nil, fmt.Errorf("unknown init %q, want he, glorot, uniform, zeros or whitening", name)
}
