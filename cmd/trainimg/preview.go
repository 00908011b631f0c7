package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/spf13/cobra"

	"squint/internal/safefile"
	"squint/pkg/dataset"
)

// preview draws what a training on dir with these flags would see.
func (o *options) preview(cmd *cobra.Command, dir, path string) error {
	j := &job{options: o, ctx: cmd.Context(), notes: io.Discard, dir: dir}
	if err := j.look(); err != nil {
		return err
	}
	if err := j.decide(cmd); err != nil {
		return err
	}
	items := j.sample()
	s, err := newSheet(j.recipe, len(items))
	if err != nil {
		return err
	}
	err = j.source.Each(j.ctx, items, reading(&o.Common, true), func(it *dataset.Item, img image.Image, err error) error {
		return s.row(j.source.Classes[it.Class], it.File, img, err)
	})
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, s.img); err != nil {
		return err
	}
	if err := safefile.Create(path, b.Bytes()); err != nil {
		return err
	}
	p := j.recipe.Prep.Size
	fmt.Fprintf(o.Notes(cmd.ErrOrStderr()), "%s: %d pictures as %s will see them, %d×%d pixels, deformed as for %s\n", path, len(items), j.recipe.Arch, p.W, p.H, j.recipe.Aug)
	return nil
}

// sample picks pictures to show: as many of each class, spread evenly over its
// training pictures, and if there are too many classes, of some of them.
func (j *job) sample() (items []dataset.Item) {
	const most, ofClass = 24, 4
	byClass := make([][]dataset.Item, len(j.source.Classes))
	for _, it := range j.source.Items {
		if it.Part == "" || it.Part == dataset.Train {
			byClass[it.Class] = append(byClass[it.Class], it)
		}
	}
	classes := min(len(byClass), most)
	for c := range classes {
		of := byClass[c*len(byClass)/classes]
		n := min(max(most/classes, 1), ofClass, len(of))
		for i := range n {
			items = append(items, of[i*len(of)/n])
		}
	}
	return items
}
