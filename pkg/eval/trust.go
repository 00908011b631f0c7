package eval

import "fmt"

// Trust is what a classifier knows about its own answers: when to give one, and
// when to say "unsure". It is learnt from the validation part, which the weights
// were not learnt from, and stored in the model.
type Trust struct {
	N           int          `json:"n"` // validation pictures
	Calibration *Calibration `json:"calibration,omitempty"`
	// Levels are the shares of right answers that can be promised, rising. None
	// for a network that is right too rarely, or was tried on too few pictures.
	Levels []Level `json:"levels"`
	// Default is the Precision of the level that counts where the user asks for
	// none; 0 is to answer always.
	Default float64 `json:"default"`
	// Familiar is the least familiarity of a picture that gets an answer; see
	// Prototypes.
	Familiar   float32     `json:"familiar,omitempty"`
	Prototypes *Prototypes `json:"-"`
}

// Rule says which answers are given. The zero Rule gives all.
type Rule struct {
	Score    float32 // least probability
	Familiar float32 // least familiarity
}

// Unsure tells whether an answer of this probability, about a picture of this
// familiarity, is not to be given.
func (r Rule) Unsure(score, familiar float32) bool {
	return score < r.Score || familiar < r.Familiar
}

// Rule returns the rule for answers of which at least this share is right; 0 is
// the rule that gives all answers. The error says what can be promised instead.
func (t *Trust) Rule(precision float64) (Rule, error) {
	if precision == 0 {
		return Rule{}, nil
	}
	if t == nil {
		return Rule{}, fmt.Errorf("eval: the model does not know how far to trust its answers")
	}
	for _, l := range t.Levels {
		if l.Precision >= precision {
			return Rule{l.Score, t.Familiar}, nil
		}
	}
	if n := len(t.Levels); n > 0 {
		return Rule{}, fmt.Errorf("eval: precision %g cannot be promised after %d validation pictures, at most %g", precision, t.N, t.Levels[n-1].Precision)
	}
	return Rule{}, fmt.Errorf("eval: no precision can be promised after %d validation pictures", t.N)
}

// DefaultRule is the rule of Default.
func (t *Trust) DefaultRule() Rule {
	if t == nil {
		return Rule{}
	}
	r, err := t.Rule(t.Default)
	if err != nil {
		panic(err) // Default is one of Levels
	}
	return r
}

// Where nothing is asked for, 95 % of the answers shall be right, or as many as
// leave at least half of the pictures with an answer.
const (
	usualPrecision = 0.95
	leastCoverage  = 0.5
)

func usual(levels []Level) float64 {
	best := 0.0
	for _, l := range levels {
		if l.Precision <= usualPrecision && l.Coverage >= leastCoverage {
			best = l.Precision
		}
	}
	return best
}

// Learn sets all but Calibration and Prototypes from the answers to the validation
// pictures: their calibrated probabilities, [len(labels)][classes], and how
// familiar each picture is, nil without prototypes. The threshold on
// familiarity is set first and looks at no label, so the promise of Levels
// holds for the pictures that it lets through.
func (t *Trust) Learn(labels []int, probs, familiar []float32) {
	t.N, t.Levels, t.Familiar = len(labels), []Level{}, 0
	if familiar != nil {
		t.Familiar = quantile(familiar, Strange)
	}
	var scores []float32
	var right []bool
	for i, label := range labels {
		p := row(labels, probs, i)
		if familiar != nil && familiar[i] < t.Familiar {
			continue
		}
		answer := Argmax(p)
		scores, right = append(scores, p[answer]), append(right, answer == label)
	}
	t.Levels = append(t.Levels, Levels(len(labels), scores, right, Precisions)...)
	t.Default = usual(t.Levels)
}

// Validate says what a Trust read from a file could not be used with, for a
// network with so many outputs and features.
func (t *Trust) Validate(outputs, features int) error {
	if c := t.Calibration; c != nil {
		if n := len(c.Scale); n != 1 && n != outputs {
			return fmt.Errorf("eval: %d scales for %d outputs", n, outputs)
		}
		if n := len(c.Bias); n != 0 && n != outputs {
			return fmt.Errorf("eval: %d biases for %d outputs", n, outputs)
		}
		if n := len(c.Curve); n != 0 && n != outputs {
			return fmt.Errorf("eval: %d curves for %d outputs", n, outputs)
		}
		for _, s := range c.Scale {
			if !(s > 0) {
				return fmt.Errorf("eval: scale %v, want above 0", s)
			}
		}
	}
	last, found := 0.0, t.Default == 0
	for _, l := range t.Levels {
		if !(l.Precision > last && l.Precision < 1) {
			return fmt.Errorf("eval: level %v after %v, want rising below 1", l.Precision, last)
		}
		last = l.Precision
		found = found || l.Precision == t.Default
	}
	if !found {
		return fmt.Errorf("eval: default precision %v is none of the levels", t.Default)
	}
	if p := t.Prototypes; p != nil && (p.D != features || len(p.V) == 0 || len(p.V)%p.D != 0) {
		return fmt.Errorf("eval: prototypes of %d features, the network has %d", p.D, features)
	}
	if t.Prototypes != nil {
		for _, v := range t.Prototypes.V {
			if v-v != 0 {
				return fmt.Errorf("eval: a prototype holds a value that is %v", v)
			}
		}
	}
	if t.Prototypes == nil && t.Familiar != 0 {
		return fmt.Errorf("eval: a least familiarity without prototypes")
	}
	return nil
}
