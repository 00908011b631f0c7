package eval

// ClassResult is how one class did.
//
// A quotient with nothing to divide by is 0, as with scikit-learn's
// zero_division=0: recall where the class has no pictures (N = 0), precision
// where nothing was answered with it (Answered = 0), F1 where both hold.
// Undefined tells them from a true 0.
type ClassResult struct {
	Class     string  `json:"class"`
	N         int     `json:"n"`         // pictures of this class
	Answered  int     `json:"answered"`  // pictures answered with this class
	Precision float64 `json:"precision"` // share of Answered that is right
	Recall    float64 `json:"recall"`    // share of N that was found
	F1        float64 `json:"f1"`        // harmonic mean of the two
	// AUC is the chance that a picture of this class gets a higher probability of
	// it than one of another class; 0.5 where the pictures are all of it, or
	// none. See ClassROC.
	AUC float64 `json:"auc"`
}

// Undefined tells which of the three quotients had nothing to divide by.
func (c ClassResult) Undefined() (precision, recall, f1 bool) {
	return c.Answered == 0, c.N == 0, c.N+c.Answered == 0
}

func perClass(classes []string, confusion [][]int) []ClassResult {
	rs := make([]ClassResult, len(classes))
	for g, answers := range confusion {
		rs[g].Class = classes[g]
		for a, n := range answers {
			rs[g].N += n
			rs[a].Answered += n
		}
	}
	for c := range rs {
		r, right := &rs[c], confusion[c][c]
		r.Precision = ratio(right, r.Answered)
		r.Recall = ratio(right, r.N)
		r.F1 = ratio(2*right, r.N+r.Answered)
	}
	return rs
}

// macro averages over classes, leaving out those whose quotient is undefined:
// a class without pictures says nothing about the classifier's recall.
func macro(rs []ClassResult) (recall, f1 float64) {
	var recalls, f1s int
	for _, r := range rs {
		_, noRecall, noF1 := r.Undefined()
		if !noRecall {
			recall += r.Recall
			recalls++
		}
		if !noF1 {
			f1 += r.F1
			f1s++
		}
	}
	return recall / float64(recalls), f1 / float64(f1s)
}
