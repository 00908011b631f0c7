package recipe

import (
	"math"
	"slices"
	"strings"
	"testing"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
	"squint/pkg/train"
)

func wide(epochs int) *Recipe {
	return &Recipe{Prep: imageio.Prep{Size: tensor.Shape{H: 64, W: 96, C: 3}}, Epochs: epochs}
}

func TestParseStages(t *testing.T) {
	for s, want := range map[string][]train.Stage{
		"32:10,48:6": {{H: 32, W: 48, Epochs: 10}, {H: 48, W: 72, Epochs: 6}},
		// 1/32² : 1/64² is 4 : 1, so that both take as long
		"32,64": {{H: 32, W: 48, Epochs: 16}, {H: 64, W: 96, Epochs: 4}},
		"64:20": {{H: 64, W: 96, Epochs: 20}},
	} {
		r := wide(20)
		if err := r.parseStages(s); err != nil || !slices.Equal(r.Stages, want) {
			t.Errorf("%q: %v, %v; want %v", s, r.Stages, err, want)
		}
	}
	for s, say := range map[string]string{
		"": "side of 1", "32,": "side of 1", "65": "side of 1 to 64", "32:0": "one epoch", "32:x": "one epoch",
		"32:4,48": "for each or for none",
	} {
		r := wide(20)
		if err := r.parseStages(s); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, %v; want an error with %q", s, r.Stages, err, say)
		}
	}
}

func TestSetEpochs(t *testing.T) {
	r := wide(20)
	if err := r.parseStages("16,32,64"); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][]int{1: {1}, 21: {16, 4, 1}, 210: {160, 40, 10}} { // 16 : 4 : 1
		r.SetEpochs(n)
		var got []int
		for _, s := range r.Stages {
			got = append(got, s.Epochs)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d epochs: %v, want %v", n, got, want)
		}
	}
	fixed := wide(20)
	if err := fixed.parseStages("32:10"); err != nil {
		t.Fatal(err)
	}
	fixed.SetEpochs(30)
	if fixed.Epochs != 30 || fixed.Stages[0].Epochs != 10 {
		t.Errorf("stages with epochs of their own: %+v", fixed)
	}
}

// The run is the longest that fits: one epoch more would not.
func TestEpochsIn(t *testing.T) {
	seconds := func(s train.Stage) float64 { return float64(s.H*s.W) / 1000 }
	for _, progressive := range []string{"", "16,32,64"} {
		for _, limit := range []float64{0, 5, 60, 61.5, 10000} {
			r := wide(1)
			if progressive != "" {
				if err := r.parseStages(progressive); err != nil {
					t.Fatal(err)
				}
			}
			takes := func(n int) (sum float64) {
				r.SetEpochs(n)
				for i := range n {
					side := train.Stage{H: 64, W: 96}
					for _, s := range r.Stages {
						if i < s.Epochs {
							side = s
							break
						}
						i -= s.Epochs
					}
					sum += seconds(side)
				}
				return sum
			}
			got := r.EpochsIn(limit, seconds)
			n := r.Epochs
			if math.Abs(got-takes(n)) > 1e-6 {
				t.Errorf("%v s, stages %q: said to take %v, takes %v", limit, progressive, got, takes(n))
			}
			if n > 1 && got > limit || takes(n+1) <= limit {
				t.Errorf("%v s, stages %q: %d epochs take %v, one more %v", limit, progressive, n, got, takes(n+1))
			}
		}
	}
}
