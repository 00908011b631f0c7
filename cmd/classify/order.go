package main

import (
	"cmp"
	"context"
	"sync"

	"squint/internal/parallel"
	"squint/pkg/imageio"
)

// inFlight jobs per thread let the others go on while one picture takes long.
const inFlight = 32

// run does the jobs that each lists on several threads, with files read ahead,
// and hands them to emit one by one in the order in which they were listed. What
// is in flight is bounded: an emit that waits holds up everything before it. wait
// is called before run waits for a job.
func (c *classifier) run(ctx context.Context, threads int, each func(func(input) bool) error, emit func(*job) error, wait func() error) (shares, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listed := make(chan *job)                  // to those that read
	read := make(chan *job)                    // to those that compute
	order := make(chan *job, inFlight*threads) // to emit
	var listErr error
	go func() {
		defer close(order)
		defer close(listed)
		listErr = each(func(in input) bool {
			j := &job{in: in, done: make(chan struct{})}
			return send(ctx, order, j) && send(ctx, listed, j)
		})
	}()
	var readers, workers sync.WaitGroup
	for range threads {
		readers.Go(func() {
			for j := range listed {
				c.read(j)
				if !send(ctx, read, j) {
					return
				}
			}
		})
	}
	go func() {
		readers.Wait()
		close(read)
	}()
	c.all = parallel.New(threads)
	ts := make([]thread, threads)
	budget := imageio.NewBudget(decodeMemory)
	for i := range ts {
		ts[i] = thread{classifier: c, budget: budget}
		workers.Go(func() {
			for j := range read {
				ts[i].work(ctx, j)
				close(j.done)
			}
		})
	}
	go func() { // however this ends
		workers.Wait()
		c.all.Close()
	}()
	for {
		j, more, err := receive(ctx, order, wait)
		if err == nil && more {
			_, _, err = receive(ctx, j.done, wait)
		}
		if err == nil && more {
			err = cmp.Or(j.err, ctx.Err())
		}
		if err != nil {
			return shares{}, err
		}
		if !more {
			break
		}
		if err := emit(j); err != nil {
			return shares{}, err
		}
	}
	if err := cmp.Or(listErr, ctx.Err()); err != nil {
		return shares{}, err
	}
	workers.Wait()
	var spent shares
	for i := range ts {
		spent.add(ts[i].spent)
	}
	return spent, nil
}

// send tells whether anybody still wanted j.
func send(ctx context.Context, to chan<- *job, j *job) bool {
	select {
	case to <- j:
		return true
	case <-ctx.Done():
		return false
	}
}

// receive is v, more := <-from, until ctx ends, with a call of wait where there
// is nothing yet.
func receive[T any](ctx context.Context, from <-chan T, wait func() error) (v T, more bool, err error) {
	if err := ctx.Err(); err != nil {
		return v, false, err
	}
	select {
	case v, more = <-from:
		return v, more, nil
	default:
	}
	if err := wait(); err != nil {
		return v, false, err
	}
	select {
	case v, more = <-from:
		return v, more, nil
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}
