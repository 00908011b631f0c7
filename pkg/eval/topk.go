package eval

// Argmax returns the index of the largest value of p, the first of equals: the
// one rule by which a class is chosen, wherever squint answers. p must hold
// at least one value and no NaN.
func Argmax(p []float32) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

// TopK returns the indices of the k largest values of p, largest first and the
// lower index first among equals, so that TopK(…)[0] is Argmax. It returns all
// of them where p is shorter than k. The result reuses dst's memory and
// allocates nothing where its capacity is k.
func TopK(dst []int, p []float32, k int) []int {
	top := dst[:0] // the best so far, in order
	for i, v := range p {
		if len(top) < k {
			top = append(top, i)
		} else if k <= 0 || v <= p[top[k-1]] {
			continue
		}
		j := len(top) - 1
		for ; j > 0 && v > p[top[j-1]]; j-- {
			top[j] = top[j-1]
		}
		top[j] = i
	}
	return top
}

// TopAccuracy is the share of pictures whose class is among the k that TopK
// gives; probs is [len(labels)][classes]. sklearn.metrics.top_k_accuracy_score,
// which breaks ties the other way.
func TopAccuracy(k int, labels []int, probs []float32) float64 {
	found := 0
	for i, label := range labels {
		p := row(labels, probs, i)
		before := 0 // classes that TopK lists before label
		for c, v := range p {
			if v > p[label] || v == p[label] && c < label {
				before++
			}
		}
		if before < k {
			found++
		}
	}
	return ratio(found, len(labels))
}
