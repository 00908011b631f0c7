package dataset

import (
	"math"
	"testing"

	"squint/pkg/tensor"
)

func TestMeanStd(t *testing.T) {
	s := &Set{Shape: tensor.Shape{H: 1, W: 2, C: 3}, Labels: []int{0, 0}, Pixels: []uint8{0, 10, 255, 0, 20, 255, 255, 30, 255, 255, 40, 255}}
	mean, std := s.MeanStd()
	// numpy: x.reshape(-1, 3).mean(0) / 255 and .std(0) / 255; float32 keeps
	// seven digits.
	wantMean, wantStd := []float64{0.5, 0.09803922, 1}, []float64{0.5, 0.04384447, 0}
	for c := range 3 {
		if math.Abs(float64(mean[c])-wantMean[c]) > 1e-7 || math.Abs(float64(std[c])-wantStd[c]) > 1e-7 {
			t.Errorf("channel %d: %v ± %v, want %v ± %v", c, mean[c], std[c], wantMean[c], wantStd[c])
		}
	}
	mean, std = (&Set{Shape: tensor.Shape{H: 1, W: 1, C: 1}}).MeanStd()
	if mean[0] != 0 || std[0] != 0 {
		t.Errorf("empty: %v ± %v", mean, std)
	}
}

// An example's pixels end where the next one's begin, for append too.
func TestImageIsCapped(t *testing.T) {
	s := &Set{Shape: tensor.Shape{H: 1, W: 2, C: 1}, Labels: []int{0, 1}, Pixels: []uint8{1, 2, 3, 4}}
	_ = append(s.Image(0), 9)
	if s.Pixels[2] != 3 {
		t.Error("appending to image 0 changed image 1")
	}
}
