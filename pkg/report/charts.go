package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"

	"squint/pkg/eval"
)

// lossChart draws the loss of the training and of the validation part by epoch;
// nothing for fewer than two epochs.
func lossChart(epochs []Epoch) template.HTML {
	if len(epochs) < 2 {
		return ""
	}
	x, train, val := make([]float64, len(epochs)), make([]float64, len(epochs)), make([]float64, len(epochs))
	high, validated := 0.0, false
	for i, e := range epochs {
		x[i], train[i], val[i] = float64(e.Epoch), e.TrainLoss, e.ValLoss
		for _, v := range []float64{train[i], val[i]} {
			if !math.IsNaN(v) {
				high = max(high, v)
			}
		}
		validated = validated || val[i] > 0
	}
	c := &chart{title: "loss by epoch", x: "epoch", y: "loss", x0: x[0], x1: x[len(x)-1], y1: 1.05*high + 1e-9}
	c.line("a", "training, with deformed pictures", x, train)
	if validated {
		c.line("b", "validation", x, val)
	}
	return c.html()
}

// accuracyChart draws the validation accuracy by epoch.
func accuracyChart(epochs []Epoch) template.HTML {
	if len(epochs) < 2 {
		return ""
	}
	x, y := make([]float64, len(epochs)), make([]float64, len(epochs))
	low := 1.0
	for i, e := range epochs {
		x[i], y[i] = float64(e.Epoch), e.ValAccuracy
		if !math.IsNaN(y[i]) {
			low = min(low, y[i])
		}
	}
	if low == 1 || !slices.ContainsFunc(y, func(v float64) bool { return v > 0 }) { // none, or nothing to see
		return ""
	}
	c := &chart{title: "validation accuracy by epoch", x: "epoch", y: "accuracy", x0: x[0], x1: x[len(x)-1], y0: max(0, low-0.1*(1-low)), y1: 1, percentY: true}
	c.line("b", "validation", x, y)
	return c.html()
}

// calibrationChart draws the share of right answers by the probability that they
// were given with, each bin as a bar as wide as it is and as strong as it is full.
func calibrationChart(bins []eval.Bin) template.HTML {
	c := &chart{title: "share of right answers by probability", x: "probability of the answer", y: "right", x1: 1, y1: 1, percentX: true, percentY: true}
	n := 0
	for _, b := range bins {
		n += b.N
	}
	c.line("ideal", "as it should be", []float64{0, 1}, []float64{0, 1})
	for i, b := range bins {
		if b.N == 0 {
			continue
		}
		x0, x1 := c.px(float64(i)/float64(len(bins))), c.px(float64(i+1)/float64(len(bins)))
		fmt.Fprintf(&c.body, `<rect class="fill" x="%.1f" width="%.1f" y="%.1f" height="%.1f"><title>%s given with about %.0f %%: %.0f %% right</title></rect>`,
			x0+1, x1-x0-2, c.py(b.Accuracy), c.py(0)-c.py(b.Accuracy), plural(b.N, "answer"), 100*b.Confidence, 100*b.Accuracy)
		fmt.Fprintf(&c.body, `<circle class="dot b" cx="%.1f" cy="%.1f" r="%.1f"/>`, c.px(b.Confidence), c.py(b.Accuracy), 2.5+4*math.Sqrt(float64(b.N)/float64(n)))
	}
	c.legend = append(c.legend, `<span class="key b">measured on the test part; larger for more answers</span>`)
	return c.html()
}

// coverageChart draws the share of right answers by the share of pictures that
// are answered, the most probable answers first.
func coverageChart(labels []int, probs []float32) template.HTML {
	k := len(probs) / len(labels)
	type said struct {
		score float32
		right bool
	}
	all := make([]said, len(labels))
	for i, label := range labels {
		p := probs[i*k : (i+1)*k]
		a := eval.Argmax(p)
		all[i] = said{p[a], a == label}
	}
	slices.SortStableFunc(all, func(a, b said) int { return cmp.Compare(b.score, a.score) })
	var x, y []float64
	right, low := 0, 1.0
	for i, s := range all {
		if s.right {
			right++
		}
		// The first few say nothing but whether they are right.
		if share := float64(i+1) / float64(len(all)); i+1 == len(all) || share >= 0.05 && (len(x) == 0 || share-x[len(x)-1] >= 0.005) {
			x, y = append(x, share), append(y, float64(right)/float64(i+1))
			low = min(low, y[len(y)-1])
		}
	}
	c := &chart{title: "share of right answers by share of pictures answered", x: "pictures answered, the surest first", y: "right", x1: 1, y0: max(0, low-0.2*(1-low)-0.002), y1: 1, percentX: true, percentY: true}
	c.line("b", "", x, y)
	return c.html()
}

// mostCurves is how many ROC curves can be told apart.
const mostCurves = 10

// rocChart draws the ROC curve of each class against the others; of two classes
// one curve says all, and of many the worst are shown.
func rocChart(classes []string, labels []int, probs []float32) template.HTML {
	type curve struct {
		class  int
		points []eval.Point
		area   float64
	}
	var curves []curve
	for i := range classes {
		if p := eval.ClassROC(i, labels, probs); p != nil {
			curves = append(curves, curve{i, p, eval.AUC(p)})
		}
	}
	if len(curves) == 0 {
		return ""
	}
	if len(classes) == 2 {
		curves = curves[1:]
	}
	if len(curves) > mostCurves {
		slices.SortStableFunc(curves, func(a, b curve) int { return cmp.Compare(a.area, b.area) })
		curves = curves[:mostCurves]
	}
	c := &chart{title: "ROC curves", x: "others taken for it", y: "found", x1: 1, y1: 1, percentX: true, percentY: true}
	c.line("ideal", "", []float64{0, 1}, []float64{0, 1})
	for i, cv := range curves {
		var x, y []float64
		for _, p := range cv.points {
			x, y = append(x, p.False), append(y, p.True)
		}
		c.line(fmt.Sprintf("c%d", i), fmt.Sprintf("%s %.4f", name(classes[cv.class]), cv.area), x, y)
	}
	return c.html()
}
