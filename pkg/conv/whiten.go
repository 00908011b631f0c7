package conv

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Whitening is the Init of a convolution whose kernels Whiten sets.
const Whitening = "whitening"

// whitenEps is added to eigenvalues before they divide, so that patches of one
// colour do not make their noise as loud as everything else (airbench).
const whitenEps = 5e-4

// Whiten sets the kernels of net's first layer, if that is a Conv2D whose Init
// is Whitening, from pictures like those it will see: the principal components
// of their patches, each with its negative behind the last, scaled so that every
// output has variance 1 and no two of the first half are correlated. Nothing
// about them has to be learnt, so the layer is usually Frozen. For other networks
// Whiten does nothing.
//
// Coates and Ng 2012; in this form, with negatives for the ReLU that follows,
// Jordan 2024 (airbench, arXiv 2404.00498). The sums are in float64 and in one
// order, so that the same pictures give the same kernels.
func Whiten(net *nn.Network, pictures tensor.Batch) error {
	spec, ok := net.Specs[0].(Conv2D)
	if !ok || spec.Init != Whitening {
		return nil
	}
	half := spec.Filters / 2
	k, c := spec.Kernel, net.In.C
	d := k * k * c
	if spec.Filters%2 != 0 || half > d {
		return fmt.Errorf("conv: whitening: %d filters for patches of %d values, want an even number of at most %d", spec.Filters, d, 2*d)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance(pictures, k), true) {
		return fmt.Errorf("conv: whitening: the patches' covariance has no eigenvectors")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors) // by columns, least variance first
	values := eigen.Values(nil)
	w := make([]float32, spec.Filters*d) // [filters][c][k][k]
	for f := range half {
		v := mat.Col(nil, d-1-f, &vectors)
		scale := 1 / math.Sqrt(max(0, values[d-1-f])+whitenEps)
		if largest(v) < 0 {
			scale = -scale // an eigenvector's sign is nobody's choice: this one is
		}
		for i, x := range v {
			// i counts as pictures lie in memory, channels innermost.
			to := i%c*k*k + i/c
			w[f*d+to] = float32(scale * x)
			w[(half+f)*d+to] = -w[f*d+to]
		}
	}
	net.Params()[0].Import(w)
	net.Sync()
	return nil
}

// largest returns the value of v that is farthest from zero.
func largest(v []float64) float64 {
	most := 0.0
	for _, x := range v {
		if math.Abs(x) > math.Abs(most) {
			most = x
		}
	}
	return most
}

// covariance returns the mean of v·vᵀ over the k×k patches v, [k][k][C], that
// lie side by side in the pictures. Means stay in: normalised pictures have
// none to speak of.
func covariance(x tensor.Batch, k int) *mat.SymDense {
	d := k * k * x.C
	sums, patch := make([]float64, d*d), make([]float64, d)
	count := 0
	for n := range x.N {
		for y := 0; y+k <= x.H; y += k {
			for left := 0; left+k <= x.W; left += k {
				for ky := range k {
					for i, v := range x.Row(n, y+ky)[left*x.C : (left+k)*x.C] {
						patch[ky*k*x.C+i] = float64(v)
					}
				}
				for i, a := range patch {
					row := sums[i*d : i*d+i+1]
					for j := range row {
						row[j] += float64(a * patch[j])
					}
				}
				count++
			}
		}
	}
	c := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			c.SetSym(i, j, sums[i*d+j]/float64(max(1, count)))
		}
	}
	return c
}
