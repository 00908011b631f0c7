package train

import (
	"fmt"
	"slices"
)

// State is a run between two steps: all that is needed to go on as if it had
// never stopped. Random numbers are not in it, since they are functions of the
// seed and of where the run is.
type State struct {
	Step    int         // steps done
	Weights []float32   // Network.W
	Slots   [][]float32 // what the optimizer remembers
	Average []float32   // moving average of the weights; nil without Trainer.EMA

	// Good is where the epoch at work began, to go back to when numbers cease to
	// be finite; nil before the first step.
	Good      *Snapshot
	Rollbacks int // times that happened

	Best      []float32 // weights of BestEpoch
	BestEpoch int       // 0 before the first

	History []Epoch
	LossSum float64 // of the epoch at work
	Seconds float64 // of the epoch at work
}

func newState(t *Trainer) *State {
	s := &State{Weights: slices.Clone(t.Net.W)}
	for range t.Optimizer.Slots() {
		s.Slots = append(s.Slots, make([]float32, len(t.Net.W)))
	}
	if t.EMA != 0 {
		s.Average = slices.Clone(t.Net.W)
	}
	return s
}

// fits says whether the state can have come from a trainer like t.
func (s *State) fits(t *Trainer) error {
	if len(s.Weights) != len(t.Net.W) {
		return fmt.Errorf("train: state of %d weights for a network of %d", len(s.Weights), len(t.Net.W))
	}
	if len(s.Slots) != t.Optimizer.Slots() {
		return fmt.Errorf("train: state of another optimizer: it has %d vectors, %T has %d", len(s.Slots), t.Optimizer, t.Optimizer.Slots())
	}
	if (s.Average != nil) != (t.EMA != 0) {
		return fmt.Errorf("train: the state and the trainer differ in whether weights are averaged")
	}
	return nil
}

// clone returns a copy that shares nothing; nil for nil. Weights are those of
// the network at this point: the caller sees to that.
func (s *State) clone() *State {
	if s == nil {
		return nil
	}
	c := *s
	c.Weights, c.Average, c.Best = slices.Clone(s.Weights), slices.Clone(s.Average), slices.Clone(s.Best)
	c.Slots = cloneAll(s.Slots)
	if s.Good != nil {
		c.Good = &Snapshot{slices.Clone(s.Good.Weights), cloneAll(s.Good.Slots), slices.Clone(s.Good.Average)}
	}
	c.History = slices.Clone(s.History)
	return &c
}

func cloneAll(vs [][]float32) [][]float32 {
	var out [][]float32
	for _, v := range vs {
		out = append(out, slices.Clone(v))
	}
	return out
}
