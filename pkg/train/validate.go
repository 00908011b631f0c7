package train

import (
	"context"

	"squint/pkg/eval"
	"squint/pkg/nn"
)

// validate fills in the epoch's validation and keeps the weights if they are
// the best so far. When ctx ends it gives up and returns its error.
func (r *run) validate(ctx context.Context, e *Epoch) error {
	st := r.state
	copy(st.Weights, r.Net.W)
	if st.Average != nil { // what is judged and kept is the average
		copy(r.Net.W, st.Average)
		r.Net.Sync()
	}
	better := true
	if r.valid.Len() > 0 {
		e.ValLoss, e.ValAccuracy = r.score(ctx)
		if st.BestEpoch > 0 {
			// Of equals the later: its learning rate was lower. The loss is no
			// judge, since label smoothing makes it rise while answers improve.
			// Nor is an accuracy on smaller pictures.
			better = e.ValAccuracy >= st.History[st.BestEpoch-1].ValAccuracy || r.stageOf(st.BestEpoch-1) != r.stage
		}
	}
	if better && ctx.Err() == nil {
		st.Best = append(st.Best[:0], r.Net.W...)
		st.BestEpoch = e.Epoch
	}
	if st.Average != nil {
		copy(r.Net.W, st.Weights)
		r.Net.Sync()
	}
	return ctx.Err()
}

// score returns mean loss and accuracy on the validation part; once ctx has
// ended they mean nothing.
//
// The networks are those that learn, layer by layer. What reports say of a model
// comes from its Predict, in the inference form, as answers do.
func (r *run) score(ctx context.Context) (loss, accuracy float64) {
	micro := r.micro
	micros := (r.valid.Len() + micro - 1) / micro
	losses := make([]float64, micros)
	right := make([]int, micros)
	r.answers = make([]int, len(r.valid.Classes))
	answers := make([][]int, len(r.shards))
	r.pool.Do(len(r.shards), func(i int) {
		w := <-r.workers
		defer func() { r.workers <- w }()
		probs := make([]float32, len(r.valid.Classes))
		answers[i] = make([]int, len(r.valid.Classes))
		for m := micros * i / len(r.shards); m < micros*(i+1)/len(r.shards) && ctx.Err() == nil; m++ {
			from, to := m*micro, min((m+1)*micro, r.valid.Len())
			losses[m], right[m] = r.scoreMicro(w, from, to, probs, answers[i])
		}
	})
	for _, a := range answers {
		for class, n := range a {
			r.answers[class] += n
		}
	}
	n := 0
	for m := range losses {
		loss += losses[m]
		n += right[m]
	}
	count := float64(r.valid.Len())
	return loss / count, float64(n) / count
}

func (r *run) scoreMicro(w *worker, from, to int, probs []float32, answers []int) (loss float64, right int) {
	x := w.x.First(to - from)
	for n := range x.N {
		pixels := r.valid.Image(from + n)
		if w.resize != nil {
			w.resize.Apply(w.bytes, pixels, 0, 0, 0, 0)
			pixels = w.bytes
		}
		r.load(x, n, pixels)
	}
	labels := r.valid.Labels[from:to]
	outputs := w.net.Outputs()
	t := w.targets[:x.N*outputs]
	nn.Targets(t, labels, outputs, w.net.Output(), 0)
	z := w.net.Logits(x, false)
	for n, label := range labels {
		nn.Probabilities(probs, z.Row(n, 0), w.net.Output())
		answer := eval.Argmax(probs)
		answers[answer]++
		if answer == label {
			right++
		}
	}
	if r.Loss.Fused() == "" {
		z = w.net.Forward(x, false)
	}
	return r.Loss.Eval(w.dz.First(x.N), z, t, 1), right
}
