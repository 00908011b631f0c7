package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"squint/pkg/train"
)

// parseStages reads the stages of a run: sides in pixels, "32,48,64", which
// share the epochs so that each takes about as long as the others; or sides with
// epochs, "32:10,48:6", of which what is left is for the full size. The side is
// the shorter one.
func (r *Recipe) parseStages(s string) error {
	full := r.Prep.Size
	r.Stages, r.sides = nil, nil
	parts := strings.Split(s, ",")
	for _, part := range parts {
		text, n, counted := strings.Cut(part, ":")
		side, err := strconv.Atoi(text)
		if err != nil || side < 1 || side > min(full.H, full.W) {
			return fmt.Errorf("recipe: stage %q, want a side of 1 to %d pixels", part, min(full.H, full.W))
		}
		if !counted {
			r.sides = append(r.sides, side)
			continue
		}
		epochs, err := strconv.Atoi(n)
		if err != nil || epochs < 1 {
			return fmt.Errorf("recipe: stage %q, want at least one epoch", part)
		}
		r.Stages = append(r.Stages, r.stage(side, epochs))
	}
	if len(r.sides) != 0 && len(r.sides) != len(parts) {
		return fmt.Errorf("recipe: stages %q, want epochs for each or for none", s)
	}
	r.share()
	return nil
}

// stage returns a stage whose pictures are side pixels along their shorter side.
func (r *Recipe) stage(side, epochs int) train.Stage {
	full := r.Prep.Size
	scaled := func(n int) int { return int(math.Round(float64(n*side) / float64(min(full.H, full.W)))) }
	return train.Stage{H: scaled(full.H), W: scaled(full.W), Epochs: epochs}
}

// SetEpochs sets the length of the run. Stages without epochs of their own
// divide the new length as they did the old one.
func (r *Recipe) SetEpochs(n int) {
	r.Epochs = n
	r.share()
}

// share divides the epochs among the stages of sides so that each stage takes
// the same time: a pass over pictures of half the side costs a quarter. Stages
// that would get less than one epoch are left out.
func (r *Recipe) share() {
	if r.sides == nil {
		return
	}
	var sum float64
	for _, s := range r.sides {
		sum += 1 / float64(s*s)
	}
	r.Stages = nil
	var share float64
	done := 0
	for _, s := range r.sides {
		share += 1 / float64(s*s) / sum
		end := int(math.Round(share * float64(r.Epochs)))
		if end > done {
			r.Stages = append(r.Stages, r.stage(s, end-done))
		}
		done = end
	}
}

// CheckStages says what is wrong with the stages' lengths together.
func (r *Recipe) CheckStages() error {
	sum := 0
	for _, s := range r.Stages {
		sum += s.Epochs
	}
	if sum > r.Epochs {
		return fmt.Errorf("recipe: the stages take %d epochs, the run has %d", sum, r.Epochs)
	}
	return nil
}

// Seconds returns how long the run takes, where seconds tells how long one epoch
// of a stage does.
func (r *Recipe) Seconds(seconds func(train.Stage) float64) (sum float64) {
	left := r.Epochs
	for _, s := range r.Stages {
		left -= s.Epochs
		sum += float64(s.Epochs) * seconds(s)
	}
	if left > 0 {
		sum += float64(left) * seconds(train.Stage{H: r.Prep.Size.H, W: r.Prep.Size.W})
	}
	return sum
}

// EpochsIn sets the longest run that takes at most limit seconds; without room
// for one epoch it sets one. It returns what the run takes.
func (r *Recipe) EpochsIn(limit float64, seconds func(train.Stage) float64) float64 {
	takes := func(n int) float64 {
		r.SetEpochs(n)
		return r.Seconds(seconds)
	}
	n := 1
	for takes(2*n) <= limit {
		n *= 2
	}
	for step := n / 2; step > 0; step /= 2 {
		if takes(n+step) <= limit {
			n += step
		}
	}
	return takes(n)
}
