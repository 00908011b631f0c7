package eval

import (
	"fmt"
	"math"
)

// Wilson is the score interval for the true rate behind correct out of n: it
// covers that rate in about the share confidence (0.95, say) of repetitions,
// also for few pictures and near 0 and 1, where the textbook p ± 1.96·σ fails.
// It always contains correct/n. Nothing seen (n = 0) gives 0 to 1.
//
// E. B. Wilson 1927, J. Am. Stat. Assoc. 22:209;
// statsmodels.stats.proportion.proportion_confint(method="wilson").
func Wilson(correct, n int, confidence float64) (lo, hi float64) {
	if correct < 0 || correct > n || !(confidence > 0 && confidence < 1) {
		panic(fmt.Sprintf("eval: Wilson(%d of %d, confidence %v)", correct, n, confidence))
	}
	if n == 0 {
		return 0, 1
	}
	z := math.Sqrt2 * math.Erfinv(confidence) // normal quantile of (1+confidence)/2
	m, p := float64(n), float64(correct)/float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	// None and all right have p itself as a bound; rounding must not cross it.
	return max(0, min(p, centre-half)), min(1, max(p, centre+half))
}
