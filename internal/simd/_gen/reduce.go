package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// reductions writes what is in simd's reduce.go.
func (t tier) reductions() {
	t.function("sumSq", "func(lanes *[16]float64, x []float32)", "computes lanes[i%16] += x[i]*x[i]; len(x) is a multiple of 16 and not 0.")
	lanes, at, n := Load(Param("lanes"), GP64()), pointer("x"), length("x")
	acc := t.vecs(4)
	for i, a := range acc {
		VMOVUPD(Mem{Base: lanes, Disp: 32 * i}, a)
	}
	align()
	Label("loop")
	for i, a := range acc {
		v := t.vec()
		VCVTPS2PD(Mem{Base: at, Disp: 16 * i}, v)
		VFMADD231PD(v, v, a)
	}
	ADDQ(Imm(64), at)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("loop"))
	for i, a := range acc {
		VMOVUPD(a, Mem{Base: lanes, Disp: 32 * i})
	}
	t.ret()

	t.function("largest", "func(x []float32) uint32", "returns the largest bits of x without their signs; len(x) is a multiple of 8 and not 0.")
	at, n = pointer("x"), length("x")
	unsigned, most, v := t.constant(1<<31-1), t.zero(), t.vec()
	align()
	Label("loop")
	VPAND(Mem{Base: at}, unsigned, v)
	VPMAXSD(v, most, most)
	ADDQ(Imm(32), at)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop"))
	half, other := XMM(), XMM()
	VEXTRACTI128(Imm(1), most, half)
	VPMAXSD(half, most.AsX(), half)
	for _, pick := range []uint64{0b1110, 0b01} {
		VPSHUFD(Imm(pick), half, other)
		VPMAXSD(other, half, half)
	}
	bits := GP32()
	VMOVD(half, bits)
	Store(bits, ReturnIndex(0))
	t.ret()
}
