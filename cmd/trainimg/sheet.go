package main

import (
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"squint/pkg/augment"
	"squint/pkg/imageio"
	"squint/pkg/recipe"
	"squint/pkg/report"
	"squint/pkg/tensor"
)

// sheet is a table of pictures, one row each: as it is, as the network sees it,
// and as training deforms it in its first epochs.
type sheet struct {
	img       *image.RGBA
	prep      imageio.Prep
	augmenter *augment.Augmenter
	seed      uint64
	cell      int // pixels a side
	rows      int // drawn so far
}

const (
	sheetEpochs = 6
	sheetGap    = 4
	sheetText   = 16 // height of a line
	sheetCell   = 128
)

// newSheet begins a sheet of so many rows.
func newSheet(r *recipe.Recipe, rows int) (*sheet, error) {
	a, err := augment.New(r.Augment, r.Prep.Size)
	if err != nil {
		return nil, err
	}
	s := &sheet{prep: r.Prep, augmenter: a, seed: r.Seed, cell: max(sheetCell, r.Prep.Size.H, r.Prep.Size.W)}
	s.img = image.NewRGBA(image.Rect(0, 0, (2+sheetEpochs)*(s.cell+sheetGap)+sheetGap, sheetText+rows*s.height()))
	for i := range s.img.Pix { // white
		s.img.Pix[i] = 255
	}
	for i, head := range []string{"the picture", "prepared", "in training, deformed anew in each epoch"} {
		s.text(s.corner(i, 0).X, 0, head)
	}
	return s, nil
}

func (s *sheet) height() int { return sheetText + s.cell + sheetGap }

// corner is where a cell begins.
func (s *sheet) corner(column, row int) image.Point {
	return image.Pt(sheetGap+column*(s.cell+sheetGap), sheetText+row*s.height()+sheetText)
}

// row draws one picture, or why there is none.
func (s *sheet) row(class, file string, img image.Image, err error) error {
	row := s.rows
	s.rows++
	label := report.Clean(class) + ": " + report.Clean(file)
	if err != nil {
		label += ": " + report.Clean(err.Error())
	}
	s.text(sheetGap, s.corner(0, row).Y-sheetText, label)
	if err != nil {
		return nil
	}
	whole := imageio.Prep{Size: tensor.Shape{H: s.cell, W: s.cell, C: 3}, Fit: imageio.FitPad}
	pix := make([]uint8, whole.Size.Size())
	if err := whole.Bytes(pix, img); err != nil {
		return err
	}
	s.draw(0, row, pix, whole.Size)
	seen := make([]uint8, s.prep.Size.Size())
	if err := s.prep.Bytes(seen, img); err != nil {
		return err
	}
	s.draw(1, row, seen, s.prep.Size)
	deformed := make([]uint8, len(seen))
	for e := range sheetEpochs {
		s.augmenter.Apply(deformed, seen, s.seed, uint64(e+1), uint64(row), 1)
		s.draw(2+e, row, deformed, s.prep.Size)
	}
	return nil
}

// draw puts pix, [H][W][C], into a cell, every pixel as so many as there is room for.
func (s *sheet) draw(column, row int, pix []uint8, size tensor.Shape) {
	at := s.corner(column, row)
	zoom := max(1, s.cell/max(size.H, size.W))
	for y := range size.H * zoom {
		for x := range size.W * zoom {
			p := pix[(y/zoom*size.W+x/zoom)*size.C:][:size.C]
			c := color.RGBA{p[0], p[0], p[0], 255}
			if size.C == 3 {
				c.G, c.B = p[1], p[2]
			}
			s.img.SetRGBA(at.X+x, at.Y+y, c)
		}
	}
}

// text writes a line, as far as there is room. The font knows ASCII only.
func (s *sheet) text(x, y int, text string) {
	text = strings.Map(func(r rune) rune {
		if r > '~' {
			return '?'
		}
		return r
	}, text)
	d := font.Drawer{Dst: s.img, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(x, y+12)}
	d.DrawString(text)
}
