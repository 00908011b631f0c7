package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// channelwise writes the rest of a function that goes through slices pixel by
// pixel with other slices of one value a channel beside them. read loads from the
// slices in, of values of so many bytes; body makes the vector for out from these and those of
// the channels. The last pixel may be cut short. Bytes must come in whole vectors.
func (t tier) channelwise(in []string, out string, channels []string, read func(m Mem, v vec, mask Op), bytes uint8, body func(x, c []vec) vec) {
	n, c, todo, at := length(out), length(channels[0]), GP64(), GP64()
	base := map[string]reg.GPVirtual{out: pointer(out)}
	for _, slice := range append(in, channels...) {
		base[slice] = pointer(slice)
	}
	step := func(mask vec) {
		x, cs := t.vecs(len(in)), t.vecs(len(channels))
		for i, slice := range in {
			read(Mem{Base: base[slice], Index: at, Scale: bytes}, x[i], mask)
		}
		for i, slice := range channels {
			load(Mem{Base: base[slice], Index: at, Scale: 4}, cs[i], mask)
		}
		store(Mem{Base: base[out], Index: at, Scale: 4}, body(x, cs), mask)
	}

	Label("pixel")
	CMPQ(n, c)
	CMOVQLT(n, c)
	MOVQ(c, todo)
	XORQ(at, at)
	SUBQ(Imm(uint64(t.width)), todo)
	if bytes == 4 {
		JLT(LabelRef("rest"))
	}
	align()
	Label("loop")
	step(nil)
	ADDQ(Imm(uint64(t.width)), at)
	SUBQ(Imm(uint64(t.width)), todo)
	JGE(LabelRef("loop"))
	if bytes == 4 {
		Label("rest")
		ADDQ(Imm(uint64(t.width)), todo)
		JZ(LabelRef("next"))
		step(firstLanes(todo))
		Label("next")
	}
	for _, slice := range in {
		LEAQ(Mem{Base: base[slice], Index: c, Scale: bytes}, base[slice])
	}
	LEAQ(Mem{Base: base[out], Index: c, Scale: 4}, base[out])
	SUBQ(c, n)
	JNZ(LabelRef("pixel"))
	t.ret()
}

// channels writes the first half of what is in simd's channels.go.
func (t tier) channels() {
	multiplyAdd := func(x, c []vec) vec {
		VMULPS(c[0], x[0], x[0])
		VADDPS(c[1], x[0], x[0])
		return x[0]
	}
	t.function("scaleShift", "func(dst, src, scale, shift []float32)", "computes dst[i] = src[i]*scale[i%C] + shift[i%C].")
	t.channelwise([]string{"src"}, "dst", []string{"scale", "shift"}, load, 4, multiplyAdd)

	t.function("combine", "func(dx, dy, x, a, b, d []float32)", "computes dx[i] = a[i%C]*dy[i] + b[i%C]*x[i] + d[i%C].")
	t.channelwise([]string{"dy", "x"}, "dx", []string{"a", "b", "d"}, load, 4, func(x, c []vec) vec {
		VMULPS(c[0], x[0], x[0])
		VMULPS(c[1], x[1], x[1])
		VADDPS(x[1], x[0], x[0])
		VADDPS(c[2], x[0], x[0])
		return x[0]
	})

	t.function("normalize", "func(dst []float32, src []uint8, scale, shift []float32)",
		"computes dst[i] = src[i]*scale[i%C] + shift[i%C] where C and all lengths are multiples of 8.")
	widen := func(m Mem, v vec, mask Op) {
		VPMOVZXBD(m, v)
		VCVTDQ2PS(v, v)
	}
	t.channelwise([]string{"src"}, "dst", []string{"scale", "shift"}, widen, 1, multiplyAdd)
}
