package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose writes a strip of 8 rows of a matrix to 8 columns of another, in
// blocks of 8×8.
func (t tier) transpose() {
	t.function("transpose", "func(dst *float32, ldd int, src *float32, lds, blocks int)",
		"transposes 8 rows of 8*blocks values; ldd and lds are in bytes.")
	get := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	dst, ldd, src, lds, blocks := get("dst"), get("ldd"), get("src"), get("lds"), get("blocks")
	// rows returns where the 8 rows from base begin.
	rows := func(base, stride reg.GPVirtual) []Mem {
		fourth, three := GP64(), GP64()
		LEAQ(Mem{Base: base, Index: stride, Scale: 4}, fourth)
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, three)
		var ms []Mem
		for _, b := range []reg.GPVirtual{base, fourth} {
			ms = append(ms, Mem{Base: b}, Mem{Base: b, Index: stride, Scale: 1}, Mem{Base: b, Index: stride, Scale: 2}, Mem{Base: b, Index: three, Scale: 1})
		}
		return ms
	}
	from := rows(src, lds)
	align()
	Label("block")
	to := rows(dst, ldd)
	for half := range 2 { // 4 columns of src
		var v, pairs [4]vec
		for r := range v { // row r, and row r+4 in the upper lanes
			v[r], pairs[r] = t.vec(), t.vec()
			VMOVUPS(from[r].Offset(16*half), v[r].AsX())
			VINSERTF128(Imm(1), from[r+4].Offset(16*half), v[r], v[r])
		}
		VUNPCKLPS(v[1], v[0], pairs[0])
		VUNPCKHPS(v[1], v[0], pairs[1])
		VUNPCKLPS(v[3], v[2], pairs[2])
		VUNPCKHPS(v[3], v[2], pairs[3])
		for c := range v {
			VSHUFPS(Imm([]uint64{0x44, 0xee}[c%2]), pairs[c/2+2], pairs[c/2], v[c])
			VMOVUPS(v[c], to[4*half+c])
		}
	}
	for _, base := range []reg.Register{from[0].Base, from[4].Base} {
		ADDQ(Imm(32), base)
	}
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 8}, dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	t.ret()
}
