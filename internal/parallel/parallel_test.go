package parallel

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestDoRunsEveryTaskOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 5} {
		p := New(threads)
		for _, n := range []int{0, 1, 2, 7, 1000} {
			count := make([]atomic.Int32, n)
			p.Do(n, func(i int) { count[i].Add(1) })
			for i := range count {
				if c := count[i].Load(); c != 1 {
					t.Errorf("%d threads, task %d of %d ran %d times", threads, i, n, c)
				}
			}
		}
		p.Close()
	}
}

func TestDoPassesAPanicOn(t *testing.T) {
	p := New(3)
	defer p.Close()
	defer func() {
		v := recover()
		if s, ok := v.(string); !ok || !strings.Contains(s, "task 5 broke") || !strings.Contains(s, "parallel_test.go") {
			t.Errorf("recovered %v", v)
		}
		p.Do(10, func(int) {}) // and goes on working
	}()
	p.Do(10, func(i int) {
		if i == 5 {
			panic("task 5 broke")
		}
	})
}

func TestDoAllocatesNothing(t *testing.T) {
	p := New(2)
	defer p.Close()
	var sum atomic.Int64
	task := func(i int) { sum.Add(int64(i)) }
	if a := testing.AllocsPerRun(100, func() { p.Do(8, task) }); a != 0 {
		t.Errorf("%v allocations a phase", a)
	}
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	p := New(8)
	p.Do(100, func(int) {})
	p.Close()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
