package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"squint/internal/parallel"
	"squint/internal/rng"
	"squint/internal/simd"
	"squint/pkg/augment"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
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
	Seed      uint64         // * of the order, the deformations and dropout (initial weights are Net's)

	// Batch is how many examples one step learns from: 1 is stochastic gradient
	// descent, 0 or more than there are is full-batch gradient descent. *
	Batch int
	// Shards is how many gradients of its own a batch has, and so how many
	// threads can share it; 0 is 8. *
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

// NotFinite is the error of a run whose loss became infinite or NaN.
type NotFinite struct{ Step, Epoch int }

func (e *NotFinite) Error() string {
	return fmt.Sprintf("train: the loss is not a finite number at step %d (epoch %d): the learning rate is too high for this network and data", e.Step, e.Epoch)
}

// shard is the part of a run that one worker needs to itself at a time: a
// replica with its buffers and its own gradients.
type shard struct {
	net     *nn.Network
	augment *augment.Augmenter
	x       tensor.Batch
	dz      tensor.Batch
	bytes   []uint8 // one picture, deformed
	floats  []float32
	labels  []int
	targets []float32
	loss    float64 // of the examples of this step
}

// run is one Trainer at work.
type run struct {
	*Trainer
	fit, valid *dataset.Set
	pool       *parallel.Pool
	shards     []*shard
	pieces     []piece
	state      *State
	perm       []int

	// the step at work, for the tasks below
	from, to int // examples perm[from:to]
	micros   int
	rate     float32
	scale    float32
	strength float32

	// the phases of a step, made once so that a step allocates nothing
	learn, update, pack func(i int)
}

// piece is a window of one parameter that one worker updates.
type piece struct {
	param   *nn.Param // of the network that owns the weights
	w       []float32
	g       [][]float32 // of each shard
	slots   [][]float32
	average []float32
}

// pieceFloats is small enough that there are pieces for every worker and large
// enough that handing one out costs nothing.
const pieceFloats = 32 << 10

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
	r := &run{Trainer: t, fit: fit, valid: valid}
	threads := t.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	batch := r.batch()
	shards := min(defaultTo(t.Shards, 8), batch)
	micro := min(defaultTo(t.Micro, 32), (batch+shards-1)/shards)
	for range shards {
		s, err := t.newShard(micro)
		if err != nil {
			return nil, err
		}
		r.shards = append(r.shards, s)
	}
	r.pool = parallel.New(min(threads, shards))
	r.perm = make([]int, fit.Len())
	if r.state = t.Resume.clone(); r.state == nil {
		r.state = newState(t)
	} else if err := r.state.fits(t); err != nil {
		r.pool.Close()
		return nil, err
	}
	r.cutPieces()
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

func (t *Trainer) newShard(micro int) (*shard, error) {
	net, err := t.Net.Replica(micro)
	if err != nil {
		return nil, err
	}
	s := &shard{
		net:     net,
		x:       tensor.NewBatch(micro, t.Net.In, net.Border()),
		dz:      tensor.NewBatch(micro, tensor.Vec(net.Outputs()), 0),
		bytes:   make([]uint8, t.Net.In.Size()),
		floats:  make([]float32, t.Net.In.Size()),
		labels:  make([]int, micro),
		targets: make([]float32, micro*net.Outputs()),
	}
	s.augment, err = augment.New(t.Augment, t.Net.In)
	return s, err
}

// cutPieces divides the parameters into the windows of phase two.
func (r *run) cutPieces() {
	base := 0
	for i, p := range r.Net.Params() {
		for from := 0; from < len(p.W); from += pieceFloats {
			to := min(from+pieceFloats, len(p.W))
			pc := piece{param: p, w: p.W[from:to]}
			for _, s := range r.shards {
				pc.g = append(pc.g, s.net.Params()[i].G[from:to])
			}
			for _, slot := range r.state.Slots {
				pc.slots = append(pc.slots, slot[base+from:base+to])
			}
			if r.state.Average != nil {
				pc.average = r.state.Average[base+from : base+to]
			}
			r.pieces = append(r.pieces, pc)
		}
		base += len(p.W)
	}
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
	for st.Step < total && !r.early() {
		epoch := st.Step / per
		r.shuffle(epoch)
		start, first := time.Now(), st.Step
		for st.Step < (epoch+1)*per {
			if ctx.Err() != nil {
				st.Seconds += time.Since(start).Seconds()
				return r.result(), ctx.Err()
			}
			if err := r.step(st.Step-epoch*per, per, total); err != nil {
				return r.result(), err
			}
			if r.OnStep != nil {
				p := Progress{Step: st.Step, Steps: total, Epoch: epoch + 1, Epochs: r.Epochs, Examples: r.to - r.from, Loss: st.LossSum / float64(r.to), run: r}
				if err := r.OnStep(p); err != nil {
					return r.result(), err
				}
			}
		}
		seconds := time.Since(start).Seconds()
		e := Epoch{
			Epoch: epoch + 1, TrainLoss: st.LossSum / float64(r.fit.Len()), LR: float64(r.rate),
			Seconds:         seconds + st.Seconds,
			ImagesPerSecond: float64((st.Step-first)*r.fit.Len()) / float64(per) / seconds,
		}
		st.LossSum, st.Seconds = 0, 0
		r.validate(&e)
		st.History = append(st.History, e)
		if r.OnEpoch != nil {
			if err := r.OnEpoch(e); err != nil {
				return r.result(), err
			}
		}
	}
	return r.result(), nil
}

// early tells whether Patience has run out: as many epochs have passed since
// the validation accuracy last rose above all before.
func (r *run) early() bool {
	if r.Patience <= 0 || r.valid.Len() == 0 {
		return false
	}
	rose, best := 0, -1.0
	for i, e := range r.state.History {
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

// step learns from batch k of the epoch's per batches.
func (r *run) step(k, per, total int) error {
	st, n := r.state, r.fit.Len()
	r.from, r.to = n*k/per, n*(k+1)/per
	micro := r.shards[0].x.N
	r.micros = (r.to - r.from + micro - 1) / micro
	r.rate = r.LR
	if r.Schedule != nil {
		r.rate *= r.Schedule(st.Step, total)
	}
	r.scale = 1 / float32(r.to-r.from)
	r.strength = strength(st.Step, total)

	r.pool.Do(len(r.shards), r.learn)
	for _, s := range r.shards { // in this order, whoever was first
		st.LossSum += s.loss
	}
	if math.IsNaN(st.LossSum) || math.IsInf(st.LossSum, 0) {
		return &NotFinite{Step: st.Step + 1, Epoch: st.Step/per + 1}
	}
	st.Step++
	r.pool.Do(len(r.pieces), r.update)
	r.pool.Do(len(r.Net.Params()), r.pack)
	return nil
}

// strength tapers the deformations to 30 % over the last 15 % of a run, so
// that the network ends on pictures like those it will see.
func strength(step, total int) float32 {
	const last, end = 0.15, 0.3
	left := float64(total-step) / float64(total)
	if left >= last {
		return 1
	}
	return float32(end + (1-end)*left/last)
}

// learnShard computes the gradients of one shard: the micro-batches whose
// number falls in its part, in their order.
func (r *run) learnShard(i int) {
	s := r.shards[i]
	s.loss = 0
	first, last := r.micros*i/len(r.shards), r.micros*(i+1)/len(r.shards)
	n := r.to - r.from
	for m := first; m < last; m++ {
		r.learnMicro(s, r.from+n*m/r.micros, r.from+n*(m+1)/r.micros)
	}
}

func (r *run) learnMicro(s *shard, from, to int) {
	epoch := uint64(len(r.state.History))
	x := s.x.First(to - from)
	for n, index := range r.perm[from:to] {
		pixels := r.fit.Image(index)
		if !r.Augment.IsZero() {
			s.augment.Apply(s.bytes, pixels, r.Seed, epoch, uint64(index), r.strength)
			pixels = s.bytes
		}
		r.load(s, x, n, pixels)
		s.labels[n] = r.fit.Labels[index]
	}
	labels := s.labels[:x.N]
	outputs := s.net.Outputs()
	t := s.targets[:x.N*outputs]
	nn.Targets(t, labels, outputs, s.net.Output(), r.Smoothing)
	s.net.SetKey(rng.Key(rng.Dropout, r.Seed, epoch, uint64(from)))
	dz := s.dz.First(x.N)
	if r.Loss.Fused() != "" {
		s.loss += r.Loss.Eval(dz, s.net.Logits(x, true), t, r.scale)
	} else {
		s.loss += r.Loss.Eval(dz, s.net.Forward(x, true), t, r.scale)
	}
	if r.Weights != nil {
		for n, label := range labels {
			simd.Scale(dz.Row(n, 0), r.Weights[label])
		}
	}
	if r.Loss.Fused() != "" {
		s.net.BackwardLogits(dz)
	} else {
		s.net.Backward(dz)
	}
}

// load normalises one picture into place n of a batch.
func (t *Trainer) load(s *shard, x tensor.Batch, n int, pixels []uint8) {
	t.Prep.Floats(s.floats, pixels)
	row := x.W * x.C
	for y := range x.H {
		copy(x.Row(n, y), s.floats[y*row:(y+1)*row])
	}
}

// updatePiece adds the shards' gradients in their order and changes the weights.
func (r *run) updatePiece(p *piece) {
	g := p.g[0]
	for _, other := range p.g[1:] {
		simd.Add(g, other)
		clear(other)
	}
	if s := p.param.Stat; s != 0 { // G holds a sum over the micro-batches
		simd.Scale(p.w, 1-s)
		simd.Axpy(p.w, g, s/float32(r.micros))
	} else {
		r.Optimizer.Step(p.w, g, p.slots, !p.param.NoDecay, r.rate, r.state.Step)
	}
	clear(g)
	if p.average != nil {
		// The average forgets its beginning faster than its decay says, or the
		// initial weights would stay in it for the whole of a short run.
		d := min(r.EMA, float32(1+r.state.Step)/float32(10+r.state.Step))
		simd.EMA(p.average, p.w, d)
	}
}
