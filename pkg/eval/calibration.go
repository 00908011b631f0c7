package eval

import "math"

// Bins is the number of equal steps of confidence that Reliability counts in,
// the usual one since Guo et al.
const Bins = 15

// Bin is the answers whose probability falls in one step of confidence.
type Bin struct {
	N          int     // answers in this bin
	Confidence float64 // their mean probability; 0 for none
	Accuracy   float64 // the share that is right; 0 for none
}

// Reliability sorts answers by the probability the classifier gave them: bin b
// holds those from b/Bins up to (b+1)/Bins, which are no float32 but for 0 and 1.
// Where it is calibrated, Confidence and Accuracy agree in every bin. probs is
// [len(labels)][classes].
//
// Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv 1706.04599.
func Reliability(labels []int, probs []float32) []Bin {
	bins := make([]Bin, Bins)
	for i, label := range labels {
		p := row(labels, probs, i)
		answer := Argmax(p)
		confidence := float64(p[answer])
		b := &bins[min(Bins-1, int(confidence*Bins))]
		b.N++
		b.Confidence += confidence
		if answer == label {
			b.Accuracy++
		}
	}
	for b := range bins {
		if n := float64(bins[b].N); n > 0 {
			bins[b].Confidence /= n
			bins[b].Accuracy /= n
		}
	}
	return bins
}

// ECE is the expected calibration error: the gap between Confidence and
// Accuracy, averaged over all answers. 0.02 says that an answer given with 90 %
// is right about 88 or 92 times in a hundred.
func ECE(bins []Bin) float64 {
	n, sum := 0, 0.0
	for _, b := range bins {
		n += b.N
		sum += float64(b.N) * math.Abs(b.Accuracy-b.Confidence)
	}
	return sum / float64(max(n, 1))
}
