package simd

import (
	"sync"
	"unsafe"
)

// tileRows is the most rows that a tile of the AVX2 kernels has: six rows of two
// vectors, two vectors of B and a broadcast of A fill the 16 registers.
const tileRows = 6

// A tile sums this many steps (of k, over batches and groups) before the next
// tile has its turn. Sums go on where they stopped, so the bits are the same
// for any depth.
const (
	// Where k runs along A's memory and B lies in panels, both are read from
	// end to end: only the panel of B wants to stay in cache.
	depthLong = 1024
	// Where k runs across, as in gradients by weights, each step reads another
	// line of A, which the next tiles want as well: they should find it near.
	depthShort = 128
)

// packFrom is how many rows make it worth while to copy a row-major B to panels.
const packFrom = 4 * tileRows

// tile is what a micro-kernel is told, and where it keeps its place: it adds to
// (or sets, from init) tiles of rows of C within one panel, one tile after the
// other. Strides are in bytes. The kernels know the fields by place.
type tile struct {
	a, b, c                unsafe.Pointer
	init                   unsafe.Pointer // Panel values to begin all rows with; nil: what C holds
	tiles                  int            // how many to do
	k, batch, groups       int
	arow, acol, brow, crow int

	// What to add to the offset in A, B or C after the last k of a batch, the
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

// panel is room for the packed rows of B. It comes from a pool because a tile
// points to it, which makes the compiler put it on the heap.
type panel [depthShort * Panel]float32

var panels = sync.Pool{New: func() any { return new(panel) }}

func productAVX2(p Product, c, a, b, bias []float32, add bool) {
	t := tile{
		arow: 4 * p.ARow, acol: 4 * p.ACol, crow: 4 * p.CRow, m: p.M,
		ayBack: 4 * (p.AY - p.M*p.ARow), cyBack: 4 * (p.CY - p.M*p.CRow),
	}
	switch {
	case p.K == 0:
		productGo(p, c, a, b, bias, add)
	case p.BRow != Panel && p.Y*p.M >= packFrom:
		packed := panels.Get().(*panel)
		t.product(&p, c, a, b, bias, add, depthShort, packed)
		panels.Put(packed)
	case p.ACol != 1:
		t.product(&p, c, a, b, bias, add, depthShort, nil)
	default:
		t.product(&p, c, a, b, bias, add, depthLong, nil)
	}
}

// product cuts the sums in blocks of at most depth steps and does these one
// after the other, panel by panel.
func (t *tile) product(p *Product, c, a, b, bias []float32, add bool, depth int, packed *panel) {
	k, batch, groups := even(p.K, depth), 1, 1
	if k == p.K {
		batch = even(p.Batch, depth/k)
		if batch == p.Batch {
			groups = even(p.Groups, depth/(k*batch))
		}
	}
	for g := 0; g < p.Groups; g += groups {
		t.groups = min(groups, p.Groups-g)
		for n := 0; n < p.Batch; n += batch {
			t.batch = min(batch, p.Batch-n)
			for i := 0; i < p.K; i += k {
				t.k = min(k, p.K-i)
				t.block(p, c, a[g*p.AGroup+n*p.ABatch+i*p.ACol:], b[g*p.BGroup+n*p.BBatch+i*p.BRow:], bias, add, packed)
				add = true
			}
		}
	}
}

// even returns the size of the pieces when n is cut in as few and as equal
// pieces as can be, none greater than most, or than 1 where most is less.
func even(n, most int) int {
	most = max(most, 1)
	pieces := (n + most - 1) / most
	return (n + pieces - 1) / pieces
}

// block does one block of the sums, whose A and B begin at a and b.
func (t *tile) block(p *Product, c, a, b, bias []float32, add bool, packed *panel) {
	t.a = unsafe.Pointer(&a[0])
	t.abatchBack = 4 * (p.ABatch - t.k*p.ACol)
	t.agroupBack = 4 * (p.AGroup - t.batch*p.ABatch)
	if packed != nil {
		t.brow, t.bbatchBack, t.bgroupBack = 4*Panel, 0, 0
	} else {
		t.brow = 4 * p.BRow
		t.bbatchBack = 4 * (p.BBatch - t.k*p.BRow)
		t.bgroupBack = 4 * (p.BGroup - t.batch*p.BBatch)
	}
	for first := 0; first < p.N; first += Panel {
		at := first / Panel * p.BPanel
		t.b = unsafe.Pointer(&b[at])
		cols := min(p.N-first, Panel)
		if packed != nil {
			t.pack(packed, b[at:], p, cols)
			t.b = unsafe.Pointer(packed)
		}
		t.c = unsafe.Pointer(&c[first/Panel*p.CPanel])
		switch {
		case add:
			t.init = nil
		case bias != nil:
			t.init = unsafe.Pointer(&bias[first])
		default:
			t.init = unsafe.Pointer(&zeros)
		}
		t.columns(p.Y*p.M, cols)
	}
}

// pack copies the block's rows of a panel of a row-major B, so that they lie
// together. Rows that are a power of two apart share a few places of the
// first-level cache, and push one another and A out of them.
func (t *tile) pack(packed *panel, b []float32, p *Product, cols int) {
	to := 0
	for g := range t.groups {
		for n := range t.batch {
			from := g*p.BGroup + n*p.BBatch
			for range t.k {
				if cols == Panel { // a few moves in place of a call
					*(*[Panel]float32)(packed[to:]) = *(*[Panel]float32)(b[from:])
				} else {
					copy(packed[to:], b[from:from+cols])
				}
				to += Panel
				from += p.BRow
			}
		}
	}
}

// columns runs the tiles of one panel's cols columns. The rows of all y are cut
// in tiles as equal as can be: 7 rows are 4 and 3, not 6 and 1, because the
// few sums of a small tile wait for themselves.
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

// run calls the micro-kernel of a kind (0 for a whole panel, 1 for more than half
// of one, 2 for up to half of one) and a number of rows. A call is at most 32
// tiles, some 60 µs, because assembly cannot be preempted.
func (t *tile) run(kind, rows, tiles int) {
	p := (*byte)(unsafe.Pointer(t))
	for ; tiles > 0; tiles -= 32 {
		t.tiles = min(tiles, 32)
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
