package simd

import "unsafe"

// tileRows is the most rows that a tile of the AVX2 kernels has: six rows of two
// vectors, two vectors of B and a broadcast of A fill the 16 registers.
const tileRows = 6

// A tile sums this many steps (of k, over batches and groups) before the next
// tile has its turn; the sums go on where they stopped, the same bits for any
// depth. Where k runs along A's memory, only the panel of B wants to stay in cache. Where it does
// not (gradients by weights), each step is another line of A, which the next
// tiles want as well: they should find it in the 32 KB first-level cache.
const (
	depthAlong  = 1024
	depthAcross = 256
)

// tile is what a micro-kernel is told, and where it keeps its place. It adds
// to (or sets, from init) tiles of rows of C within one panel, one tile after the other. The
// strides are in bytes. The kernels know the fields by place.
type tile struct {
	a, b, c                unsafe.Pointer
	init                   unsafe.Pointer // Panel values to begin all rows with; nil: what C holds
	tiles                  int            // how many to do
	k, batch, groups       int
	arow, acol, brow, crow int

	// What is left to add to a's or b's offset after the last k of a batch, the
	// last batch of a group, the last row of a y.
	abatchBack, agroupBack, bbatchBack, bgroupBack, ayBack, cyBack int

	m, left  int // rows of a y, rows left of this one
	aat, cat int // offset of the next row
	rows     [tileRows]uintptr
	mask     [8]int32 // lanes of the last vector in Tail kernels
}

var (
	zeros [Panel]float32
	// masks[8-n:] has n lanes set, then none.
	masks = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
)

func productAVX2(p Product, c, a, b, bias []float32, add bool) {
	if p.K == 0 {
		productGo(p, c, a, b, bias, add)
		return
	}
	depth := depthAlong
	if p.ACol != 1 {
		depth = tuneDepth
	}
	if p.BRow != Panel && p.Y*p.M > 24 && depth == tuneDepth {
		var buf [depthAcross * 16]float32
		productAVX2b(p, c, a, b, bias, add, depth, true, &buf)
	} else {
		productAVX2b(p, c, a, b, bias, add, depth, false, nil)
	}
}

func productAVX2b(p Product, c, a, b, bias []float32, add bool, depth int, pack bool, buf *[depthAcross * 16]float32) {
	kstep, bstep, gstep := min(p.K, depth), 1, 1
	if kstep == p.K {
		bstep = min(p.Batch, max(1, depth/p.K))
	}
	if bstep == p.Batch {
		gstep = min(p.Groups, max(1, depth/(p.K*p.Batch)))
	}
	t := tile{
		arow: 4 * p.ARow, acol: 4 * p.ACol, brow: 4 * p.BRow, crow: 4 * p.CRow,
		ayBack: 4 * (p.AY - p.M*p.ARow), cyBack: 4 * (p.CY - p.M*p.CRow), m: p.M,
	}
	for group := 0; group < p.Groups; group += gstep {
		t.groups = min(gstep, p.Groups-group)
		for batch := 0; batch < p.Batch; batch += bstep {
			t.batch = min(bstep, p.Batch-batch)
			for k := 0; k < p.K; k += kstep {
				t.k = min(kstep, p.K-k)
				t.abatchBack = 4 * (p.ABatch - t.k*p.ACol)
				t.bbatchBack = 4 * (p.BBatch - t.k*p.BRow)
				t.agroupBack = 4 * (p.AGroup - t.batch*p.ABatch)
				t.bgroupBack = 4 * (p.BGroup - t.batch*p.BBatch)
				first := group == 0 && batch == 0 && k == 0 && !add
				for panel := 0; panel*Panel < p.N; panel++ {
					t.b = unsafe.Pointer(&b[group*p.BGroup+batch*p.BBatch+k*p.BRow+panel*p.BPanel])
					t.init = nil
					if first {
						t.init = unsafe.Pointer(&zeros)
						if bias != nil {
							t.init = unsafe.Pointer(&bias[panel*Panel])
						}
					}
					if pack {
						n := min(Panel, p.N-panel*Panel)
						d := 0
						for g := range t.groups {
							for bb := range t.batch {
								o := (group+g)*p.BGroup + (batch+bb)*p.BBatch + k*p.BRow + panel*p.BPanel
								for range t.k {
									if n == Panel {
										*(*[16]float32)(buf[d:]) = [16]float32(b[o:])
									} else {
										copy(buf[d:d+16], b[o:o+n])
									}
									d += 16
									o += p.BRow
								}
							}
						}
						t.b = unsafe.Pointer(buf)
						t.bbatchBack, t.bgroupBack = 0, 0
						t.brow = 64
					}
					t.a = unsafe.Pointer(&a[group*p.AGroup+batch*p.ABatch+k*p.ACol])
					t.c = unsafe.Pointer(&c[panel*p.CPanel])
					t.columns(p.Y*p.M, p.N-panel*Panel)
				}
			}
		}
	}
}

// columns runs the tiles of one panel, of which cols columns are left. The rows
// of all y are cut in tiles as equal as can be: 7 rows are 4 and 3, not 6 and
// 1, because small tiles wait for their own sums.
func (t *tile) columns(rows, cols int) {
	kind := 0
	switch {
	case cols <= Panel/2:
		kind = 2
		copy(t.mask[:], masks[8-cols:])
	case cols < Panel:
		kind = 1
		copy(t.mask[:], masks[16-cols:])
	}
	t.aat, t.cat, t.left = 0, 0, t.m
	tiles := (rows + tileRows - 1) / tileRows
	small, large := rows/tiles, rows%tiles // rows of a tile, tiles with one more
	t.run(kind, small+1, large)
	t.run(kind, small, tiles-large)
}

// run calls the micro-kernel of a kind (0 for a whole panel, 1 for more than half of
// one, 2 for up to half of one) and a number of rows.
func (t *tile) run(kind, rows, tiles int) {
	p := (*byte)(unsafe.Pointer(t))
	for tiles > 0 {
		t.tiles = min(tiles, 32)
		tiles -= t.tiles
		switch kind*8 + rows {
		case 1:
			tiles1x16AVX2(p)
		case 2:
			tiles2x16AVX2(p)
		case 3:
			tiles3x16AVX2(p)
		case 4:
			tiles4x16AVX2(p)
		case 5:
			tiles5x16AVX2(p)
		case 6:
			tiles6x16AVX2(p)
		case 8 + 1:
			tiles1x16TailAVX2(p)
		case 8 + 2:
			tiles2x16TailAVX2(p)
		case 8 + 3:
			tiles3x16TailAVX2(p)
		case 8 + 4:
			tiles4x16TailAVX2(p)
		case 8 + 5:
			tiles5x16TailAVX2(p)
		case 8 + 6:
			tiles6x16TailAVX2(p)
		case 16 + 1:
			tiles1x8TailAVX2(p)
		case 16 + 2:
			tiles2x8TailAVX2(p)
		case 16 + 3:
			tiles3x8TailAVX2(p)
		case 16 + 4:
			tiles4x8TailAVX2(p)
		case 16 + 5:
			tiles5x8TailAVX2(p)
		case 16 + 6:
			tiles6x8TailAVX2(p)
		}
	}
}

var tuneDepth = 256
