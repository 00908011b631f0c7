package eval

import "math"

// minProb stands in for a smaller probability of the true class, because one
// picture with a float32 zero would make the mean infinite. It is the machine
// epsilon of float32, the bound that sklearn.metrics.log_loss uses for it.
const minProb = 0x1p-23

// LogLoss is the mean of -ln p(true class), in nats, at most ln 2²³ = 15.9 a
// picture; ln(classes) is guessing. probs is [len(labels)][classes].
// sklearn.metrics.log_loss.
func LogLoss(labels []int, probs []float32) float64 {
	sum := 0.0
	for i, label := range labels {
		p := float64(row(labels, probs, i)[label])
		// A row may sum to a little over 1, and with it p.
		sum -= math.Log(min(1, max(minProb, p)))
	}
	return sum / float64(len(labels))
}

// Brier is the mean squared distance between the probabilities and the truth
// (1 for the class, 0 for the others), summed over the classes: 0 is certain
// and right, 2 certain and wrong. probs is [len(labels)][classes].
//
// G. W. Brier 1950, Mon. Weather Rev. 78:1;
// sklearn.metrics.brier_score_loss(scale_by_half=False).
func Brier(labels []int, probs []float32) float64 {
	sum := 0.0
	for i, label := range labels {
		for c, p := range row(labels, probs, i) {
			d := float64(p)
			if c == label {
				d--
			}
			sum += d * d
		}
	}
	return sum / float64(len(labels))
}
