package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"squint/internal/parallel"
	"squint/internal/rng"
	"squint/pkg/augment"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
)

// Trainer holds everything that shapes a training run. Fields marked with * are
// part of the recipe: another value gives other weights.
type Trainer struct {
	Net       *nn.Network    // * the weights to start from and, after Run, the result; its own batch size does not matter
	Loss      nn.Loss        // *
	Optimizer Optimizer      // *
	Schedule  Schedule       // * nil is Constant
	LR        float32        // * learning rate
	Smoothing float32        // * label smoothing, see nn.Targets
	Weights   []float32      // * weight of each class in the gradient; nil is 1 for all
	EMA       float32        // * if not 0, what is validated and kept is the average of the weights with this decay a step
	Prep      *imageio.Prep  // * how bytes become numbers
	Augment   augment.Policy // * deformations of the training pictures
	Epochs    int            // *
	Stages    []Stage        // * smaller pictures to begin with
	Estimate  int            // * running statistics are estimated anew at the end, from this many training pictures; 0 keeps them
	Seed      uint64         // * of the order, the deformations and dropout (initial weights are Net's)

	// Batch is how many examples one step learns from: 1 is stochastic gradient
	// descent, 0 or more than there are is full-batch gradient descent. *
	Batch int
	// Shards is how many gradients of its own a batch has, and so how many
	// threads can share it; 0 is one for each Micro examples, 8 at most. *
	Shards int
	// Micro is the most examples that pass the network at once, which is what
	// batch norm sees as its batch; 0 is 32. *
	Micro int

	// Patience stops the run after this many epochs without a better
	// validation accuracy; 0 never stops. *
	Patience int

	Threads int // 0 is GOMAXPROCS

	// OnStep is called after every step, OnEpoch after every epoch, in Run's
	// goroutine. An error ends the run and comes back from Run.
	OnStep  func(Progress) error
	OnEpoch func(Epoch) error
	// OnTrouble is told, in a sentence, what goes wrong and does not end the run.
	OnTrouble func(string)
	// Resume goes on from a State that a Trainer with the same recipe gave.
	Resume *State
}

// Epoch is what one pass over the training part brought.
type Epoch struct {
	Epoch           int     `json:"epoch"` // from 1
	TrainLoss       float64 `json:"train_loss"`
	ValLoss         float64 `json:"val_loss"`     // 0 without a validation part
	ValAccuracy     float64 `json:"val_accuracy"` // 0 without a validation part
	LR              float64 `json:"lr"`           // at the epoch's last step
	Seconds         float64 `json:"seconds"`
	ImagesPerSecond float64 `json:"images_per_s"` // of training, without validation
}

// Progress is where a run is after a step.
type Progress struct {
	Step, Steps   int     // steps done, and of the whole run
	Epoch, Epochs int     // epoch that the step belongs to, from 1
	Examples      int     // examples of this step
	Loss          float64 // mean of the epoch so far
	LR            float64 // of this step
	run           *run
}

// State returns the state of the run at this point, for a checkpoint. It is a
// copy.
func (p Progress) State() *State {
	copy(p.run.state.Weights, p.run.Net.W)
	return p.run.state.clone()
}

// Result is what Run brought. The network holds the weights of BestEpoch.
type Result struct {
	Epochs    []Epoch
	BestEpoch int    // by validation accuracy, then loss; the last without a validation part
	Stopped   bool   // early, by Patience
	State     *State // at the end, or where the context was cancelled
}

// Run trains. When ctx is cancelled it finishes the step at work and returns
// the result so far together with ctx's error; the network then holds the best
// weights so far.
func (t *Trainer) Run(ctx context.Context, fit, valid *dataset.Set) (*Result, error) {
	r, err := t.prepare(fit, valid)
	if err != nil {
		return nil, err
	}
	defer r.pool.Close()
	return r.epochs(ctx)
}

func (t *Trainer) prepare(fit, valid *dataset.Set) (*run, error) {
	if fit.Len() == 0 {
		return nil, errors.New("train: no training examples")
	}
	if fit.Shape != t.Net.In {
		return nil, fmt.Errorf("train: pictures of %v for a network of %v", fit.Shape, t.Net.In)
	}
	if k := nn.Classes(t.Net.Outputs()); len(fit.Classes) != k {
		return nil, fmt.Errorf("train: %d classes for a network that tells %d apart", len(fit.Classes), k)
	}
	if f := t.Loss.Fused(); f != "" && f != t.Net.Output() {
		return nil, fmt.Errorf("train: %T belongs to %s outputs, the network has %q", t.Loss, f, t.Net.Output())
	}
	r := &run{Trainer: t, fit: fit, valid: valid, table: t.Prep.Table()}
	if err := t.checkStages(); err != nil {
		return nil, err
	}
	r.perm = make([]int, fit.Len())
	if r.state = t.Resume.clone(); r.state == nil {
		r.state = newState(t)
	} else if err := r.state.fits(t); err != nil {
		return nil, err
	}
	if err := r.enter(t.stageOf(len(r.state.History))); err != nil {
		return nil, err
	}
	r.pool = parallel.New(cap(r.workers))
	r.learn = func(i int) { r.learnShard(i) }
	r.update = func(i int) { r.updatePiece(&r.pieces[i]) }
	r.pack = func(i int) {
		if p := r.Net.Params()[i]; p.Pack != nil {
			p.Pack()
		}
	}
	return r, nil
}

func defaultTo(v, d int) int {
	if v <= 0 {
		return d
	}
	return v
}

func (r *run) batch() int {
	if r.Batch <= 0 {
		return r.fit.Len()
	}
	return min(r.Batch, r.fit.Len())
}

// stepsPerEpoch cuts the examples into batches of nearly equal size, none
// larger than asked for, so that no small rest is left at the end.
func (r *run) stepsPerEpoch() int { return (r.fit.Len() + r.batch() - 1) / r.batch() }

func (r *run) epochs(ctx context.Context) (*Result, error) {
	per := r.stepsPerEpoch()
	total := per * r.Epochs
	st := r.state
	copy(r.Net.W, st.Weights)
	r.Net.Sync()
	for len(st.History) < r.Epochs && !r.early() {
		epoch := len(st.History)
		if err := r.enter(r.stageOf(epoch)); err != nil {
			return r.result(), err
		}
		r.shuffle(epoch)
		start, first := time.Now(), st.Step
		for st.Step < (epoch+1)*per { // no step is left where a state was saved between the last and the validation
			if ctx.Err() != nil {
				st.Seconds += time.Since(start).Seconds()
				return r.result(), ctx.Err()
			}
			if st.Step == epoch*per {
				st.Good = r.snapshot(st.Good)
			}
			if bad := r.step(st.Step-epoch*per, per, total); bad != nil {
				if err := r.rollBack(bad, epoch*per); err != nil {
					return r.result(), err
				}
				first = min(first, st.Step)
				continue
			}
			if r.OnStep != nil {
				p := Progress{Step: st.Step, Steps: total, Epoch: epoch + 1, Epochs: r.Epochs, Examples: r.to - r.from, Loss: st.LossSum / float64(r.to), LR: float64(r.rate), run: r}
				if err := r.OnStep(p); err != nil {
					return r.result(), err
				}
			}
		}
		seconds := time.Since(start).Seconds()
		e := Epoch{
			Epoch: epoch + 1, TrainLoss: st.LossSum / float64(r.fit.Len()), LR: float64(r.lrAt(st.Step-1, total)),
			Seconds: seconds + st.Seconds,
		}
		if st.Step > first {
			e.ImagesPerSecond = float64((st.Step-first)*r.fit.Len()) / float64(per) / seconds
		}
		if err := r.validate(ctx, &e); err != nil { // it is done again when the run goes on
			st.Seconds = e.Seconds
			return r.result(), err
		}
		st.LossSum, st.Seconds = 0, 0
		st.History = append(st.History, e)
		r.lookForCollapse(e)
		if r.OnEpoch != nil {
			if err := r.OnEpoch(e); err != nil {
				return r.result(), err
			}
		}
	}
	res := r.result()
	return res, r.estimate(ctx)
}

// lrAt returns the learning rate of a step.
func (r *run) lrAt(step, total int) float32 {
	if r.Schedule == nil {
		return r.LR * r.lowered()
	}
	return r.LR * r.lowered() * r.Schedule(step, total)
}

// early tells whether Patience has run out: as many epochs have passed since
// the validation accuracy last rose above all before.
func (r *run) early() bool {
	if r.Patience <= 0 || r.valid.Len() == 0 {
		return false
	}
	rose, best := 0, -1.0
	for i, e := range r.state.History {
		if i > 0 && r.stageOf(i) != r.stageOf(i-1) {
			best = -1 // accuracies on pictures of two sizes do not compare
		}
		if e.ValAccuracy > best {
			rose, best = i+1, e.ValAccuracy
		}
	}
	return len(r.state.History)-rose >= r.Patience
}

// result puts the best weights into the network.
func (r *run) result() *Result {
	st := r.state
	copy(st.Weights, r.Net.W)
	res := &Result{Epochs: st.History, BestEpoch: st.BestEpoch, Stopped: r.early(), State: st.clone()}
	if st.BestEpoch > 0 {
		copy(r.Net.W, st.Best)
		r.Net.Sync()
	}
	return res
}

// shuffle sets the order of an epoch (Fisher and Yates).
func (r *run) shuffle(epoch int) {
	g := rng.New(rng.Shuffle, r.Seed, uint64(epoch))
	for i := range r.perm {
		r.perm[i] = i
	}
	for i := len(r.perm) - 1; i > 0; i-- {
		j := int(g.Uint64N(uint64(i + 1)))
		r.perm[i], r.perm[j] = r.perm[j], r.perm[i]
	}
}
