package train

import (
	"context"

	"squint/internal/simd"
)

// estimate replaces the running statistics of batch norm by their means over
// the first Estimate pictures of the training part, as they are and at the
// network's size. Running statistics lag behind the weights, belong to other
// weights than averaged ones, and were taken from deformed pictures of each
// stage's size. torch.optim.swa_utils.update_bn; Touvron et al. 2019 for the
// sizes.
func (r *run) estimate(ctx context.Context) error {
	n := min(r.Estimate, r.fit.Len())
	if n == 0 || !r.hasStats() {
		return nil
	}
	if err := r.enter(len(r.Stages)); err != nil {
		return err
	}
	micros := (n + r.micro - 1) / r.micro
	r.pool.Do(len(r.shards), func(i int) {
		w := <-r.workers
		defer func() { r.workers <- w }()
		gradient := r.shards[i].gradient
		clear(gradient.G) // of a step that was broken off
		w.net.Use(gradient, false)
		for m := micros * i / len(r.shards); m < micros*(i+1)/len(r.shards) && ctx.Err() == nil; m++ {
			from, to := n*m/micros, n*(m+1)/micros
			x := w.x.First(to - from)
			for k := range x.N {
				r.load(x, k, r.fit.Image(from+k))
			}
			w.net.Logits(x, true)
			w.net.Estimate()
		}
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	from := 0
	for _, p := range r.Net.Params() {
		to := from + len(p.W)
		if p.Stat != 0 {
			clear(p.W)
			for _, s := range r.shards { // in this order
				simd.Axpy(p.W, s.gradient.G[from:to], 1/float32(micros))
			}
		}
		from = to
	}
	r.Net.Sync()
	return nil
}

// hasStats tells whether any layer keeps running statistics.
func (r *run) hasStats() bool {
	for _, p := range r.Net.Params() {
		if p.Stat != 0 {
			return true
		}
	}
	return false
}
