package train

import (
	"fmt"
	"runtime"

	"squint/pkg/tensor"
)

// Stage is a part of a run that learns from smaller pictures, which costs less
// where there is most to learn ("progressive resizing"). Stages begin a run, one
// after the other; the epochs that they leave are learnt at the network's own
// size, at which the pictures are stored. Steps and learning rate know nothing
// of stages.
type Stage struct {
	H      int `json:"h"`
	W      int `json:"w"`
	Epochs int `json:"epochs"`
}

func (t *Trainer) checkStages() error {
	epochs := 0
	for i, s := range t.Stages {
		epochs += s.Epochs
		if s.H < 1 || s.W < 1 || s.H > t.Net.In.H || s.W > t.Net.In.W || s.Epochs < 1 {
			return fmt.Errorf("train: stage %d: %d epochs of %d×%d pixels, want at least one and pictures no larger than the network's %d×%d", i+1, s.Epochs, s.W, s.H, t.Net.In.W, t.Net.In.H)
		}
		if _, err := t.Net.Resized(t.sizeIn(i), 1); err != nil { // now, and not after hours
			return fmt.Errorf("train: stage %d: %w", i+1, err)
		}
	}
	if epochs > t.Epochs {
		return fmt.Errorf("train: stages of %d epochs together in a run of %d", epochs, t.Epochs)
	}
	return nil
}

// stageOf returns the stage that an epoch, from 0, belongs to: len(Stages) is
// the rest of the run.
func (t *Trainer) stageOf(epoch int) int {
	for i, s := range t.Stages {
		if epoch < s.Epochs {
			return i
		}
		epoch -= s.Epochs
	}
	return len(t.Stages)
}

// sizeIn returns the pictures' size in a stage.
func (t *Trainer) sizeIn(stage int) tensor.Shape {
	in := t.Net.In
	if stage < len(t.Stages) {
		in.H, in.W = t.Stages[stage].H, t.Stages[stage].W
	}
	return in
}

// enter makes the workers of a stage, whose buffers are as large as its pictures
// ask for. All that outlives a stage is in the State.
func (r *run) enter(stage int) error {
	if r.workers != nil && r.sizeIn(stage) == r.sizeIn(r.stage) {
		r.stage = stage
		return nil
	}
	batch := r.batch()
	micro := min(defaultTo(r.Micro, 32), batch)
	shards := min(defaultTo(r.Shards, min(8, (batch+micro-1)/micro)), batch)
	r.micro = min(micro, (batch+shards-1)/shards)
	threads := min(defaultTo(r.Threads, runtime.GOMAXPROCS(0)), shards)
	r.stage, r.workers = stage, nil // for their memory, before the new ones take theirs
	workers := make(chan *worker, threads)
	for range threads {
		w, err := r.newWorker(r.sizeIn(stage), r.micro)
		if err != nil {
			return err
		}
		workers <- w
		if len(r.shards) == 0 {
			for range shards {
				r.shards = append(r.shards, &shard{gradient: w.net.NewGradient()})
			}
			r.cutPieces()
		}
	}
	r.workers = workers
	return nil
}
