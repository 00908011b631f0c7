package imageio

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// TestBudgetHolds: however many decode, together they never take more.
func TestBudgetHolds(t *testing.T) {
	const total = 100
	b := NewBudget(total)
	var used, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			cost := int64(i%60 + 1)
			if err := b.Acquire(t.Context(), cost); err != nil {
				t.Error(err)
				return
			}
			now := used.Add(cost)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			used.Add(-cost)
			b.Release(cost)
		})
	}
	all.Wait()
	if most.Load() > total {
		t.Errorf("%d at a time, want %d", most.Load(), total)
	}
	if b.used != 0 || len(b.queue) != 0 {
		t.Errorf("%d used and %d waiting at the end", b.used, len(b.queue))
	}
}

// TestBudgetLarge: what is larger than the budget has it alone, in its turn.
func TestBudgetLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, total := range []int64{0, 10} {
			b := NewBudget(total)
			ctx := t.Context()
			if err := b.Acquire(ctx, 5); err != nil {
				t.Fatal(err)
			}
			var order []int64
			for _, cost := range []int64{math.MaxInt64, 1} {
				go func() {
					if err := b.Acquire(ctx, cost); err != nil {
						t.Error(err)
					}
					order = append(order, cost)
				}()
				synctest.Wait()
			}
			if len(order) != 0 {
				t.Fatalf("%v went ahead", order)
			}
			b.Release(5)
			synctest.Wait()
			if len(order) != 1 || order[0] != math.MaxInt64 {
				t.Fatalf("%v, want the large one alone", order)
			}
			b.Release(math.MaxInt64)
			synctest.Wait()
			if len(order) != 2 {
				t.Fatalf("%v, want both", order)
			}
			b.Release(1)
		}
	})
}

// TestBudgetGivesUp: whoever stops waiting leaves nothing behind, and no one
// waits for him.
func TestBudgetGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(10)
		if err := b.Acquire(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var first, second error
		done := false
		go func() { first = b.Acquire(ctx, 10) }()
		synctest.Wait()
		go func() { second = b.Acquire(t.Context(), 4); done = true }()
		synctest.Wait()
		if done {
			t.Fatal("the second overtook the first")
		}
		cancel()
		synctest.Wait()
		if !errors.Is(first, context.Canceled) || !done || second != nil {
			t.Fatalf("first %v, second %v, %t", first, second, done)
		}
		b.Release(6)
		b.Release(4)
		if b.used != 0 {
			t.Errorf("%d used at the end", b.used)
		}
	})
}

func TestBudgetReleasedTwice(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	b := NewBudget(10)
	b.Release(3)
}
