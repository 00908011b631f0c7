package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of simd.tile, in their order.
const (
	tileA = 8 * iota
	tileB
	tileC
	tileInit
	tileKernel
	tileTiles
	tileK
	tileBatch
	tileGroups
	tileARow
	tileACol
	tileBRow
	tileBPanel
	tileCRow
	tileCPanel
	tileABatchBack
	tileAGroupBack
	tileBBatchBack
	tileBGroupBack
	tileAYBack
	tileCYBack
	tileAImageBack
	tileCImageBack
	tileM
	tileY
	tileLeft
	tileYLeft
	tileAAt
	tileCAt
	tileBatchLeft
	tileGroupsLeft
	tileLanes
	tileRows
	tileMask = tileRows + 8*8
)

// panel is simd.Panel.
const panel = 16

// tiles writes the micro-kernels of Product into one function: for every number
// of rows one for two whole vectors of columns, one for two and one for one of
// which the last is masked. The largest tiles, which do most of the work, come first.
func (t tier) tiles() {
	t.function("tiles", "func(t *byte)", "computes the next tiles of a Product; t is a *tile.")
	args, kernel := Load(Param("t"), GP64()).(reg.GPVirtual), GP64()
	MOVQ(Mem{Base: args, Disp: tileKernel}, kernel)
	for rows := t.narrow; rows > 0; rows-- {
		for kind, name := range []string{"whole", "two", "one"} {
			if rows > t.rows && kind < 2 {
				continue
			}
			name = fmt.Sprintf("%s%d", name, rows)
			CMPQ(kernel, Imm(uint64(3*rows+kind)))
			JNE(LabelRef("not_" + name))
			t.tile(args, name, rows, 2-kind/2, kind > 0)
			Label("not_" + name)
		}
	}
	RET()
}

// tile writes one micro-kernel, whose labels begin with name.
func (t tier) tile(args reg.GPVirtual, name string, rows, vectors int, tail bool) {
	label := func(s string) string { return name + "_" + s }
	at := func(disp int) Mem { return Mem{Base: args, Disp: disp} }
	// panels returns where a row's vectors lie: the second in the same panel
	// as the first or, where a vector is a panel, in the next one.
	panels := func(row reg.GPVirtual, stride int) []Mem {
		ms := []Mem{{Base: row}, {Base: row, Disp: 4 * t.width}}[:vectors]
		if vectors == 2 && t.width == panel {
			next := GP64()
			MOVQ(at(stride), next)
			ms[1] = Mem{Base: row, Index: next, Scale: 1}
		}
		return ms
	}
	masks := make([]Op, vectors)
	if tail {
		masks[vectors-1] = t.mask(at(tileMask))
	}

	Label(label("tile"))
	Comment("Find the tile's rows, going on to the next y after M of them, to the next image after Y of those.")
	a := make([]reg.GPVirtual, rows)
	abase, cbase, aoff, coff, left, row := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(at(tileA), abase)
	MOVQ(at(tileC), cbase)
	MOVQ(at(tileAAt), aoff)
	MOVQ(at(tileCAt), coff)
	MOVQ(at(tileLeft), left)
	for r := range rows {
		a[r] = GP64()
		LEAQ(Mem{Base: abase, Index: aoff, Scale: 1}, a[r])
		LEAQ(Mem{Base: cbase, Index: coff, Scale: 1}, row)
		MOVQ(row, at(tileRows+8*r))
		ADDQ(at(tileARow), aoff)
		ADDQ(at(tileCRow), coff)
		same := label(fmt.Sprintf("same%d", r))
		DECQ(left)
		JNZ(LabelRef(same))
		ADDQ(at(tileAYBack), aoff)
		ADDQ(at(tileCYBack), coff)
		MOVQ(at(tileM), left)
		DECQ(at(tileYLeft))
		JNZ(LabelRef(same))
		ADDQ(at(tileAImageBack), aoff)
		ADDQ(at(tileCImageBack), coff)
		MOVQ(at(tileY), row)
		MOVQ(row, at(tileYLeft))
		Label(same)
	}
	MOVQ(aoff, at(tileAAt))
	MOVQ(coff, at(tileCAt))
	MOVQ(left, at(tileLeft))

	acc := make([][]vec, rows)
	for r := range acc {
		acc[r] = t.vecs(vectors)
	}
	// inC visits the accumulators and the places in C they stand for.
	inC := func(do func(m Mem, v vec, mask Op)) {
		for r := range acc {
			row := GP64()
			MOVQ(at(tileRows+8*r), row)
			for v, m := range panels(row, tileCPanel) {
				do(m, acc[r][v], masks[v])
			}
		}
	}

	Comment("Begin with the vectors at init, or with what C holds.")
	init := GP64()
	MOVQ(at(tileInit), init)
	TESTQ(init, init)
	JZ(LabelRef(label("fromC")))
	for v := range vectors {
		load(Mem{Base: init, Disp: 4 * t.width * v}, acc[0][v], masks[v])
		for r := 1; r < rows; r++ {
			VMOVAPS(acc[0][v], acc[r][v])
		}
	}
	JMP(LabelRef(label("begin")))
	Label(label("fromC"))
	inC(load)

	Label(label("begin"))
	b, k, count, acol, brow, index := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(at(tileB), b)
	bs := panels(b, tileBPanel)
	MOVQ(at(tileACol), acol)
	MOVQ(at(tileBRow), brow)
	MOVQ(at(tileGroups), count)
	MOVQ(count, at(tileGroupsLeft))
	XORQ(index, index)

	Label(label("group"))
	MOVQ(at(tileBatch), count)
	MOVQ(count, at(tileBatchLeft))
	Label(label("batch"))
	MOVQ(at(tileK), k)
	align()
	Label(label("k"))
	bv := t.vecs(vectors)
	for v, m := range bs {
		load(m, bv[v], masks[v])
	}
	for r := range rows {
		av := t.vec()
		VBROADCASTSS(Mem{Base: a[r], Index: index, Scale: 1}, av)
		for v := range vectors {
			VFMADD231PS(av, bv[v], acc[r][v])
		}
	}
	ADDQ(acol, index)
	ADDQ(brow, b)
	DECQ(k)
	JNZ(LabelRef(label("k")))
	ADDQ(at(tileABatchBack), index)
	ADDQ(at(tileBBatchBack), b)
	DECQ(at(tileBatchLeft))
	JNZ(LabelRef(label("batch")))
	ADDQ(at(tileAGroupBack), index)
	ADDQ(at(tileBGroupBack), b)
	DECQ(at(tileGroupsLeft))
	JNZ(LabelRef(label("group")))

	if tail && t.width == 8 {
		n := GP64()
		MOVQ(at(tileLanes), n)
		for r := range acc {
			row := GP64()
			MOVQ(at(tileRows+8*r), row)
			ms := panels(row, tileCPanel)
			for v, m := range ms[:vectors-1] {
				VMOVUPS(acc[r][v], m)
			}
			storeLanes(ms[vectors-1], acc[r][vectors-1], row, n, label(fmt.Sprint("row", r)))
		}
	} else {
		inC(store)
	}
	DECQ(at(tileTiles))
	JNZ(LabelRef(label("tile")))
	t.ret()
}

// pack writes the function that copies rows of a row-major matrix to panels.
func (t tier) pack() {
	t.function("pack", "func(dst, src *float32, rows, panels, srcRow, srcPanel, dstPanel int, mask *int32)",
		"copies rows of panels, where all bits of mask are set, to rows that lie together; strides are in bytes.")
	get := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	dst, src, rows, panels, srcRow := get("dst"), get("src"), get("rows"), get("panels"), get("srcRow")
	srcPanel, dstPanel, mask := get("srcPanel"), get("dstPanel"), get("mask")
	from, to, lanes, left := GP64(), GP64(), GP64(), GP64()
	Label("row")
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(mask, lanes)
	MOVQ(panels, left)
	align()
	Label("panel")
	for i := 0; i < 4*panel; i += 4 * t.width {
		v, lane := t.vec(), t.vec()
		load(Mem{Base: lanes, Disp: i}, lane, nil)
		load(Mem{Base: from, Disp: i}, v, lane)
		store(Mem{Base: to, Disp: i}, v, nil)
	}
	ADDQ(srcPanel, from)
	ADDQ(dstPanel, to)
	ADDQ(Imm(4*panel), lanes)
	DECQ(left)
	JNZ(LabelRef("panel"))
	ADDQ(srcRow, src)
	ADDQ(Imm(4*panel), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	t.ret()
}

// peak writes a loop of nothing but multiply-adds, to measure against.
func (t tier) peak() {
	t.function("peak", "func(n int)", fmt.Sprintf("does n times 10 independent fused multiply-adds on %d lanes.", t.width))
	n := Load(Param("n"), GP64())
	acc := t.vecs(10)
	for _, v := range acc {
		VXORPS(v, v, v)
	}
	align()
	Label("loop")
	for _, v := range acc {
		VFMADD231PS(v, v, v)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	t.ret()
}
