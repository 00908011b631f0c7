package imageio

import (
	"context"
	"fmt"
	"sync"
)

// A Budget bounds the memory that pictures decoded at the same time may take
// together. Share one among all goroutines that decode: each asks for what its
// picture costs (Cost), waits until so much is free, and gives it back.
//
//	cost, err := imageio.Cost(data)
//	...
//	if err := budget.Acquire(ctx, cost); err != nil { ... }
//	defer budget.Release(cost)
//	img, _, err := imageio.Decode(data, lim)
//
// A picture that costs more than the whole Budget waits until nobody else
// decodes, and then has it alone. Those who wait are served in their order, so
// that small pictures cannot starve a large one. The zero value admits one
// picture at a time.
type Budget struct {
	mu    sync.Mutex
	total int64
	used  int64
	queue []*waiting
}

type waiting struct {
	cost  int64
	ready chan struct{} // closed when served
}

// NewBudget returns a Budget of so many bytes.
func NewBudget(bytes int64) *Budget { return &Budget{total: bytes} }

// Acquire takes cost bytes of the budget, waiting until they are free or ctx
// ends, whose error it then returns.
func (b *Budget) Acquire(ctx context.Context, cost int64) error {
	if cost < 0 {
		panic(fmt.Sprintf("imageio: a cost of %d bytes", cost))
	}
	b.mu.Lock()
	if len(b.queue) == 0 && b.fits(cost) {
		b.used += cost
		b.mu.Unlock()
		return nil
	}
	w := &waiting{cost: cost, ready: make(chan struct{})}
	b.queue = append(b.queue, w)
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, q := range b.queue {
		if q == w {
			b.queue = append(b.queue[:i], b.queue[i+1:]...)
			b.serve() // those behind it may be smaller
			return ctx.Err()
		}
	}
	b.used -= cost // served at the last moment
	b.serve()
	return ctx.Err()
}

// Release gives back what Acquire took.
func (b *Budget) Release(cost int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used -= cost; b.used < 0 {
		panic("imageio: more released than acquired")
	}
	b.serve()
}

// fits tells whether cost is free, or all is: nobody waits for more than that.
func (b *Budget) fits(cost int64) bool { return b.used == 0 || cost <= b.total-b.used }

func (b *Budget) serve() {
	for len(b.queue) > 0 && b.fits(b.queue[0].cost) {
		b.used += b.queue[0].cost
		close(b.queue[0].ready)
		b.queue = b.queue[1:]
	}
}
