package dataset

import (
	"cmp"
	"context"
	"image"
	"slices"

	"squint/pkg/imageio"
)

// Probe is what a sample of the pictures looks like, for choosing a Prep.
type Probe struct {
	Pictures int // that were looked at
	Failed   int // that were to be looked at and could not be decoded

	Width, Height     int         // medians
	Smallest, Largest image.Point // width and height of those with the least and the most pixels
	Colour            float64     // share of the pictures that show colour, see coloured
	Formats           []Format    // the most frequent first
}

// Format counts the pictures of one format: "idx", "npz" or what imageio.Info calls it.
type Format struct {
	Name  string
	Count int
}

// Probe decodes up to most pictures, spread evenly over the items and with them
// over the classes. Of opt, only Limits, Threads, Memory and Watch matter.
func (s *Source) Probe(ctx context.Context, most int, opt Options) Probe {
	n := min(most, len(s.Items))
	items := make([]Item, n)
	for i := range items {
		items[i] = s.Items[i*len(s.Items)/n]
	}
	r, err := open(items, &opt, 0)
	if err != nil {
		return Probe{Failed: n} // Load will say why
	}
	type look struct {
		size   image.Point
		colour bool
		format string
	}
	looks := make([]look, n)
	errs, err := parallel(ctx, opt.Threads, n, func(i int) error {
		return r.picture(ctx, &items[i], func(img image.Image, info imageio.Info) error {
			looks[i] = look{img.Bounds().Size(), coloured(img), info.Format}
			return nil
		})
	}, nil)
	if err != nil {
		return Probe{Failed: n}
	}

	var p Probe
	var widths, heights []int
	for i, l := range looks {
		if errs[i] != nil {
			p.Failed++
			continue
		}
		pixels := func(s image.Point) int { return s.X * s.Y }
		if p.Pictures == 0 || pixels(l.size) < pixels(p.Smallest) {
			p.Smallest = l.size
		}
		if pixels(l.size) > pixels(p.Largest) {
			p.Largest = l.size
		}
		p.Pictures++
		widths, heights = append(widths, l.size.X), append(heights, l.size.Y)
		if l.colour {
			p.Colour++
		}
		if f := slices.IndexFunc(p.Formats, func(f Format) bool { return f.Name == l.format }); f >= 0 {
			p.Formats[f].Count++
		} else {
			p.Formats = append(p.Formats, Format{l.format, 1})
		}
	}
	if p.Pictures == 0 {
		return p
	}
	p.Colour /= float64(p.Pictures)
	slices.Sort(widths)
	slices.Sort(heights)
	p.Width, p.Height = widths[len(widths)/2], heights[len(heights)/2]
	slices.SortFunc(p.Formats, func(a, b Format) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	return p
}

// coloured tells whether a picture shows colour, whatever its file stores: a
// grey picture saved as RGB does not. Among up to 64×64 pixels, at least one in
// a hundred has channels further apart than 24 of 255, which is above what
// JPEG makes of grey and below any colour that people would name.
func coloured(img image.Image) bool {
	if _, ok := img.(*image.Gray); ok {
		return false
	}
	const grid, apart = 64, 24 << 8
	b := img.Bounds()
	nx, ny := min(b.Dx(), grid), min(b.Dy(), grid)
	n := 0
	for y := range ny {
		for x := range nx {
			r, g, b, _ := img.At(b.Min.X+x*b.Dx()/nx, b.Min.Y+y*b.Dy()/ny).RGBA()
			if max(r, g, b)-min(r, g, b) > apart {
				n++
			}
		}
	}
	return n*100 >= nx*ny
}
