package eval

import (
	"cmp"
	"slices"
)

// Suspect is a picture whose given class the classifier contradicts.
type Suspect struct {
	Index     int     // of the picture
	Given     int     // its class
	Suggested int     // what the classifier takes it for
	Margin    float64 // p(Suggested) − p(Given): near 1 is surely wrong
}

// Suspects lists the pictures whose label is likely to be wrong, the likeliest
// first, by confident learning: a picture counts as one of class j where its
// probability of j is at least the mean that pictures labelled j have, so that
// classes which the classifier is less sure of are held to less. Those that
// count as another class than their label's are suspected, and ranked by the
// margin between the two. probs is [len(labels)][classes], from a
// classifier that has not learnt from the pictures.
//
// Northcutt, Jiang and Chuang 2021, Confident Learning: Estimating Uncertainty
// in Dataset Labels, arXiv 1911.00068 (section 3.1, ranking by normalised margin).
func Suspects(labels []int, probs []float32) []Suspect {
	if len(labels) == 0 {
		return nil
	}
	classes := len(probs) / len(labels)
	threshold, count := make([]float64, classes), make([]int, classes)
	for i, label := range labels {
		threshold[label] += float64(row(labels, probs, i)[label])
		count[label]++
	}
	for c := range threshold {
		threshold[c] /= float64(max(1, count[c]))
	}
	var found []Suspect
	for i, label := range labels {
		p := row(labels, probs, i)
		best := -1
		for c, v := range p {
			if count[c] > 0 && float64(v) >= threshold[c] && (best < 0 || v > p[best]) {
				best = c
			}
		}
		if best >= 0 && best != label && p[best] > p[label] {
			found = append(found, Suspect{i, label, best, float64(p[best]) - float64(p[label])})
		}
	}
	slices.SortStableFunc(found, func(a, b Suspect) int { return cmp.Compare(b.Margin, a.Margin) })
	return found
}
