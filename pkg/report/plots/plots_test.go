package plots

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/report"
)

func TestDraw(t *testing.T) {
	classes := []string{"cat", "dog"}
	labels, probs := []int{0, 1, 0, 1, 1}, []float32{.9, .1, .4, .6, .3, .7, .2, .8, .45, .55}
	res, err := eval.Score(classes, labels, probs)
	if err != nil {
		t.Fatal(err)
	}
	p := &report.Page{
		Report: &report.Report{Classes: classes, Test: res}, Set: &dataset.Set{Classes: classes, Labels: labels}, Probs: probs,
		Epochs: []report.Epoch{{Epoch: 1, TrainLoss: 2, ValLoss: 2.5, ValAccuracy: 0.5}, {Epoch: 2, TrainLoss: 1, ValLoss: 2, ValAccuracy: 0.7}},
	}
	files, err := Draw(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"loss", "accuracy", "confusion", "calibration", "roc"} {
		img, err := png.Decode(bytes.NewReader(files[name+".png"]))
		if err != nil {
			t.Errorf("%s.png: %v", name, err)
			continue
		}
		colours := map[any]bool{}
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				colours[img.At(x, y)] = true
			}
		}
		if len(colours) < 4 {
			t.Errorf("%s.png has %d colours", name, len(colours))
		}
		if !strings.Contains(string(files[name+".svg"]), "</svg>") {
			t.Errorf("%s.svg is not whole", name)
		}
	}
	if len(files) != 10 {
		t.Errorf("%d files, want 10", len(files))
	}
	p.Epochs, p.Set = nil, &dataset.Set{}
	if files, err := Draw(p); err != nil || len(files) != 2 {
		t.Errorf("%d files without epochs and pictures, %v", len(files), err)
	}
}
