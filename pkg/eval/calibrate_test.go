package eval

import (
	"math"
	"math/rand/v2"
	"testing"

	"squint/pkg/nn"
)

// Both minimise the same smooth function; ours is rounded to four digits.
func TestCalibrateAgreesWithScipy(t *testing.T) {
	for i, w := range readGolden(t).Calibration {
		got := Calibrate(w.Z, w.Labels, w.Outputs, w.Output)
		same := func(what string, got []float32, want []float64) {
			if len(got) != len(want) {
				t.Fatalf("case %d: %s %v, want %v", i, what, got, want)
			}
			for k := range want {
				if math.Abs(float64(got[k])-want[k]) > 1e-3*math.Abs(want[k]) {
					t.Errorf("case %d: %s %v, want %v", i, what, got, want)
				}
			}
		}
		same("scale", got.Scale, w.Scale)
		same("bias", got.Bias, w.Bias)
		same("curve", got.Curve, w.Curve)
	}
}

// A network that is three times too sure of itself is calibrated on one half
// of its answers, and then is on the other half.
func TestCalibrationCalibrates(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, k = 8000, 4
	draw := func() (z []float32, labels []int) {
		for range n {
			truth := make([]float64, k)
			sum := 0.0
			row := make([]float32, k)
			for c := range truth {
				g := 1.5 * r.NormFloat64()
				truth[c] = math.Exp(g)
				sum += truth[c]
				row[c] = float32(3 * g)
			}
			u, label := r.Float64()*sum, 0
			for ; label < k-1 && u >= truth[label]; label++ {
				u -= truth[label]
			}
			z, labels = append(z, row...), append(labels, label)
		}
		return z, labels
	}
	ece := func(c *Calibration, z []float32, labels []int, output string) float64 {
		probs := make([]float32, n*k)
		for i := range n {
			row := append([]float32(nil), z[i*k:(i+1)*k]...)
			c.Apply(row)
			nn.Probabilities(probs[i*k:(i+1)*k], row, output)
		}
		return ECE(Reliability(labels, probs))
	}
	z, labels := draw()
	c := Calibrate(z, labels, k, "softmax")
	if s := float64(c.Scale[0]); math.Abs(s-1.0/3) > 0.02 { // its standard error is about 0.005
		t.Errorf("scale %v, want a third", s)
	}
	z, labels = draw()
	if before, after := ece(nil, z, labels, "softmax"), ece(c, z, labels, "softmax"); before < 0.15 || after > 0.02 {
		t.Errorf("ECE %.3f before, %.3f after", before, after)
	}
}

func TestNoMistakesMakeNoCertainty(t *testing.T) {
	// 100 pictures, all right by far: one in 102 may still be wrong.
	var z []float32
	var labels []int
	for i := range 100 {
		label := i % 2
		labels = append(labels, label)
		z = append(z, float32(20*(1-label)), float32(20*label))
	}
	c := Calibrate(z, labels, 2, "softmax")
	row, p := []float32{20, 0}, make([]float32, 2)
	c.Apply(row)
	nn.Probabilities(p, row, "softmax")
	if p[0] < 0.99 || p[0] > 0.997 {
		t.Errorf("probability %v after 100 right answers of 100", p[0])
	}
}

func TestCalibrateFewOfAClass(t *testing.T) {
	// Class 2 has no pictures: one scale for all, no biases.
	var z []float32
	var labels []int
	for i := range 60 {
		label := i % 2
		labels = append(labels, label)
		row := []float32{-4, -4, -4}
		row[label] = 4
		z = append(z, row...)
	}
	c := Calibrate(z, labels, 3, "sigmoid")
	if len(c.Scale) != 1 || c.Bias != nil || !(c.Scale[0] > 0.5 && c.Scale[0] < 3) {
		t.Errorf("%+v", c)
	}
	if c := Calibrate(z[:3*29], labels[:29], 3, "sigmoid"); c != nil {
		t.Errorf("29 pictures gave %+v", c)
	}
}
