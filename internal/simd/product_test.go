package simd

import "testing"

func TestProductSmall(t *testing.T) {
	// 2×3 times 3×2, by hand.
	a := []float32{1, 2, 3, 4, 5, 6}
	b := []float32{1, 2, 3, 4, 5, 6}
	p := Product{M: 2, N: 2, K: 3, ARow: 3, ACol: 1, BRow: 2, CRow: 2, BPanel: Panel, CPanel: Panel}
	c := make([]float32, 4)
	p.Set(c, a, b)
	for i, want := range []float32{22, 28, 49, 64} {
		if c[i] != want {
			t.Errorf("c[%d] = %v, want %v", i, c[i], want)
		}
	}
	p.Add(c, a, b)
	if c[3] != 128 {
		t.Errorf("Add: %v, want 128", c[3])
	}
	p.Bias(c, a, b, []float32{100, 200})
	if c[0] != 122 || c[3] != 264 {
		t.Errorf("Bias: %v", c)
	}
}
