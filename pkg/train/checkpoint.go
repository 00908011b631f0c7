package train

import (
	"encoding/json"
	"fmt"

	"squint/internal/safetensors"
)

// stateKey is the metadata key of what a State holds beside vectors.
const stateKey = "state"

// progress is that as JSON.
type progress struct {
	Step      int     `json:"step"`
	BestEpoch int     `json:"best_epoch"`
	Rollbacks int     `json:"rollbacks"`
	LossSum   float64 `json:"loss_sum"` // Go writes float64 so that reading gives the same bits
	Seconds   float64 `json:"seconds"`
	History   []Epoch `json:"history"`
}

// Encode returns the state as the bytes of a checkpoint: a sealed safetensors
// file, in which any damaged bit is found. meta is kept beside it, under keys
// other than "state".
func (s *State) Encode(meta map[string]string) ([]byte, error) {
	p, err := json.Marshal(progress{s.Step, s.BestEpoch, s.Rollbacks, s.LossSum, s.Seconds, s.History})
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	all := map[string]string{stateKey: string(p)}
	for k, v := range meta {
		all[k] = v
	}
	var tensors []safetensors.Tensor
	add := func(name string, v []float32) {
		if len(v) > 0 {
			tensors = append(tensors, safetensors.New(name, safetensors.F32, []int{len(v)}, v))
		}
	}
	add("weights", s.Weights)
	for i, v := range s.Slots {
		add(slotName(i), v)
	}
	add("average", s.Average)
	add("best", s.Best)
	if s.Good != nil {
		add("good.weights", s.Good.Weights)
		for i, v := range s.Good.Slots {
			add("good."+slotName(i), v)
		}
		add("good.average", s.Good.Average)
	}
	b, err := safetensors.Encode(all, tensors)
	if err != nil {
		return nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	return b, nil
}

func slotName(i int) string { return fmt.Sprintf("slot.%d", i) }

// DecodeState reads a checkpoint and returns the state and the meta data that
// Encode was given.
func DecodeState(b []byte) (*State, map[string]string, error) {
	f, err := safetensors.Decode(b)
	if err != nil {
		return nil, nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	var p progress
	if err := json.Unmarshal([]byte(f.Meta[stateKey]), &p); err != nil {
		return nil, nil, fmt.Errorf("train: not a checkpoint: its state is missing or unreadable")
	}
	s := &State{Step: p.Step, BestEpoch: p.BestEpoch, Rollbacks: p.Rollbacks, LossSum: p.LossSum, Seconds: p.Seconds, History: p.History}
	vector := func(name string) []float32 {
		t := f.Tensor(name)
		if t == nil {
			return nil
		}
		v := make([]float32, t.Len())
		t.Floats(v)
		return v
	}
	slots := func(before string) (vs [][]float32) {
		for {
			v := vector(before + slotName(len(vs)))
			if v == nil {
				return vs
			}
			vs = append(vs, v)
		}
	}
	s.Weights, s.Slots, s.Average, s.Best = vector("weights"), slots(""), vector("average"), vector("best")
	if w := vector("good.weights"); w != nil {
		s.Good = &Snapshot{w, slots("good."), vector("good.average")}
	}
	if err := s.consistent(); err != nil {
		return nil, nil, fmt.Errorf("train: checkpoint: %w", err)
	}
	delete(f.Meta, stateKey)
	return s, f.Meta, nil
}

// consistent checks what a later step would trust.
func (s *State) consistent() error {
	n := len(s.Weights)
	if n == 0 {
		return fmt.Errorf("no weights")
	}
	all := append([][]float32{s.Average, s.Best}, s.Slots...)
	if g := s.Good; g != nil {
		all = append(append(all, g.Weights, g.Average), g.Slots...)
		if len(g.Slots) != len(s.Slots) || (g.Average == nil) != (s.Average == nil) {
			return fmt.Errorf("the epoch's beginning has %d vectors of the optimizer, want %d", len(g.Slots), len(s.Slots))
		}
	}
	for _, v := range all {
		if v != nil && len(v) != n {
			return fmt.Errorf("vectors of %d and %d values", n, len(v))
		}
	}
	if s.Step < 0 || s.BestEpoch < 0 || s.BestEpoch > len(s.History) || (s.BestEpoch > 0) != (s.Best != nil) {
		return fmt.Errorf("step %d, best epoch %d of %d", s.Step, s.BestEpoch, len(s.History))
	}
	return nil
}
