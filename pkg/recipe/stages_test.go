package recipe

import (
	"slices"
	"strings"
	"testing"

	"squint/pkg/tensor"
	"squint/pkg/train"
)

func TestParseStages(t *testing.T) {
	full := tensor.Shape{H: 64, W: 96, C: 3}
	for s, want := range map[string][]train.Stage{
		"32:10,48:6": {{H: 32, W: 48, Epochs: 10}, {H: 48, W: 72, Epochs: 6}},
		// 1/32² : 1/64² is 4 : 1, so that both take as long
		"32,64": {{H: 32, W: 48, Epochs: 16}, {H: 64, W: 96, Epochs: 4}},
		"64:20": {{H: 64, W: 96, Epochs: 20}},
	} {
		got, err := ParseStages(s, full, 20)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", s, got, err, want)
		}
	}
	for s, say := range map[string]string{
		"": "side of 1", "32,": "side of 1", "65": "side of 1 to 64", "32:0": "one epoch", "32:x": "one epoch",
		"32:4,48": "for each or for none", "32:10,48:11": "21 epochs, the run has 20",
	} {
		if got, err := ParseStages(s, full, 20); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%q: %v, %v; want an error with %q", s, got, err, say)
		}
	}
	// Of more stages than epochs the longest are left.
	if got, err := ParseStages("16,32,64", full, 1); err != nil || !slices.Equal(got, []train.Stage{{H: 16, W: 24, Epochs: 1}}) {
		t.Errorf("one epoch for three stages: %v, %v", got, err)
	}
}
