// Package plots draws the figures of a report as files, for papers and slides. It
// is apart from package report because its fonts take a while to load, which
// nobody should wait for who only wants an answer.
package plots

import (
	"bytes"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"squint/pkg/eval"
	"squint/pkg/report"
)

// What can be told apart: curves in one plot, and classes in a matrix with numbers.
const mostCurves, maxMatrix = 10, 20

// name is a class for a legend.
func name(class string) string { return report.Shorten(report.Clean(class), 24) }

// Draw draws a report's figures as files, name → content, each as PNG and
// as SVG: loss, accuracy, confusion, calibration, roc. What there is nothing to
// draw of is left out.
func Draw(p *report.Page) (map[string][]byte, error) {
	drawn := map[string]*plot.Plot{}
	if len(p.Epochs) > 1 {
		drawn["loss"] = linePlot("loss", "epoch", "loss")
		addLine(drawn["loss"], 0, "training", byEpoch(p.Epochs, func(e report.Epoch) float64 { return e.TrainLoss }))
		addLine(drawn["loss"], 1, "validation", byEpoch(p.Epochs, func(e report.Epoch) float64 { return e.ValLoss }))
		drawn["accuracy"] = linePlot("validation accuracy", "epoch", "accuracy")
		addLine(drawn["accuracy"], 1, "validation", byEpoch(p.Epochs, func(e report.Epoch) float64 { return e.ValAccuracy }))
	}
	if p.Test != nil {
		drawn["confusion"] = confusionPlot(p.Classes, p.Test)
	}
	if p.Set.Len() > 0 {
		drawn["calibration"] = linePlot("calibration", "probability of the answer", "share that is right")
		addLine(drawn["calibration"], 0, "as it should be", plotter.XYs{{}, {X: 1, Y: 1}})
		var measured plotter.XYs
		for _, b := range eval.Reliability(p.Set.Labels, p.Probs) {
			if b.N > 0 {
				measured = append(measured, plotter.XY{X: b.Confidence, Y: b.Accuracy})
			}
		}
		addLine(drawn["calibration"], 1, "measured", measured)
		drawn["roc"] = linePlot("ROC", "others taken for it", "found")
		for c := range p.Classes[:min(len(p.Classes), mostCurves)] {
			var xy plotter.XYs
			for _, at := range eval.ClassROC(c, p.Set.Labels, p.Probs) {
				xy = append(xy, plotter.XY{X: at.False, Y: at.True})
			}
			addLine(drawn["roc"], c, name(p.Classes[c]), xy)
		}
	}
	files := map[string][]byte{}
	for file, d := range drawn { // in any order: each is a file of its own
		for _, format := range []string{"png", "svg"} {
			w, err := d.WriterTo(6*vg.Inch, 4.5*vg.Inch, format)
			if err != nil {
				return nil, fmt.Errorf("plots: %s: %w", file, err)
			}
			var b bytes.Buffer
			if _, err := w.WriteTo(&b); err != nil {
				return nil, fmt.Errorf("plots: %s: %w", file, err)
			}
			files[file+"."+format] = b.Bytes()
		}
	}
	return files, nil
}

func linePlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Add(plotter.NewGrid())
	p.Legend.Top = title == "loss"
	return p
}

// addLine adds a line in the i-th colour, unless there is nothing to draw.
func addLine(p *plot.Plot, i int, name string, xy plotter.XYs) {
	line, err := plotter.NewLine(xy)
	if err != nil { // no points
		return
	}
	line.Width, line.Color = vg.Points(1.5), plotutil.Color(i)
	p.Add(line)
	p.Legend.Add(name, line)
}

func byEpoch(es []report.Epoch, of func(report.Epoch) float64) (xy plotter.XYs) {
	for _, e := range es {
		if v := of(e); !math.IsNaN(v) {
			xy = append(xy, plotter.XY{X: float64(e.Epoch), Y: v})
		}
	}
	return xy
}

// grid is a confusion matrix as gonum draws it: rows from below, and each cell
// the share of its row.
type grid struct{ m [][]int }

func (g grid) Dims() (c, r int)   { return len(g.m), len(g.m) }
func (g grid) X(c int) float64    { return float64(c) }
func (g grid) Y(r int) float64    { return float64(r) }
func (g grid) Z(c, r int) float64 { return g.share(len(g.m)-1-r, c) }
func (g grid) share(given, answer int) float64 {
	n := 0
	for _, v := range g.m[given] {
		n += v
	}
	return ratio(g.m[given][answer], n)
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// blues go from white to the page's blue.
type blues struct{}

func (blues) Colors() []color.Color {
	var cs []color.Color
	for i := range 64 {
		mix := func(to uint8) uint8 { return uint8(255 - i*(255-int(to))/63) }
		cs = append(cs, color.RGBA{mix(0x25), mix(0x63), mix(0xb8), 255})
	}
	return cs
}

var _ palette.Palette = blues{}

func confusionPlot(classes []string, t *eval.Result) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "confusion matrix", "answered", "shows"
	h := plotter.NewHeatMap(grid{t.Confusion}, blues{})
	h.Min, h.Max = 0, 1
	p.Add(h)
	if len(classes) > maxMatrix {
		return p
	}
	var labels plotter.XYLabels
	var names, down []string
	for g := range classes {
		names, down = append(names, name(classes[g])), append(down, name(classes[len(classes)-1-g]))
		for a := range classes {
			if n := t.Confusion[g][a]; n > 0 {
				labels.XYs = append(labels.XYs, plotter.XY{X: float64(a), Y: float64(len(classes) - 1 - g)})
				labels.Labels = append(labels.Labels, fmt.Sprint(n))
			}
		}
	}
	if l, err := plotter.NewLabels(labels); err == nil {
		for i := range l.TextStyle {
			l.TextStyle[i].XAlign, l.TextStyle[i].YAlign = -0.5, -0.5
			if at := labels.XYs[i]; (grid{t.Confusion}).Z(int(at.X), int(at.Y)) > 0.5 {
				l.TextStyle[i].Color = color.White
			}
		}
		p.Add(l)
	}
	p.NominalX(names...)
	p.NominalY(down...)
	return p
}
