package model_test

import (
	"math"
	"slices"
	"testing"

	"squint/pkg/imageio"
	"squint/pkg/model"
)

// With both sides looked at, a picture and its mirror image are one; the answer
// lies between those for each.
func TestMirrorViews(t *testing.T) {
	m := tiny(t)
	const n = 3
	size := m.Prep.Size.Size()
	plain := slices.Clone(pixels(n))
	mirrored := make([]uint8, len(plain))
	for i := range n {
		imageio.ViewsMirror.Fill(mirrored[i*size:(i+1)*size], plain[i*size:(i+1)*size], m.Prep.Size, 1)
	}
	probs := func(m *model.Model, pixels []uint8) []float32 {
		p := make([]float32, 3*n)
		classifier(t, m, n).Probs(p, pixels, n)
		return p
	}
	a, b := probs(m, plain), probs(m, mirrored)
	m.Prep.Views = imageio.ViewsMirror
	both := probs(m, plain)
	if !slices.Equal(both, probs(m, mirrored)) {
		t.Error("a picture and its mirror image differ")
	}
	if slices.Equal(both, a) {
		t.Error("the mirror image counts for nothing")
	}
	for i := range n { // the mean of the logits is the normalised root of the product
		var sum float64
		want := make([]float64, 3)
		for k := range want {
			want[k] = math.Sqrt(float64(a[3*i+k]) * float64(b[3*i+k]))
			sum += want[k]
		}
		for k := range want {
			if math.Abs(want[k]/sum-float64(both[3*i+k])) > 1e-5 {
				t.Errorf("picture %d, class %d: %v, want %v", i, k, both[3*i+k], want[k]/sum)
			}
		}
	}
	got, err := model.Decode(encode(t, m))
	if err != nil || got.Prep.Views != imageio.ViewsMirror {
		t.Errorf("views %q, %v after saving", got.Prep.Views, err)
	}
}
