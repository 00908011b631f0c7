package main

import (
	"context"
	"fmt"
	"image"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"squint/models"
	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/recipe"
	"squint/pkg/tensor"
)

func main() {
	if err := run(context.Background(), os.Getenv("SQUINT_DATA"), os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

// run prints the tables. args name folders of ordinary pictures that show
// neither cat nor dog.
func run(ctx context.Context, root string, args []string) error {
	digits, err := load(ctx, filepath.Join(root, "mnist"), imageio.Prep{Size: tensor.Shape{H: 28, W: 28, C: 1}})
	if err != nil {
		return err
	}
	var sheets [][]uint8
	for i := range 2000 {
		sheets = append(sheets, digits.Test.Image(i))
	}
	var photos []image.Image
	for _, pattern := range append(args, filepath.Join(root, "images_suite/exif_orientation/*_1.jpg")) {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, f := range files {
			if img, err := open(f); err == nil && min(img.Bounds().Dx(), img.Bounds().Dy()) >= 64 {
				photos = append(photos, img)
			}
		}
	}
	if len(photos) == 0 {
		return fmt.Errorf("no photos in %q", root)
	}
	sets := []struct {
		name string
		draw func(r *rand.Rand) image.Image
	}{
		{"letters", letter},
		{"sheets of digits", func(r *rand.Rand) image.Image { return sheet(r, sheets) }},
		{"noise", noise},
		{"text", text},
		{"plain colours", plain},
		{fmt.Sprintf("pieces of %d other photos", len(photos)), func(r *rand.Rand) image.Image { return crop(r, photos[r.IntN(len(photos))]) }},
	}
	for _, name := range []string{"digits", "catdog"} {
		m, err := models.Open(name)
		if err != nil {
			return err
		}
		dir := map[string]string{"digits": "mnist", "catdog": "catdog/test"}[name]
		d, err := load(ctx, filepath.Join(root, dir), m.Prep)
		if err != nil {
			return err
		}
		known := d.Test
		if known.Len() == 0 {
			known = d.Train
		}
		t, err := newTable(ctx, name, m, known)
		if err != nil {
			return err
		}
		for _, s := range sets {
			var pixels []uint8
			for i := range 500 {
				b := make([]uint8, m.Prep.Size.Size())
				if err := m.Prep.Bytes(b, s.draw(rand.New(rand.NewPCG(7, uint64(i))))); err != nil {
					return err
				}
				pixels = append(pixels, b...)
			}
			if err := t.row(ctx, s.name, pixels); err != nil {
				return err
			}
		}
	}
	return heldOut(ctx, digits)
}

func load(ctx context.Context, dir string, p imageio.Prep) (*dataset.Data, error) {
	s, err := dataset.Scan(dir)
	if err != nil {
		return nil, err
	}
	return s.Load(ctx, dataset.Options{Prep: p, Val: 0.1})
}

func open(file string) (image.Image, error) {
	b, err := imageio.ReadFile(file, imageio.Limits{})
	if err != nil {
		return nil, err
	}
	img, _, err := imageio.Decode(b, imageio.Limits{})
	return img, err
}

// table compares what a model knows with what it does not.
type table struct {
	m               *model.Model
	probs, familiar []float32 // of what it knows
}

func newTable(ctx context.Context, name string, m *model.Model, known *dataset.Set) (*table, error) {
	probs, familiar, err := m.Predict(ctx, known.Pixels, 2)
	if err != nil {
		return nil, err
	}
	fmt.Printf("\n| %s | AUROC of familiarity | of the top probability | answered at the default | at 0.99 |\n|---|---|---|---|---|\n", name)
	t := &table{m, probs, familiar}
	fmt.Printf("| test part (known) | | | %s | %s |\n", t.answered(m.Trust.Default, probs, familiar), t.answered(0.99, probs, familiar))
	return t, nil
}

func (t *table) row(ctx context.Context, name string, pixels []uint8) error {
	probs, familiar, err := t.m.Predict(ctx, pixels, 2)
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %.3f | %.3f | %s | %s |\n", name, auroc(t.familiar, familiar), auroc(t.tops(t.probs), t.tops(probs)),
		t.answered(t.m.Trust.Default, probs, familiar), t.answered(0.99, probs, familiar))
	return nil
}

// tops returns the highest probability of each picture.
func (t *table) tops(probs []float32) (tops []float32) {
	for p := range slices.Chunk(probs, len(t.m.Classes)) {
		tops = append(tops, slices.Max(p))
	}
	return tops
}

// answered is the share of pictures that get an answer.
func (t *table) answered(precision float64, probs, familiar []float32) string {
	r, err := t.m.Trust.Rule(precision)
	if err != nil {
		return "–"
	}
	n := 0
	for i, top := range t.tops(probs) {
		if !r.Unsure(top, familiar[i]) {
			n++
		}
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(len(familiar)))
}

func auroc(known, strange []float32) float64 {
	is := make([]bool, len(known)+len(strange))
	for i := range known {
		is[i] = true
	}
	return eval.AUC(eval.ROC(slices.Concat(known, strange), is))
}

// heldOut trains LeNet-5 on eight digits and shows it the other two.
func heldOut(ctx context.Context, d *dataset.Data) error {
	for _, pair := range [][2]int{{0, 1}, {2, 7}, {4, 9}} {
		r, err := recipe.Choose(recipe.Facts{Classes: 8, Train: 43000, Width: 28, Height: 28}, recipe.Wishes{Arch: "lenet"})
		if err != nil {
			return err
		}
		r.SetEpochs(4)
		r.Prep = imageio.Prep{Size: d.Train.Shape}
		r.Prep.Mean, r.Prep.Std = d.Train.MeanStd()
		train, val, test := only(d.Train, pair, false), only(d.Val, pair, false), only(d.Test, pair, false)
		net, err := nn.New(r.Prep.Size, 1, r.Network...)
		if err != nil {
			return err
		}
		t, err := r.Trainer(net, train)
		if err != nil {
			return err
		}
		if _, err := t.Run(ctx, train, val); err != nil {
			return err
		}
		m := &model.Model{Classes: train.Classes, Prep: r.Prep, Net: net}
		if err := m.LearnTrust(ctx, train, val, 2); err != nil {
			return err
		}
		table, err := newTable(ctx, "eight digits", m, test)
		if err != nil {
			return err
		}
		if err := table.row(ctx, fmt.Sprintf("%d and %d, held out", pair[0], pair[1]), only(d.Test, pair, true).Pixels); err != nil {
			return err
		}
	}
	return nil
}

// only keeps the pictures of the pair, or those of the other classes.
func only(s *dataset.Set, pair [2]int, those bool) *dataset.Set {
	out := &dataset.Set{Shape: s.Shape}
	number := make([]int, len(s.Classes))
	for c, name := range s.Classes {
		if c != pair[0] && c != pair[1] {
			number[c] = len(out.Classes)
			out.Classes = append(out.Classes, name)
		}
	}
	for i, label := range s.Labels {
		if (label == pair[0] || label == pair[1]) == those {
			out.Labels, out.Pixels = append(out.Labels, number[label]), append(out.Pixels, s.Image(i)...)
		}
	}
	return out
}
