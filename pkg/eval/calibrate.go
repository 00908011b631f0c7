package eval

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"squint/pkg/nn"
)

// Calibration corrects a network's logits so that its probabilities are what
// they say: of the answers given with 90 %, about nine in ten are right.
// Networks are usually too sure of themselves, or not sure enough where they
// learnt from smoothed labels.
//
// A logit z becomes Scale·z + Curve·z·|z| + Bias.
type Calibration struct {
	// Scale has one factor for all logits, or one for each.
	Scale []float32 `json:"scale"`
	// Curve has one factor for each logit, or none.
	Curve []float32 `json:"curve,omitempty"`
	// Bias has one addend for each logit, or none.
	Bias []float32 `json:"bias,omitempty"`
}

// Apply replaces the logits z of one picture by the corrected ones. A nil
// Calibration leaves them as they are.
func (c *Calibration) Apply(z []float32) {
	if c == nil {
		return
	}
	for i, v := range z {
		z[i] = c.Scale[i%len(c.Scale)] * v
		if c.Curve != nil {
			z[i] += c.Curve[i] * v * max(v, -v)
		}
		if c.Bias != nil {
			z[i] += c.Bias[i]
		}
	}
}

// How many pictures a calibration is fitted to at least, and how many one with
// a third number for each output.
const minCalibration, minCurve = 30, 500

// Calibrate fits a Calibration to the logits z, [len(labels)][outputs], of
// pictures that the network has not learnt from, or returns nil for fewer than 30.
//
// Softmax outputs get one temperature (Guo et al. 2017, arXiv 1706.04599), which
// changes no answer; sigmoid outputs a scale and a bias each (Platt 1999; one
// against the rest for several, Zadrozny and Elkan 2002), so that
// nn.Probabilities, which divides them by their sum, is left with outputs that
// mean the same thing. From 500 pictures on sigmoids get a curve too: smoothed
// labels leave the logits of easy pictures too small (Müller et al. 2019, arXiv
// 1906.02629), which no straight line mends.
//
// All fit the mean log loss, with targets moved towards undecided by what one
// more picture would weigh (Platt's rule), so that a validation part without
// any mistake makes no network certain.
func Calibrate(z []float32, labels []int, outputs int, output string) *Calibration {
	if len(labels) < minCalibration {
		return nil
	}
	if output != "sigmoid" && output != "threshold" {
		return &Calibration{Scale: []float32{short(temperature(z, labels, outputs))}}
	}
	c := &Calibration{}
	one, is := make([]float64, len(labels)), make([]bool, len(labels))
	for k := range outputs {
		for i, label := range labels {
			one[i] = float64(z[i*outputs+k])
			is[i] = nn.Stands(k, outputs, label)
		}
		w, ok := platt(one, is)
		if !ok { // too few pictures of the class: all outputs alike
			c = &Calibration{Scale: []float32{1}}
			break
		}
		c.Scale, c.Curve, c.Bias = append(c.Scale, short(w[0])), append(c.Curve, short(w[2])), append(c.Bias, short(w[1]))
	}
	if !slices.ContainsFunc(c.Curve, func(v float32) bool { return v != 0 }) {
		c.Curve = nil
	}
	if outputs > 1 {
		c.sharpen(z, labels, outputs, output)
	}
	return c
}

// sharpen multiplies all by the factor that minimises the log loss of what
// nn.Probabilities makes of several sigmoids: dividing by their sum blurs them.
func (c *Calibration) sharpen(z []float32, labels []int, outputs int, output string) {
	smooth := 1 / float64(len(labels)+2)
	row, p := make([]float32, outputs), make([]float32, outputs)
	loss := func(logScale float64) float64 {
		scale, sum := float32(math.Exp(logScale)), 0.0
		for i, label := range labels {
			copy(row, z[i*outputs:])
			c.Apply(row)
			for k := range row {
				row[k] *= scale
			}
			nn.Probabilities(p, row, output)
			for k, v := range p {
				t := smooth / float64(outputs)
				if k == label {
					t += 1 - smooth
				}
				sum -= t * math.Log(max(float64(v), math.SmallestNonzeroFloat32))
			}
		}
		return sum
	}
	// Golden section search: the loss falls and then rises.
	const ratio = 0.6180339887498949
	lo, hi := math.Log(minScale), math.Log(maxScale)
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := loss(a), loss(b)
	for range 30 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = loss(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = loss(b)
		}
	}
	for _, vs := range [][]float32{c.Scale, c.Curve, c.Bias} {
		for k, v := range vs {
			vs[k] = short(float64(v) * math.Exp((lo+hi)/2))
		}
	}
}

// The range of factors that is believed: beyond it the fit is an accident.
const minScale, maxScale = 0.01, 100

// temperature returns the factor 1/T that minimises the cross-entropy of
// softmax(z/T). It is convex in 1/T, so its derivative is searched for 0.
func temperature(z []float32, labels []int, outputs int) float64 {
	smooth := 1 / float64(len(labels)+2)
	p := make([]float64, outputs)
	return root(func(scale float64) float64 {
		slope := 0.0
		for i, label := range labels {
			row := z[i*outputs : (i+1)*outputs]
			top, sum, mean := float64(row[Argmax(row)]), 0.0, 0.0
			for k, v := range row {
				p[k] = math.Exp(scale * (float64(v) - top))
				sum += p[k]
			}
			for k, v := range row {
				mean += float64(v)
				slope += p[k] / sum * float64(v)
			}
			mean /= float64(outputs)
			slope -= (1-smooth)*float64(row[label]) + smooth*mean
		}
		return slope
	})
}

// root finds where a rising function crosses 0, by halving the logarithm of
// the range of scales.
func root(slope func(scale float64) float64) float64 {
	lo, hi := math.Log(minScale), math.Log(maxScale)
	for range 50 {
		if mid := (lo + hi) / 2; slope(math.Exp(mid)) > 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	return math.Exp((lo + hi) / 2)
}

// minSide is how many pictures of a class, and of the others, its own scale and
// bias are fitted to at least.
const minSide = 5

// platt fits P(is | z) = logistic(w₀·z + w₁ + w₂·z·|z|), with w₂ = 0 for few
// pictures, or where the best curve would flatten or turn. ok is false for too few pictures,
// or an output that falls where it should rise.
func platt(z []float64, is []bool) (w [3]float64, ok bool) {
	var yes float64
	for _, v := range is {
		if v {
			yes++
		}
	}
	no := float64(len(is)) - yes
	if yes < minSide || no < minSide {
		return w, false
	}
	targets := make([]float64, len(is)) // Platt's: as if one more picture were of the other side
	for i, v := range is {
		targets[i] = 1 / (no + 2)
		if v {
			targets[i] = (yes + 1) / (yes + 2)
		}
	}
	start := [3]float64{0, math.Log((yes + 1) / (no + 1)), 0}
	if len(z) >= minCurve {
		if w := logisticFit(z, targets, start, 3); w[0] > minScale && w[2] > 0 && w[0]+w[2] < maxScale {
			return w, true
		}
	}
	w = logisticFit(z, targets, start, 2)
	return w, w[0] > minScale && w[0] < maxScale
}

// logisticFit minimises the log loss of logistic(w·x) with x = (z, 1, z·|z|),
// of which only the first n count, by Newton's method with backtracking
// (Lin, Lin and Weng 2007, A note on Platt's probabilistic outputs).
func logisticFit(z, targets []float64, w [3]float64, n int) [3]float64 {
	at := func(w [3]float64, v float64) float64 { return w[0]*v + w[1] + w[2]*v*math.Abs(v) }
	loss := func(w [3]float64) float64 {
		sum := 0.0
		for i, v := range z {
			f := at(w, v)
			// ln(1+exp f) − t·f, without overflow
			sum += max(f, 0) + math.Log1p(math.Exp(-math.Abs(f))) - targets[i]*f
		}
		return sum
	}
	now := loss(w)
	for range 100 {
		gradient, hessian := mat.NewVecDense(n, nil), mat.NewSymDense(n, nil)
		for j := range n {
			hessian.SetSym(j, j, 1e-9) // so that it can be solved with
		}
		for i, v := range z {
			p := logistic(at(w, v))
			x := mat.NewVecDense(n, []float64{v, 1, v * math.Abs(v)}[:n])
			gradient.AddScaledVec(gradient, p-targets[i], x)
			hessian.SymRankOne(hessian, p*(1-p), x)
		}
		var cholesky mat.Cholesky
		var step mat.VecDense
		if !cholesky.Factorize(hessian) || cholesky.SolveVecTo(&step, gradient) != nil {
			break
		}
		slope, length := mat.Dot(gradient, &step), 1.0 // the step goes downhill
		if slope < 1e-12 {
			break
		}
		better := false
		for ; length > 1e-10 && !better; length /= 2 {
			next := w
			for j := range n {
				next[j] -= length * step.AtVec(j)
			}
			if l := loss(next); l < now-1e-4*length*slope {
				w, now, better = next, l, true
			}
		}
		if !better {
			break
		}
	}
	return w
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// short rounds to four digits: more would be noise, and processors differ in
// the last bits.
func short(v float64) float32 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-3)
	return float32(math.Round(v/unit) * unit)
}
