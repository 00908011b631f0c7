package imageio

import "fmt"

// Floats normalises src, as Bytes wrote it, into dst of the same length:
//
//	dst[i] = (src[i]/255 - Mean[c]) / Std[c],  c = i mod C
//
// computed once for each of the 256 values in float64 and rounded once, so that
// the result is the same on every machine, whether or not it fuses
// multiplication and addition. It allocates nothing. A Prep that Validate
// refuses, or slices of different length, are a caller's mistake and panic.
func (p *Prep) Floats(dst []float32, src []uint8) {
	t := p.Table()
	t.Floats(dst, src)
}

// Table is what a Prep makes of every byte, for who normalises often or little at a
// time: to make the table takes as long as some hundred pixels.
type Table struct {
	channels int
	floats   [3][256]float32 // of each channel
}

// Table returns the Prep's table.
func (p *Prep) Table() Table {
	t := Table{channels: p.Size.C}
	for c := range t.channels {
		mean, std := 0.0, 1.0
		if len(p.Mean) > 0 {
			mean = float64(p.Mean[c])
		}
		if len(p.Std) > 0 {
			std = float64(p.Std[c])
		}
		for v := range t.floats[c] {
			t.floats[c][v] = float32((float64(v)/255 - mean) / std)
		}
	}
	return t
}

// Floats does what the Prep's Floats does with whole pixels.
func (t *Table) Floats(dst []float32, src []uint8) {
	if len(dst) != len(src) || len(src)%t.channels != 0 {
		panic(fmt.Sprintf("imageio: %d floats for %d bytes of %d channels", len(dst), len(src), t.channels))
	}
	r, g, b := &t.floats[0], &t.floats[1], &t.floats[2]
	if t.channels == 1 {
		for i, v := range src {
			dst[i] = r[v]
		}
		return
	}
	for len(src) >= 3 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = r[src[0]], g[src[1]], b[src[2]]
		dst, src = dst[3:], src[3:]
	}
}
