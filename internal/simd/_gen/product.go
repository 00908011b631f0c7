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
	tileTiles
	tileK
	tileBatch
	tileGroups
	tileARow
	tileACol
	tileBRow
	tileCRow
	tileABatchBack
	tileAGroupBack
	tileBBatchBack
	tileBGroupBack
	tileAYBack
	tileCYBack
	tileM
	tileLeft
	tileAAt
	tileCAt
	tileRows
	tileMask = tileRows + 6*8
)

// panel is simd.Panel.
const panel = 16

// products writes the micro-kernels of Product: for every number of rows one for
// a whole panel of columns, and one for each number of vectors of which the
// last is masked.
func (t tier) products() {
	for rows := 1; rows <= t.rows; rows++ {
		t.product(rows, panel/t.width, false)
		for vectors := panel / t.width; vectors > 0; vectors-- {
			t.product(rows, vectors, true)
		}
	}
}

func (t tier) product(rows, vectors int, tail bool) {
	name := fmt.Sprintf("tiles%dx%d", rows, vectors*t.width)
	if tail {
		name += "Tail"
	}
	t.function(name, "func(t *byte)", "computes the next tiles of a Product; t is a *tile.")
	args := Load(Param("t"), GP64())
	at := func(disp int) Mem { return Mem{Base: args, Disp: disp} }

	masks := make([]vec, vectors)
	if tail {
		masks[vectors-1] = t.vec()
		VMOVUPS(at(tileMask), masks[vectors-1])
	}

	Label("tile")
	Comment("Find the tile's rows, going on to the next y after M of them.")
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
		same := fmt.Sprintf("same%d", r)
		DECQ(left)
		JNZ(LabelRef(same))
		ADDQ(at(tileAYBack), aoff)
		ADDQ(at(tileCYBack), coff)
		MOVQ(at(tileM), left)
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
	inC := func(do func(m Mem, v, mask vec)) {
		for r := range acc {
			row := GP64()
			MOVQ(at(tileRows+8*r), row)
			for v := range acc[r] {
				do(Mem{Base: row, Disp: 4 * t.width * v}, acc[r][v], masks[v])
			}
		}
	}

	Comment("Begin with the vectors at init, or with what C holds.")
	init := GP64()
	MOVQ(at(tileInit), init)
	TESTQ(init, init)
	JZ(LabelRef("fromC"))
	for v := range vectors {
		load(Mem{Base: init, Disp: 4 * t.width * v}, acc[0][v], masks[v])
		for r := 1; r < rows; r++ {
			VMOVAPS(acc[0][v], acc[r][v])
		}
	}
	JMP(LabelRef("begin"))
	Label("fromC")
	inC(load)

	Label("begin")
	b, k, batch, groups, acol, brow, index := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(at(tileB), b)
	MOVQ(at(tileACol), acol)
	MOVQ(at(tileBRow), brow)
	MOVQ(at(tileGroups), groups)
	XORQ(index, index)

	Label("group")
	MOVQ(at(tileBatch), batch)
	Label("batch")
	MOVQ(at(tileK), k)
	align()
	Label("k")
	bv := t.vecs(vectors)
	for v := range vectors {
		load(Mem{Base: b, Disp: 4 * t.width * v}, bv[v], masks[v])
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
	JNZ(LabelRef("k"))
	ADDQ(at(tileABatchBack), index)
	ADDQ(at(tileBBatchBack), b)
	DECQ(batch)
	JNZ(LabelRef("batch"))
	ADDQ(at(tileAGroupBack), index)
	ADDQ(at(tileBGroupBack), b)
	DECQ(groups)
	JNZ(LabelRef("group"))

	inC(store)
	DECQ(at(tileTiles))
	JNZ(LabelRef("tile"))
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
