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
	if len(dst) != len(src) || len(src)%p.Size.C != 0 {
		panic(fmt.Sprintf("imageio: %d floats for %d bytes of %d channels", len(dst), len(src), p.Size.C))
	}
	if p.Size.C == 1 {
		var table [256]float32
		p.table(&table, 0)
		for i, v := range src {
			dst[i] = table[v]
		}
		return
	}
	var r, g, b [256]float32
	p.table(&r, 0)
	p.table(&g, 1)
	p.table(&b, 2)
	for len(src) >= 3 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = r[src[0]], g[src[1]], b[src[2]]
		dst, src = dst[3:], src[3:]
	}
}

// table fills t with channel c's float for every byte.
func (p *Prep) table(t *[256]float32, c int) {
	mean, std := 0.0, 1.0
	if len(p.Mean) > 0 {
		mean = float64(p.Mean[c])
	}
	if len(p.Std) > 0 {
		std = float64(p.Std[c])
	}
	for v := range t {
		t[v] = float32((float64(v)/255 - mean) / std)
	}
}
