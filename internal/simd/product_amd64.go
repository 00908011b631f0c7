package simd

import (
	"sync"
	"unsafe"
)

// form is what the largest tiles of a tier's kernels look like: so many rows of
// two vectors of so many columns, one panel or two, or of one vector.
type form struct{ rows, narrow, width int }

var (
	formAVX2   = form{6, 8, 8}
	formAVX512 = form{8, 8, 16}
)

// A tile sums this many steps (of k, over batches and groups) before the next
// tile has its turn. Sums go on where they stopped, so the bits are the same
// for any depth.
const (
	// Where k runs along A's memory and B lies in panels, both are read from
	// end to end: only the panel of B wants to stay in cache.
	depthLong = 1024
	// A row-major B is copied to panels that are used from the second-level cache.
	depthPacked = 1024
	// Where k runs across, as in gradients by weights, each step reads another
	// line of A, which the next tiles want as well: they should find it near. And
	// short runs along A are as many places as the processor cannot fetch ahead.
	depthShort = 128
)

const (
	packFrom = 24 // rows that make it worth while to copy a row-major B to panels
	together = 4  // panels that are copied at a time, at most
)

// tile is what a micro-kernel is told, and where it keeps its place: it adds to
// (or sets, from init) tiles of rows of C within one panel or two, one tile after
// the other. Strides are in bytes. The kernels know the fields by place.
type tile struct {
	a, b, c          unsafe.Pointer
	init             unsafe.Pointer // values to begin all rows with; nil: what C holds
	kernel           int            // which: 3 * the number of rows + the kind of columns
	tiles            int            // how many to do
	k, batch, groups int
	arow, acol       int
	brow, bpanel     int
	crow, cpanel     int

	// What to add to the offset in A, B or C after the last k of a batch, the
	// last batch of a group, the last row of a y, the last y of an image.
	abatchBack, agroupBack, bbatchBack, bgroupBack, ayBack, cyBack, aimageBack, cimageBack int

	m, y        int // rows of a y, ys of an image
	left, yLeft int // rows left of this y, ys left of this image
	aat, cat    int // offset of the next row

	batchLeft, groupsLeft int // not done yet in this tile
	lanes                 int // of the last vector
	rows                  [8]uintptr
	mask                  [8]int32 // lanes of the last vector, if not all: words for AVX2, bits for AVX-512

	form form // of the tier, not for the kernels
}

var (
	zeros [2 * Panel]float32
	// masks[together*Panel-n:] has n lanes set, then none.
	masks = func() (m [2 * together * Panel]int32) {
		for i := range together * Panel {
			m[i] = -1
		}
		return m
	}()
)

// packed is room for panels of rows of B. It comes from a pool because a tile
// points to it, which makes the compiler put it on the heap.
type packed [2 * depthPacked * Panel]float32

var rooms = sync.Pool{New: func() any { return new(packed) }}

func productAVX2(p Product, c, a, b, bias []float32, add bool) {
	formAVX2.product(p, c, a, b, bias, add)
}

func productAVX512(p Product, c, a, b, bias []float32, add bool) {
	formAVX512.product(p, c, a, b, bias, add)
}

func (f form) product(p Product, c, a, b, bias []float32, add bool) {
	t := tile{
		arow: 4 * p.ARow, acol: 4 * p.ACol, crow: 4 * p.CRow, cpanel: 4 * p.CPanel, m: p.M, y: p.Y,
		ayBack: 4 * (p.AY - p.M*p.ARow), cyBack: 4 * (p.CY - p.M*p.CRow),
		aimageBack: 4 * (p.AImage - p.Y*p.AY), cimageBack: 4 * (p.CImage - p.Y*p.CY), form: f,
	}
	if p.K == 0 {
		productGo(p, c, a, b, bias, add)
		return
	}
	var room *packed
	depth := depthLong
	if p.BRow > Panel && p.Images*p.Y*p.M >= packFrom {
		room, depth = rooms.Get().(*packed), depthPacked
		defer rooms.Put(room)
	}
	if p.ACol != 1 || room != nil && p.K < depthShort {
		depth = depthShort
	}
	t.product(&p, c, a, b, bias, add, depth, room)
}

// product cuts the sums in blocks of at most depth steps and does these one
// after the other, panel by panel.
func (t *tile) product(p *Product, c, a, b, bias []float32, add bool, depth int, room *packed) {
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
				t.block(p, c, a[g*p.AGroup+n*p.ABatch+i*p.ACol:], b[g*p.BGroup+n*p.BBatch+i*p.BRow:], bias, add, room)
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
func (t *tile) block(p *Product, c, a, b, bias []float32, add bool, room *packed) {
	t.a = unsafe.Pointer(&a[0])
	t.abatchBack = 4 * (p.ABatch - t.k*p.ACol)
	t.agroupBack = 4 * (p.AGroup - t.batch*p.ABatch)
	if room != nil {
		t.brow, t.bpanel, t.bbatchBack, t.bgroupBack = 4*Panel, 4*Panel*t.k*t.batch*t.groups, 0, 0
	} else {
		t.brow, t.bpanel = 4*p.BRow, 4*p.BPanel
		t.bbatchBack = 4 * (p.BBatch - t.k*p.BRow)
		t.bgroupBack = 4 * (p.BGroup - t.batch*p.BBatch)
	}
	step := together * Panel
	if room != nil {
		step = min(step, 4*len(room)/t.bpanel*Panel)
	}
	for first := 0; first < p.N; first += step {
		b, cols := b[first/Panel*p.BPanel:], min(p.N-first, step)
		if room != nil {
			t.pack(room, b, p, cols)
			b = room[:]
		}
		for i := 0; i < cols; i += 2 * t.form.width {
			t.b = unsafe.Add(unsafe.Pointer(&b[0]), i/Panel*t.bpanel)
			t.c = unsafe.Pointer(&c[(first+i)/Panel*p.CPanel])
			switch {
			case add:
				t.init = nil
			case bias != nil:
				t.init = unsafe.Pointer(&bias[first+i])
			default:
				t.init = unsafe.Pointer(&zeros)
			}
			t.columns(p.Images*p.Y*p.M, min(cols-i, 2*t.form.width))
		}
	}
}

// pack copies the block's rows of some panels of a row-major B, of which cols
// columns exist, so that the rows of a panel lie together. Rows that are a power
// of two apart share a few places of the first-level cache, and push one another
// and A out of them.
func (t *tile) pack(room *packed, b []float32, p *Product, cols int) {
	to := 0
	for g := range t.groups {
		for n := range t.batch {
			packAVX2(&room[to], &b[g*p.BGroup+n*p.BBatch], t.k, (cols+Panel-1)/Panel, 4*p.BRow, 4*p.BPanel, t.bpanel, &masks[together*Panel-cols])
			to += t.k * Panel
		}
	}
}

// columns runs the tiles of cols columns. The rows of all images are cut in tiles as
// equal as can be: 7 rows are 4 and 3, not 6 and 1, because the few sums of a
// small tile wait for themselves.
func (t *tile) columns(rows, cols int) {
	kind, width, most := 0, t.form.width, t.form.rows
	switch {
	case cols <= width:
		kind, most = 2, t.form.narrow
		t.setMask(cols)
	case cols < 2*width:
		kind = 1
		t.setMask(cols - width)
	}
	t.aat, t.cat, t.left, t.yLeft = 0, 0, t.m, t.y
	tiles := (rows + most - 1) / most
	small, large := rows/tiles, rows%tiles // rows of a tile, tiles with one more
	t.run(kind, small+1, large)
	t.run(kind, small, tiles-large)
}

func (t *tile) setMask(lanes int) {
	t.lanes = lanes
	if t.form == formAVX2 {
		copy(t.mask[:], masks[together*Panel-lanes:])
	} else {
		t.mask[0] = 1<<lanes - 1
	}
}

// run calls the micro-kernel of a kind (0 for two whole vectors, 1 for more than
// one, 2 for up to one) and a number of rows. A call is at most 16 tiles, some
// 60 µs, because assembly cannot be preempted.
func (t *tile) run(kind, rows, tiles int) {
	t.kernel = 3*rows + kind
	for ; tiles > 0; tiles -= 16 {
		t.tiles = min(tiles, 16)
		if t.form == formAVX2 {
			tilesAVX2((*byte)(unsafe.Pointer(t)))
		} else {
			tilesAVX512((*byte)(unsafe.Pointer(t)))
		}
	}
}
