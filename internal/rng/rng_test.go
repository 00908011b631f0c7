package rng

import (
	"math"
	"testing"
)

func TestKeyTellsPartsApart(t *testing.T) {
	seen := map[uint64][3]uint64{}
	for a := range uint64(20) {
		for b := range uint64(20) {
			for c := range uint64(20) {
				k := Key(a, b, c)
				if old, ok := seen[k]; ok {
					t.Fatalf("Key(%d,%d,%d) equals Key(%v)", a, b, c, old)
				}
				seen[k] = [3]uint64{a, b, c}
			}
		}
	}
	if Key(1, 2) == Key(2, 1) || Key(1) == Key(1, 0) {
		t.Error("the order or the number of parts does not matter to Key")
	}
}

// Uniform draws have mean 1/2 and variance 1/12; with n draws the mean's
// standard deviation is 1/sqrt(12 n), and 5 of them is a fair bound for a fixed key.
func TestFloatIsUniform(t *testing.T) {
	const n = 100_000
	var sum, sq float64
	for i := range uint64(n) {
		v := float64(Float(Key(Dropout, 7), i))
		if v < 0 || v >= 1 {
			t.Fatalf("draw %d is %v, want [0, 1)", i, v)
		}
		sum += v
		sq += v * v
	}
	mean := sum / n
	if d := math.Abs(mean - 0.5); d > 5/math.Sqrt(12*n) {
		t.Errorf("mean %v is %v from 1/2", mean, d)
	}
	if v := sq/n - mean*mean; math.Abs(v-1.0/12) > 0.002 {
		t.Errorf("variance %v, want 1/12", v)
	}
}

func TestNewIsAFunctionOfItsKey(t *testing.T) {
	a, b, c := New(1, 2, 3), New(1, 2, 3), New(1, 2, 4)
	same := true
	for range 10 {
		x := a.Uint64()
		if x != b.Uint64() {
			t.Fatal("one key gave two streams")
		}
		same = same && x == c.Uint64()
	}
	if same {
		t.Error("two keys gave one stream")
	}
}
