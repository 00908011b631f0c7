package main

import (
	"context"
	"encoding/binary"
	"fmt"

	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/recipe"
)

// folds is how many networks are trained, each on the pictures of the other folds.
const folds = 4

// fold returns which one a picture is in: near duplicates together, or the
// network would have seen them.
func fold(s *dataset.Set, i int) int {
	return int(binary.BigEndian.Uint32(s.Groups[i][:]) % folds)
}

// outOfFold returns the probabilities [n][classes] that each picture gets from a
// network that has not learnt from it. step is called after each network.
func outOfFold(ctx context.Context, r *recipe.Recipe, all *dataset.Set, threads int, step func()) ([]float32, error) {
	k, size := len(all.Classes), all.Shape.Size()
	probs := make([]float32, all.Len()*k)
	for f := range folds {
		fit := &dataset.Set{Classes: all.Classes, Shape: all.Shape}
		var rest []int
		var pixels []uint8 // of the rest
		for i, label := range all.Labels {
			if fold(all, i) == f {
				rest, pixels = append(rest, i), append(pixels, all.Image(i)...)
				continue
			}
			fit.Labels, fit.Pixels = append(fit.Labels, label), append(fit.Pixels, all.Image(i)...)
			fit.Keys, fit.Groups, fit.Files = append(fit.Keys, all.Keys[i]), append(fit.Groups, all.Groups[i]), append(fit.Files, all.Files[i])
		}
		if len(rest) > 0 {
			net, err := nn.New(all.Shape, 1, r.Network...)
			if err != nil {
				return nil, err
			}
			t, err := r.Trainer(net, fit)
			if err != nil {
				return nil, err
			}
			t.Threads = threads
			if _, err := t.Run(ctx, fit, &dataset.Set{}); err != nil {
				return nil, fmt.Errorf("fold %d of %d: %w", f+1, folds, err)
			}
			m := &model.Model{Classes: all.Classes, Prep: r.Prep, Net: net}
			answers, _, err := m.Predict(ctx, pixels[:len(rest)*size], threads)
			if err != nil {
				return nil, err
			}
			for j, i := range rest {
				copy(probs[i*k:(i+1)*k], answers[j*k:(j+1)*k])
			}
		}
		step()
	}
	return probs, nil
}
