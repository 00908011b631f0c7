package eval

import (
	"cmp"
	"slices"
)

// Confusion counts answers: element [g][a] is the number of pictures of class
// g that were answered a, so row g sums to the pictures of g and the diagonal
// is right. probs is [len(labels)][classes]; sklearn.metrics.confusion_matrix.
func Confusion(classes int, labels []int, probs []float32) [][]int {
	m := make([][]int, classes)
	cells := make([]int, classes*classes)
	for g := range m {
		m[g] = cells[g*classes : (g+1)*classes : (g+1)*classes]
	}
	for i, label := range labels {
		m[label][Argmax(row(labels, probs, i))]++
	}
	return m
}

// Pair is one kind of mistake: N pictures of class Given were answered Answer.
type Pair struct{ Given, Answer, N int }

// Confused lists the kinds of mistake in a confusion matrix, most frequent
// first, equally frequent ones in class order.
func Confused(confusion [][]int) []Pair {
	var pairs []Pair
	for g, answers := range confusion {
		for a, n := range answers {
			if g != a && n > 0 {
				pairs = append(pairs, Pair{g, a, n})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q Pair) int { return cmp.Compare(q.N, p.N) })
	return pairs
}

// row returns the probabilities of picture i, [classes].
func row(labels []int, probs []float32, i int) []float32 {
	k := len(probs) / len(labels)
	return probs[i*k : (i+1)*k]
}
