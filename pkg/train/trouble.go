package train

import (
	"fmt"
	"math"
	"slices"
)

// NotFinite is the error of a run in which a loss or a weight became infinite or
// NaN, again and again.
type NotFinite struct{ Step, Epoch int }

func (e *NotFinite) Error() string {
	return fmt.Sprintf("train: the loss is not a finite number at step %d (epoch %d): the learning rate is too high for this network and data", e.Step, e.Epoch)
}

// Snapshot is what an epoch began with.
type Snapshot struct {
	Weights []float32
	Slots   [][]float32
	Average []float32
}

const (
	mostRollbacks = 3
	lowerBy       = 0.3 // the learning rate, each time
)

// snapshot copies the run into s, which it makes where there is none.
func (r *run) snapshot(s *Snapshot) *Snapshot {
	if s == nil {
		s = &Snapshot{Slots: make([][]float32, len(r.state.Slots))}
	}
	s.Weights = append(s.Weights[:0], r.Net.W...)
	for i, v := range r.state.Slots {
		s.Slots[i] = append(s.Slots[i][:0], v...)
	}
	if r.state.Average != nil {
		s.Average = append(s.Average[:0], r.state.Average...)
	}
	return s
}

// rollBack returns to the beginning of the epoch, which was step, and lowers the
// learning rate. After mostRollbacks times it returns the error, with the run
// at the beginning of the epoch as well: nothing that is not finite is ever seen
// outside.
func (r *run) rollBack(bad *NotFinite, step int) error {
	st := r.state
	if st.Good == nil { // a State that no Trainer made
		return bad
	}
	copy(r.Net.W, st.Good.Weights)
	r.Net.Sync()
	for i, v := range st.Good.Slots {
		copy(st.Slots[i], v)
	}
	copy(st.Average, st.Good.Average)
	st.Step, st.LossSum = step, 0
	r.infinite.Store(false)
	for _, s := range r.shards {
		clear(s.gradient.G)
	}
	if st.Rollbacks == mostRollbacks {
		return bad
	}
	st.Rollbacks++
	r.trouble("the loss is not a finite number at step %d: back to the beginning of epoch %d with the learning rate times %.2g", bad.Step, bad.Epoch, r.lowered())
	return nil
}

// lowered is what rollbacks have left of the learning rate.
func (r *run) lowered() float32 {
	return float32(math.Pow(lowerBy, float64(r.state.Rollbacks)))
}

// lookForCollapse says after the second epoch when the network gives every
// picture the same answer, as it does where nothing can be learnt: a learning
// rate that is far too high or too low, pictures that do not show their class.
func (r *run) lookForCollapse(e Epoch) {
	if e.Epoch != 2 || r.valid.Len() == 0 {
		return
	}
	if only := slices.Index(r.answers, r.valid.Len()); only >= 0 {
		r.trouble("after two epochs every picture of the validation part is taken for %q, and the loss is %.3f (by chance %.3f): nothing is being learnt",
			r.valid.Classes[only], e.TrainLoss, r.chanceLoss())
	}
}

// chanceLoss is the loss of a network that finds all classes equally likely.
func (r *run) chanceLoss() float64 {
	outputs := float64(r.Net.Outputs())
	switch r.Loss.Fused() {
	case "softmax":
		return math.Log(outputs)
	case "sigmoid":
		if outputs == 1 {
			return math.Ln2
		}
		p := 1 / outputs // each unit by the frequency of its class
		return -math.Log(p) - (outputs-1)*math.Log(1-p)
	}
	return math.NaN()
}

func (r *run) trouble(format string, args ...any) {
	if r.OnTrouble != nil {
		r.OnTrouble(fmt.Sprintf(format, args...))
	}
}
