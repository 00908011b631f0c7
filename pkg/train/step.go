package train

import (
	"math"
	"sync/atomic"

	"squint/internal/parallel"
	"squint/internal/rng"
	"squint/internal/simd"
	"squint/pkg/augment"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// A step has two phases, each shared out to the workers: shards compute
// gradients, then pieces of the weights are moved by their sum.

// worker is what one thread needs to itself: a replica with its buffers.
type worker struct {
	net     *nn.Network
	augment *augment.Augmenter // deforms, and brings to the stage's size; nil where neither is wanted
	resize  *augment.Augmenter // does the latter alone
	x       tensor.Batch
	dz      tensor.Batch
	bytes   []uint8 // one picture, deformed
	labels  []int
	targets []float32
}

// shard is a fixed part of every batch, with a gradient of its own: whichever worker
// computes it, sums are the same.
type shard struct {
	gradient *nn.Gradient
	loss     float64 // of the examples of this step
	micros   int     // of this step
}

// run is one Trainer at work.
type run struct {
	*Trainer
	fit, valid *dataset.Set
	table      imageio.Table // normalises pictures
	pool       *parallel.Pool
	stage      int          // of which the workers are
	micro      int          // most examples in a micro-batch
	workers    chan *worker // those not at work
	shards     []*shard
	pieces     []piece
	state      *State
	perm       []int
	answers    []int // pictures of the last validation that were taken for each class

	// the step at work, for the tasks below
	from, to int // examples perm[from:to]
	micros   int
	rate     float32
	scale    float32
	strength float32
	infinite atomic.Bool // a weight is NaN or infinite

	// the phases of a step, made once so that a step allocates nothing
	learn, update, pack func(i int)
}

// piece is a window of one parameter that one worker updates.
type piece struct {
	param   *nn.Param // of the network that owns the weights
	w       []float32
	from    int         // of the parameter's W
	g       [][]float32 // of each shard
	late    []*nn.Kept  // of each shard, where the gradient is added here
	slots   [][]float32
	average []float32
}

// pieceFloats is small enough that there are pieces for every worker and large
// enough that handing one out costs nothing.
const pieceFloats = 32 << 10

// lateFloats is as many where gradients are added late: they should stay in the
// first-level cache meanwhile.
const lateFloats = 4 << 10

// newWorker makes a worker for pictures of shape in.
func (t *Trainer) newWorker(in tensor.Shape, micro int) (*worker, error) {
	net, err := t.Net.Resized(in, micro)
	if err != nil {
		return nil, err
	}
	w := &worker{
		net:     net,
		x:       tensor.NewBatch(micro, in, net.Border()),
		dz:      tensor.NewBatch(micro, tensor.Vec(net.Outputs()), 0),
		bytes:   make([]uint8, in.Size()),
		labels:  make([]int, micro),
		targets: make([]float32, micro*net.Outputs()),
	}
	if !t.Augment.IsZero() || in != t.Net.In {
		if w.augment, err = augment.NewSized(t.Augment, t.Net.In, in); err != nil {
			return nil, err
		}
	}
	if in != t.Net.In {
		w.resize, err = augment.NewSized(augment.Policy{}, t.Net.In, in)
	}
	return w, err
}

// cutPieces divides the parameters into the windows of phase two.
func (r *run) cutPieces() {
	base := 0
	for i, p := range r.Net.Params() {
		if p.Frozen {
			base += len(p.W)
			continue
		}
		step := pieceFloats
		if p.Late != nil {
			step = lateFloats
		}
		for from := 0; from < len(p.W); from += step {
			to := min(from+step, len(p.W))
			pc := piece{param: p, w: p.W[from:to], from: from}
			for _, s := range r.shards {
				pc.g = append(pc.g, s.gradient.G[base+from:base+to])
				if p.Late != nil {
					pc.late = append(pc.late, s.gradient.Kept(i))
				}
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

// step learns from batch k of the epoch's per batches.
func (r *run) step(k, per, total int) *NotFinite {
	st, n := r.state, r.fit.Len()
	r.from, r.to = n*k/per, n*(k+1)/per
	r.micros = (r.to - r.from + r.micro - 1) / r.micro
	r.rate = r.lrAt(st.Step, total)
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
	if r.infinite.Load() {
		return &NotFinite{Step: st.Step, Epoch: (st.Step-1)/per + 1}
	}
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
	w := <-r.workers
	defer func() { r.workers <- w }()
	s.loss = 0
	s.gradient.Drop()
	first, last := r.micros*i/len(r.shards), r.micros*(i+1)/len(r.shards)
	s.micros = last - first
	n := r.to - r.from
	for m := first; m < last; m++ {
		w.net.Use(s.gradient, m+1 == last)
		s.loss += r.learnMicro(w, r.from+n*m/r.micros, r.from+n*(m+1)/r.micros)
	}
}

// learnMicro adds the gradient of examples perm[from:to] and returns their loss.
func (r *run) learnMicro(w *worker, from, to int) (loss float64) {
	epoch := uint64(len(r.state.History))
	x := w.x.First(to - from)
	for n, index := range r.perm[from:to] {
		pixels := r.fit.Image(index)
		if w.augment != nil {
			w.augment.Apply(w.bytes, pixels, r.Seed, epoch, uint64(index), r.strength)
			pixels = w.bytes
		}
		r.load(x, n, pixels)
		w.labels[n] = r.fit.Labels[index]
	}
	labels := w.labels[:x.N]
	outputs := w.net.Outputs()
	t := w.targets[:x.N*outputs]
	nn.Targets(t, labels, outputs, w.net.Output(), r.Smoothing)
	w.net.SetKey(rng.Key(rng.Dropout, r.Seed, epoch, uint64(from)))
	dz := w.dz.First(x.N)
	if r.Loss.Fused() != "" {
		loss = r.Loss.Eval(dz, w.net.Logits(x, true), t, r.scale)
	} else {
		loss = r.Loss.Eval(dz, w.net.Forward(x, true), t, r.scale)
	}
	if r.Weights != nil {
		for n, label := range labels {
			simd.Scale(dz.Row(n, 0), r.Weights[label])
		}
	}
	if r.Loss.Fused() != "" {
		w.net.BackwardLogits(dz)
	} else {
		w.net.Backward(dz)
	}
	return loss
}

// load normalises one picture into place n of a batch.
func (r *run) load(x tensor.Batch, n int, pixels []uint8) {
	row := x.W * x.C
	for y := range x.H {
		r.table.Floats(x.Row(n, y), pixels[y*row:(y+1)*row])
	}
}

// updatePiece adds the shards' gradients in their order and changes the weights.
func (r *run) updatePiece(p *piece) {
	g := p.g[0]
	for i, s := range r.shards {
		if i > 0 && (p.late == nil || s.micros > 1) {
			simd.Add(g, p.g[i])
			clear(p.g[i])
		}
		if p.late != nil {
			p.param.Late(p.late[i], g, p.from)
		}
	}
	if s := p.param.Stat; s != 0 { // G holds a sum over the micro-batches
		simd.Scale(p.w, 1-s)
		simd.Axpy(p.w, g, s/float32(r.micros))
	} else {
		r.Optimizer.Step(p.w, g, p.slots, !p.param.NoDecay, r.rate, r.state.Step)
	}
	clear(g)
	if !simd.IsFinite(p.w) { // as it is after any gradient that was not
		r.infinite.Store(true)
		return
	}
	if p.average != nil {
		// The average forgets its beginning faster than its decay says, or the
		// initial weights would stay in it for the whole of a short run.
		d := min(r.EMA, float32(1+r.state.Step)/float32(10+r.state.Step))
		simd.EMA(p.average, p.w, d)
	}
}
