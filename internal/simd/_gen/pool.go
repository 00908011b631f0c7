package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// pools writes what is in simd's pool.go. In those that pool with arg a pixel's last vector may reach into the next
// pixel, whose values are written after it; the Go side leaves out the last pixels.
func (t tier) pools() {
	t.function("maxPool", "func(dst []float32, arg []uint8, top, bottom []float32, c int)", "pools len(dst)/c pixels.")
	dst, arg, top, bottom := pointer("dst"), pointer("arg"), pointer("top"), pointer("bottom")
	n, c, ch, right := length("dst"), Load(Param("c"), GP64()), GP64(), GP64()
	var places []vec
	for i := range 4 {
		places = append(places, t.constant(uint32(i)))
	}
	Label("pixel")
	MOVQ(c, right)
	XORQ(ch, ch)
	Label("channels")
	best, at := t.vec(), t.vec()
	VMOVUPS(Mem{Base: top, Index: ch, Scale: 4}, best)
	VMOVDQA(places[0], at)
	for i, m := range []Mem{{Base: top, Index: right, Scale: 4}, {Base: bottom, Index: ch, Scale: 4}, {Base: bottom, Index: right, Scale: 4}} {
		v, wins := t.vec(), t.vec()
		VMOVUPS(m, v)
		VCMPPS(Imm(greater), best, v, wins)
		VMAXPS(best, v, best)
		VBLENDVPS(wins, places[i+1], at, at)
	}
	VMOVUPS(best, Mem{Base: dst, Index: ch, Scale: 4})
	half := XMM()
	VEXTRACTI128(Imm(1), at, half)
	VPACKSSDW(half, at.AsX(), half)
	VPACKSSWB(half, half, half)
	VMOVQ(half, Mem{Base: arg, Index: ch, Scale: 1})
	ADDQ(Imm(uint64(t.width)), right)
	ADDQ(Imm(uint64(t.width)), ch)
	CMPQ(ch, c)
	JLT(LabelRef("channels"))
	LEAQ(Mem{Base: dst, Index: c, Scale: 4}, dst)
	ADDQ(c, arg)
	LEAQ(Mem{Base: top, Index: c, Scale: 8}, top)
	LEAQ(Mem{Base: bottom, Index: c, Scale: 8}, bottom)
	SUBQ(c, n)
	JG(LabelRef("pixel"))
	t.ret()

	t.function("maxPoolGrad", "func(dtop, dbottom, dy []float32, arg []uint8, c int)", "pools len(dy)/c pixels backwards.")
	dtop, dbottom, dy, arg := pointer("dtop"), pointer("dbottom"), pointer("dy"), pointer("arg")
	n, c, ch = length("dy"), Load(Param("c"), GP64()), GP64()
	places = nil
	for i := range 4 {
		places = append(places, t.constant(uint32(i)))
	}
	Label("pixel")
	for side, label := range []string{"left", "right"} {
		XORQ(ch, ch)
		Label(label)
		d, at, hit := t.vec(), t.vec(), t.vec()
		VMOVUPS(Mem{Base: dy, Index: ch, Scale: 4}, d)
		VPMOVZXBD(Mem{Base: arg, Index: ch, Scale: 1}, at)
		VPCMPEQD(places[side], at, hit)
		VANDPS(d, hit, hit)
		VMOVUPS(hit, Mem{Base: dtop, Index: ch, Scale: 4})
		VPCMPEQD(places[side+2], at, hit)
		VANDPS(d, hit, hit)
		VMOVUPS(hit, Mem{Base: dbottom, Index: ch, Scale: 4})
		ADDQ(Imm(uint64(t.width)), ch)
		CMPQ(ch, c)
		JLT(LabelRef(label))
		LEAQ(Mem{Base: dtop, Index: c, Scale: 4}, dtop)
		LEAQ(Mem{Base: dbottom, Index: c, Scale: 4}, dbottom)
	}
	LEAQ(Mem{Base: dy, Index: c, Scale: 4}, dy)
	ADDQ(c, arg)
	SUBQ(c, n)
	JG(LabelRef("pixel"))
	t.ret()

	t.function("maxPoolScaleShift", "func(dst, top, bottom, scale, shift []float32, floor float32)", "pools len(dst)/C pixels; C = len(scale).")
	dst, top, bottom = pointer("dst"), pointer("top"), pointer("bottom")
	scale, shift, floor := pointer("scale"), pointer("shift"), t.broadcast("floor")
	n, c, ch, right = length("dst"), length("scale"), GP64(), GP64()
	todo, zero := GP64(), t.zero()
	step := func(mask vec) {
		best, v := t.vec(), t.vec()
		load(Mem{Base: top, Index: ch, Scale: 4}, best, mask)
		for _, m := range []Mem{{Base: top, Index: right, Scale: 4}, {Base: bottom, Index: ch, Scale: 4}, {Base: bottom, Index: right, Scale: 4}} {
			load(m, v, mask)
			VMAXPS(best, v, best) // best where either is NaN
		}
		load(Mem{Base: scale, Index: ch, Scale: 4}, v, mask)
		VMULPS(v, best, best)
		load(Mem{Base: shift, Index: ch, Scale: 4}, v, mask)
		VADDPS(v, best, best)
		VMAXPS(best, floor, best)
		VADDPS(zero, best, best)
		store(Mem{Base: dst, Index: ch, Scale: 4}, best, mask)
	}
	Label("pixel")
	MOVQ(c, right)
	MOVQ(c, todo)
	XORQ(ch, ch)
	SUBQ(Imm(uint64(t.width)), todo)
	JLT(LabelRef("rest"))
	align()
	Label("loop")
	step(nil)
	ADDQ(Imm(uint64(t.width)), right)
	ADDQ(Imm(uint64(t.width)), ch)
	SUBQ(Imm(uint64(t.width)), todo)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(uint64(t.width)), todo)
	JZ(LabelRef("next"))
	step(firstLanes(todo))
	Label("next")
	LEAQ(Mem{Base: dst, Index: c, Scale: 4}, dst)
	LEAQ(Mem{Base: top, Index: c, Scale: 8}, top)
	LEAQ(Mem{Base: bottom, Index: c, Scale: 8}, bottom)
	SUBQ(c, n)
	JG(LabelRef("pixel"))
	t.ret()
}
