// Package parallel keeps a few goroutines waiting for work that comes in
// phases: many times a second, all of them share out n tasks and wait for
// each other. A phase allocates nothing.
package parallel

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// Pool is a set of workers. Do must not be called by two goroutines at once.
//
// Phases may follow one another within microseconds, and to put a goroutine to sleep and
// to wake it takes tens of them. So whoever waits, a worker for the next phase or
// Do for the last worker, looks for it a while before it sleeps.
type Pool struct {
	workers []*waiter // all but the caller of Do, which is the last one

	// the phase at work
	task  func(i int)
	n     int64
	next  atomic.Int64 // task
	phase atomic.Int64 // its number; -1 ends the workers
	busy  atomic.Int64 // workers that have not finished it
	idle  *waiter      // for busy to become 0

	failed atomic.Pointer[failure]
}

type failure struct {
	value any
	stack []byte
}

// New starts a pool of threads workers, of which the caller of Do is one.
func New(threads int) *Pool {
	p := &Pool{idle: newWaiter()}
	for range max(1, threads) - 1 {
		w := newWaiter()
		p.workers = append(p.workers, w)
		go p.take(w)
	}
	return p
}

// take is a worker's life.
func (p *Pool) take(w *waiter) {
	for phase := int64(1); ; phase++ {
		w.wait(func() bool { return p.phase.Load() != phase-1 })
		if p.phase.Load() < 0 {
			return
		}
		p.work()
		if p.busy.Add(-1) == 0 {
			p.idle.wake()
		}
	}
}

// Threads returns the number of workers.
func (p *Pool) Threads() int { return len(p.workers) + 1 }

// Do calls task(0) … task(n-1), each once, on all workers, and returns when all
// have returned. A task that panics panics in the caller, with its own stack.
func (p *Pool) Do(n int, task func(i int)) {
	p.task, p.n = task, int64(n)
	p.next.Store(0)
	if n > 1 && len(p.workers) > 0 {
		p.busy.Store(int64(len(p.workers)))
		p.phase.Add(1)
		for _, w := range p.workers {
			w.wake()
		}
		p.work()
		p.idle.wait(func() bool { return p.busy.Load() == 0 })
	} else {
		p.work()
	}
	if f := p.failed.Swap(nil); f != nil {
		panic(fmt.Sprintf("%v\n%s", f.value, f.stack))
	}
}

func (p *Pool) work() {
	defer func() {
		if v := recover(); v != nil {
			p.failed.Store(&failure{v, debug.Stack()})
		}
	}()
	for {
		i := p.next.Add(1) - 1
		if i >= p.n {
			return
		}
		p.task(int(i))
	}
}

// Close ends the workers. The pool must not be used afterwards.
func (p *Pool) Close() {
	p.phase.Store(-1)
	for _, w := range p.workers {
		w.wake()
	}
}

// waiter lets one goroutine wait for what others do.
type waiter struct {
	asleep atomic.Bool
	alarm  chan struct{} // holds 1
}

func newWaiter() *waiter { return &waiter{alarm: make(chan struct{}, 1)} }

// looks is how often to look before sleeping: some 50 µs.
const looks = 200

// wait returns when done is true, which whoever makes it true follows by wake.
func (w *waiter) wait(done func() bool) {
	for range looks {
		if done() {
			return
		}
		runtime.Gosched()
	}
	for !done() {
		w.asleep.Store(true)
		if done() && w.asleep.CompareAndSwap(true, false) {
			return // nobody has rung
		}
		<-w.alarm
	}
}

// wake ends the sleep of wait, if it sleeps.
func (w *waiter) wake() {
	if w.asleep.CompareAndSwap(true, false) {
		w.alarm <- struct{}{}
	}
}
