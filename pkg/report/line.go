package report

import (
	"fmt"
	"math"
)

// nameCells is the room for a class name in running text and tables.
const nameCells = 24

// Line is the last line of a run: what the model is worth, how sure that is,
// and what knowing nothing would have got.
//
//	test accuracy 99.12% (95% interval 98.92–99.29, n=10000; always "1" 11.35%)
func (r *Report) Line() string {
	switch t := r.Test; {
	case t != nil:
		return fmt.Sprintf("test accuracy %s%% (95%% interval %s–%s, n=%d; always \"%s\" %s%%)",
			percent(t.Accuracy), percent(t.Interval[0]), percent(t.Interval[1]), t.N,
			Shorten(Clean(t.MajorityClass), nameCells), percent(t.Majority))
	case r.Val != nil:
		return fmt.Sprintf("validation accuracy %s%% (n=%d, chosen by it; no test part)", percent(r.Val.Accuracy), r.Val.N)
	}
	return "accuracy unknown (no test part)"
}

// percent writes a rate as 99.12. Only 1 is written 100.00 and only 0 is
// written 0.00: one mistake in 60,000 is still a mistake.
func percent(rate float64) string {
	p := math.Round(rate * 1e4)
	if rate < 1 {
		p = min(p, 9999)
	}
	if rate > 0 {
		p = max(p, 1)
	}
	return fmt.Sprintf("%.2f", p/100)
}
