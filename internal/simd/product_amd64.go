package simd

import "unsafe"

// tileRows is the most rows that a tile of the AVX2 kernels has: six rows of two
// vectors, two vectors of B and a broadcast of A fill the 16 registers.
const tileRows = 6

// depth is how many rows of B (steps of k, over batches) a tile sums before the
// next tile has its turn, so that this part of a panel of B and
// of A stays in the first-level cache. Sums go on where they stopped: the same bits for any depth.
const depth = 256

// tile is what a micro-kernel is told: it adds to (or sets, from init) up to
// tileRows rows of C within one panel. Strides and steps are in bytes.
type tile struct {
	a, c         [tileRows]unsafe.Pointer // the rows
	b            unsafe.Pointer
	init         unsafe.Pointer // Panel values to begin all rows with; nil: what C holds
	k, batch     int
	acol, brow   int
	aback, bback int      // from the end of one batch's sum to the beginning of the next
	mask         [8]int32 // lanes of the last vector in Tail kernels
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
	t := tile{acol: 4 * p.ACol, brow: 4 * p.BRow}
	for batch := 0; batch < p.Batch; batch += t.batch {
		t.batch = min(max(1, depth/p.K), p.Batch-batch)
		for k := 0; k < p.K; k += t.k {
			t.k = p.K
			if p.K > depth {
				t.k = min(depth, p.K-k)
			}
			t.aback = 4 * (p.ABatch - t.k*p.ACol)
			t.bback = 4 * (p.BBatch - t.k*p.BRow)
			first := batch == 0 && k == 0 && !add
			for panel := 0; panel*Panel < p.N; panel++ {
				t.b = unsafe.Pointer(&b[batch*p.BBatch+k*p.BRow+panel*p.BPanel])
				t.init = nil
				if first {
					t.init = unsafe.Pointer(&zeros)
					if bias != nil {
						t.init = unsafe.Pointer(&bias[panel*Panel])
					}
				}
				t.columns(&p, unsafe.Pointer(&c[panel*p.CPanel]), unsafe.Pointer(&a[batch*p.ABatch+k*p.ACol]), p.N-panel*Panel)
			}
		}
	}
}

// columns runs the tiles of one panel, of which cols columns are left. The rows
// of all y are cut in tiles as equal as can be: 7 rows are 4 and 3, not 6 and
// 1, because small tiles wait for their own sums.
func (t *tile) columns(p *Product, c, a unsafe.Pointer, cols int) {
	rows := p.Y * p.M
	tiles := (rows + tileRows - 1) / tileRows
	small, large := rows/tiles, rows%tiles // rows of a tile, tiles with one more
	kind := 0
	switch {
	case cols <= Panel/2:
		kind = 2
		copy(t.mask[:], masks[8-cols:])
	case cols < Panel:
		kind = 1
		copy(t.mask[:], masks[16-cols:])
	}
	arow, crow := 4*p.ARow, 4*p.CRow
	anext, cnext := 4*(p.AY-p.M*p.ARow), 4*(p.CY-p.M*p.CRow)
	ao, co, i := 0, 0, 0
	for n := range tiles {
		size := small
		if n < large {
			size++
		}
		for r := range size {
			t.a[r], t.c[r] = unsafe.Add(a, ao), unsafe.Add(c, co)
			ao += arow
			co += crow
			if i++; i == p.M {
				i = 0
				ao += anext
				co += cnext
			}
		}
		t.run(kind*8 + size)
	}
}

// run calls the micro-kernel for a kind (0 a whole panel, 1 more than half of one, 2
// up to half of one) times 8 plus a number of rows.
func (t *tile) run(kernel int) {
	p := (*byte)(unsafe.Pointer(t))
	switch kernel {
	case 1:
		tile1x16AVX2(p)
	case 2:
		tile2x16AVX2(p)
	case 3:
		tile3x16AVX2(p)
	case 4:
		tile4x16AVX2(p)
	case 5:
		tile5x16AVX2(p)
	case 6:
		tile6x16AVX2(p)
	case 8 + 1:
		tile1x16TailAVX2(p)
	case 8 + 2:
		tile2x16TailAVX2(p)
	case 8 + 3:
		tile3x16TailAVX2(p)
	case 8 + 4:
		tile4x16TailAVX2(p)
	case 8 + 5:
		tile5x16TailAVX2(p)
	case 8 + 6:
		tile6x16TailAVX2(p)
	case 16 + 1:
		tile1x8TailAVX2(p)
	case 16 + 2:
		tile2x8TailAVX2(p)
	case 16 + 3:
		tile3x8TailAVX2(p)
	case 16 + 4:
		tile4x8TailAVX2(p)
	case 16 + 5:
		tile5x8TailAVX2(p)
	case 16 + 6:
		tile6x8TailAVX2(p)
	}
}
