// Package parallel keeps a few goroutines waiting for work that comes in
// phases: many times a second, all of them share out n tasks and wait for
// each other. A phase allocates nothing.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Pool is a set of workers. Do must not be called by two goroutines at once.
type Pool struct {
	threads int
	task    func(i int)
	n       int64
	next    atomic.Int64
	start   []chan struct{} // one a worker but the caller, which is the last worker
	done    sync.WaitGroup
	failed  atomic.Pointer[failure]
}

type failure struct {
	value any
	stack []byte
}

// New starts a pool of threads workers, of which the caller of Do is one.
func New(threads int) *Pool {
	p := &Pool{threads: max(1, threads)}
	for range p.threads - 1 {
		c := make(chan struct{})
		p.start = append(p.start, c)
		go func() {
			for range c {
				p.work()
				p.done.Done()
			}
		}()
	}
	return p
}

// Threads returns the number of workers.
func (p *Pool) Threads() int { return p.threads }

// Do calls task(0) … task(n-1), each once, on all workers, and returns when all
// have returned. A task that panics panics in the caller, with its own stack.
func (p *Pool) Do(n int, task func(i int)) {
	p.task, p.n = task, int64(n)
	p.next.Store(0)
	helpers := min(n-1, len(p.start))
	if helpers > 0 {
		p.done.Add(helpers)
		for _, c := range p.start[:helpers] {
			c <- struct{}{}
		}
	}
	p.work()
	p.done.Wait()
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
	for _, c := range p.start {
		close(c)
	}
}
