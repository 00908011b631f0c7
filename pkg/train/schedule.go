package train

import (
	"fmt"
	"math"
)

// Schedule returns the factor by which the learning rate is multiplied at a
// step (from 0) of a run of total steps.
type Schedule func(step, total int) float32

// Constant keeps the learning rate.
func Constant(_, _ int) float32 { return 1 }

// Cosine goes from 1 to 0 along half a cosine wave; Loshchilov and Hutter 2017.
func Cosine(step, total int) float32 {
	return float32(0.5 * (1 + math.Cos(math.Pi*float64(step)/float64(total))))
}

// Triangular rises from 0.2 to 1 in the first part (a share of the run) and
// falls to 0 in a line from there; Smith 2017, with the ends of Jordan 2024.
func Triangular(first float64) Schedule {
	return func(step, total int) float32 {
		x := float64(step) / float64(total)
		if x < first {
			return float32(0.2 + 0.8*x/first)
		}
		return float32((1 - x) / (1 - first))
	}
}

// Step multiplies the learning rate by drop at each of times equally distant
// moments of the run.
func Step(drop float64, times int) Schedule {
	return func(step, total int) float32 {
		return float32(math.Pow(drop, float64(step*(times+1)/total)))
	}
}

// ScheduleNamed returns the schedule called "constant", "step" (a tenth after
// each third), "cosine" or "triangular" (rising for the first fifth).
func ScheduleNamed(name string) (Schedule, error) {
	switch name {
	case "constant":
		return Constant, nil
	case "step":
		return Step(0.1, 2), nil
	case "cosine":
		return Cosine, nil
	case "triangular":
		return Triangular(0.2), nil
	}
	return nil, fmt.Errorf("unknown schedule %q, want constant, step, cosine or triangular", name)
}
