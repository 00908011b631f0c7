package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"squint/pkg/tensor"
	"squint/pkg/train"
)

// ParseStages reads the stages of a run on pictures of shape full: sides in
// pixels, "32,48,64", which share the epochs so that each takes about as long as
// the others; or sides with epochs, "32:10,48:6", of which what is left is for
// the full size. The side is the shorter one.
func ParseStages(s string, full tensor.Shape, epochs int) ([]train.Stage, error) {
	var stages []train.Stage
	given := 0
	for part := range strings.SplitSeq(s, ",") {
		side, n, counted := strings.Cut(part, ":")
		px, err := strconv.Atoi(side)
		if err != nil || px < 1 || px > min(full.H, full.W) {
			return nil, fmt.Errorf("recipe: stage %q, want a side of 1 to %d pixels", part, min(full.H, full.W))
		}
		st := train.Stage{H: scaled(full.H, px, full), W: scaled(full.W, px, full)}
		if counted {
			given++
			if st.Epochs, err = strconv.Atoi(n); err != nil || st.Epochs < 1 {
				return nil, fmt.Errorf("recipe: stage %q, want at least one epoch", part)
			}
		}
		stages = append(stages, st)
	}
	switch given {
	case len(stages):
	case 0:
		stages = shareEpochs(stages, epochs)
	default:
		return nil, fmt.Errorf("recipe: stages %q, want epochs for each or for none", s)
	}
	sum := 0
	for _, st := range stages {
		sum += st.Epochs
	}
	if sum > epochs {
		return nil, fmt.Errorf("recipe: stages %q take %d epochs, the run has %d", s, sum, epochs)
	}
	return stages, nil
}

// scaled brings a side of full to a size whose shorter side is px.
func scaled(side, px int, full tensor.Shape) int {
	return int(math.Round(float64(side*px) / float64(min(full.H, full.W))))
}

// shareEpochs divides the epochs so that each stage takes the same time: a
// pass over pictures of half the side costs a quarter. Stages that would get
// less than one epoch are left out.
func shareEpochs(stages []train.Stage, epochs int) []train.Stage {
	var sum float64
	for _, s := range stages {
		sum += 1 / float64(s.H*s.W)
	}
	var out []train.Stage
	var share float64
	done := 0
	for _, s := range stages {
		share += 1 / float64(s.H*s.W) / sum
		end := int(math.Round(share * float64(epochs)))
		if s.Epochs = end - done; s.Epochs > 0 {
			out = append(out, s)
		}
		done = end
	}
	return out
}
