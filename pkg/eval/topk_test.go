package eval

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestArgmaxIsTheFirstOfEquals(t *testing.T) {
	for _, c := range []struct {
		p    []float32
		want int
	}{
		{[]float32{0.5}, 0},
		{[]float32{0.5, 0.5}, 0},
		{[]float32{0.2, 0.4, 0.4}, 1},
		{[]float32{-3, -1, -2}, 1},
		{[]float32{0, 0, 0}, 0},
	} {
		if got := Argmax(c.p); got != c.want {
			t.Errorf("Argmax(%v) = %d, want %d", c.p, got, c.want)
		}
	}
}

// TopK against a stable sort, with many ties.
func TestTopK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Map(rapid.IntRange(-3, 3), func(i int) float32 { return float32(i) }), 1, 12).Draw(t, "p")
		k := rapid.IntRange(0, 14).Draw(t, "k")
		want := make([]int, len(p))
		for i := range want {
			want[i] = i
		}
		slices.SortStableFunc(want, func(i, j int) int {
			switch {
			case p[i] > p[j]:
				return -1
			case p[i] < p[j]:
				return 1
			}
			return 0
		})
		if want[0] != Argmax(p) {
			t.Fatalf("Argmax(%v) = %d, want %d", p, Argmax(p), want[0])
		}
		dirty := []int{7, 7, 7} // TopK starts afresh
		if got := TopK(dirty, p, k); !slices.Equal(got, want[:min(k, len(p))]) {
			t.Fatalf("TopK(%v, %d) = %v, want %v", p, k, got, want[:min(k, len(p))])
		}
		// TopAccuracy counts without listing; both must rank alike.
		label := rapid.IntRange(0, len(p)-1).Draw(t, "label")
		found := TopAccuracy(k, []int{label}, p) == 1
		if listed := slices.Contains(TopK(nil, p, k), label); found != listed {
			t.Fatalf("TopAccuracy finds %d among the first %d of %v: %v; TopK lists it: %v", label, k, p, found, listed)
		}
	})
}

func TestTopKAllocatesNothing(t *testing.T) {
	p := []float32{0.1, 0.4, 0.2, 0.3}
	dst := make([]int, 0, 3)
	if n := testing.AllocsPerRun(100, func() { dst = TopK(dst, p, 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTopK(b *testing.B) {
	p := make([]float32, 1000)
	for i := range p {
		p[i] = float32(i * 7919 % 1000)
	}
	dst := make([]int, 0, 5)
	b.ReportAllocs()
	for b.Loop() {
		dst = TopK(dst, p, 5)
	}
}
