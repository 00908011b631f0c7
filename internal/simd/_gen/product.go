package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets in simd.tile, in bytes; TestTileLayout compares them.
const (
	tileA     = 0
	tileC     = 48
	tileB     = 96
	tileInit  = 104
	tileK     = 112
	tileBatch = 120
	tileACol  = 128
	tileBRow  = 136
	tileABack = 144
	tileBBack = 152
	tileMask  = 160
)

// products writes the micro-kernels of Product: for every number of rows one for
// a whole panel of columns, one for a panel with a masked second half, and one for a
// masked first half alone.
func (t tier) products() {
	for rows := 1; rows <= t.rows; rows++ {
		t.product("tile%dx16", rows, 2, false)
		t.product("tile%dx16Tail", rows, 2, true)
		t.product("tile%dx8Tail", rows, 1, true)
	}
}

func (t tier) product(name string, rows, vectors int, tail bool) {
	t.function(fmt.Sprintf(name, rows), "func(t *byte)", "computes one tile of a Product; t is a *tile.")
	args := Load(Param("t"), GP64())
	at := func(disp int) Mem { return Mem{Base: args, Disp: disp} }

	masks := make([]reg.VecVirtual, vectors)
	if tail {
		masks[vectors-1] = t.vec()
		VMOVUPS(at(tileMask), masks[vectors-1])
	}
	acc := make([][]reg.VecVirtual, rows)
	for r := range acc {
		acc[r] = t.vecs(vectors)
	}
	// row visits the accumulators of row r and the places in C they stand for.
	row := func(r int, f func(m Mem, v, mask reg.VecVirtual)) {
		c := GP64()
		MOVQ(at(tileC+8*r), c)
		for v := range vectors {
			f(Mem{Base: c, Disp: 4 * t.width * v}, acc[r][v], masks[v])
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
	for r := range rows {
		row(r, load)
	}

	Label("begin")
	a := make([]reg.GPVirtual, rows)
	for r := range a {
		a[r] = GP64()
		MOVQ(at(tileA+8*r), a[r])
	}
	b, k, batch, acol, brow, index := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(at(tileB), b)
	MOVQ(at(tileACol), acol)
	MOVQ(at(tileBRow), brow)
	MOVQ(at(tileBatch), batch)
	XORQ(index, index)

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
	ADDQ(at(tileABack), index)
	ADDQ(at(tileBBack), b)
	DECQ(batch)
	JNZ(LabelRef("batch"))

	for r := range rows {
		row(r, store)
	}
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
