package report

import (
	"fmt"
	"math"
	"slices"

	"squint/pkg/eval"
)

// verdict says in plain words what the model is worth, and what to do next, the
// most useful first.
func verdict(p *Page) (string, []string) {
	t := p.Test
	if t == nil {
		return "Nobody knows how good this model is: there was no test part.", []string{"Leave --test above 0, or judge it on other pictures: trainimg eval."}
	}
	of := fmt.Sprintf("Of 100 pictures it never saw, it names about %.0f right", math.Floor(100*t.Accuracy))
	if t.Accuracy == 1 {
		of = fmt.Sprintf("It named all %d test pictures right", t.N)
	} else if t.Accuracy > 0.99 {
		of = fmt.Sprintf("Of 1,000 pictures it never saw, it names about %.0f right", math.Floor(1000*t.Accuracy))
	}
	v := fmt.Sprintf("%s; always saying “%s” would get %.0f %%.", of, name(t.MajorityClass), 100*t.Majority)
	if t.Interval[0] <= t.Majority {
		v += " That is no better than guessing: it has learnt nothing that can be told from luck."
	}
	return v, advice(p)
}

func advice(p *Page) (list []string) {
	t := p.Test
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	wrong := t.N - t.Correct
	if pairs := eval.Confused(t.Confusion); len(pairs) > 0 && len(p.Counts) == len(p.Classes) {
		a, b := pairs[0].Given, pairs[0].Answer
		both := t.Confusion[a][b] + t.Confusion[b][a]
		weak := a
		if t.PerClass[b].Recall < t.PerClass[a].Recall {
			weak = b
		}
		least := 0 // the class of which the smallest share is found
		for c, r := range t.PerClass {
			if r.N > 0 && (t.PerClass[least].N == 0 || r.Recall < t.PerClass[least].Recall) {
				least = c
			}
		}
		if len(p.Classes) > 2 && wrong >= 5 && 5*both >= wrong {
			say("“%s” and “%s” mistaken for each other are %.0f %% of the errors (%d of %d). Add about %d more pictures of “%s”, half as many again as there are now.",
				name(p.Classes[a]), name(p.Classes[b]), 100*float64(both)/float64(wrong), both, wrong, more(p.Counts[weak]), name(p.Classes[weak]))
		} else if wrong >= 5 {
			say("“%s” is missed most often (%s). Add about %d more pictures of it, half as many again as there are now.",
				name(p.Classes[least]), plural(t.PerClass[least].N-t.Confusion[least][least], "error"), more(p.Counts[least]))
		}
	}
	if p.Counts != nil {
		sorted := slices.Sorted(slices.Values(p.Counts))
		median := sorted[len(sorted)/2]
		for c, n := range p.Counts {
			if n*2 < median && t.PerClass[c].N > 0 && t.PerClass[c].Recall < t.Accuracy {
				say("“%s” has only %s to learn from (others about %d), and %.0f %% of it is found. Add about %d more, or train with --class-weights balanced.",
					name(p.Classes[c]), plural(n, "picture"), median, 100*t.PerClass[c].Recall, median-n)
				break
			}
		}
	}
	if n := len(p.Epochs); n >= 5 && !math.IsNaN(p.Epochs[n-1].ValAccuracy) {
		best := 0
		for i, e := range p.Epochs {
			if e.ValAccuracy >= p.Epochs[best].ValAccuracy {
				best = i
			}
		}
		if best == n-1 && p.Epochs[n-1].ValAccuracy > p.Epochs[n-1-n/5].ValAccuracy+0.002 {
			say("It was still getting better when it stopped: train longer, with --epochs %d.", 2*n)
		}
	}
	if half := (t.Interval[1] - t.Interval[0]) / 2; half > 0.03 {
		say("The test itself is small: with %s the true accuracy may be anywhere from %.0f to %.0f %%. More test pictures would tell.",
			plural(t.N, "picture"), math.Floor(100*t.Interval[0]), math.Ceil(100*t.Interval[1]))
	}
	if p.Trust != nil && len(p.Trust.Levels) > 0 && p.Trust.Default > 0 {
		for _, l := range p.Trust.Levels {
			if l.Precision == p.Trust.Default {
				say("With the default threshold it answers %.0f %% of pictures and says “unsure” to the rest; classify --precision chooses another.", 100*l.Coverage)
			}
		}
	}
	if len(p.Skipped) > 0 {
		say("%s could not be used; see below.", plural(len(p.Skipped), "file"))
	}
	return list
}

// more is half of n, rounded so that nobody takes it for exact, at least 10.
func more(n int) int {
	m := max(10, n/2)
	unit := 5
	if m > 100 {
		unit = 50
	}
	return (m + unit/2) / unit * unit
}
