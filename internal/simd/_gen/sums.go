package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// columnSums writes the rest of a function that sums each channel of some slices
// in float64: it goes down all pixels for 16 channels at a time, then for
// 4, then for the last 1 to 3. add adds one pixel's 4 values of each slice, in float64, to the
// accumulators, one for each slice of sums.
func (t tier) columnSums(in, sums []string, load, store func(m Mem, v, mask vec), size uint8, add func(x, acc []vec)) {
	c, n := length(sums[0]), length(in[0])
	base := map[string]reg.GPVirtual{}
	for _, slice := range append(in, sums...) {
		base[slice] = pointer(slice)
	}
	SHLQ(Imm(2), n)
	stride, done, at := GP64(), GP64(), GP64()
	MOVQ(c, stride)
	SHLQ(Imm(2), stride)
	XORQ(done, done)

	// down writes the loop over the pixels for groups of 4 channels.
	down := func(label string, groups int, mask vec) {
		acc := make([][]vec, groups)
		for g := range acc {
			acc[g] = t.vecs(len(sums))
		}
		inSums := func(do func(m Mem, v, mask vec)) {
			for g := range acc {
				for i, slice := range sums {
					do(Mem{Base: base[slice], Index: done, Scale: size, Disp: 4 * g * int(size)}, acc[g][i], mask)
				}
			}
		}
		inSums(load)
		MOVQ(done, at)
		SHLQ(Imm(2), at)
		Label(label)
		for g := range acc {
			x := t.vecs(len(in))
			for i, slice := range in {
				m := Mem{Base: base[slice], Index: at, Scale: 1, Disp: 16 * g}
				if mask == nil {
					VCVTPS2PD(m, x[i])
				} else {
					four := XMM()
					VMASKMOVPS(m, mask.AsX(), four)
					VCVTPS2PD(four, x[i])
				}
			}
			add(x, acc[g])
		}
		ADDQ(stride, at)
		CMPQ(at, n)
		JLT(LabelRef(label))
		inSums(store)
	}
	for _, groups := range []int{4, 1} {
		block, next := fmt.Sprintf("block%d", groups), fmt.Sprintf("below%d", groups)
		Label(block)
		SUBQ(Imm(uint64(4*groups)), c)
		JLT(LabelRef(next))
		down(fmt.Sprintf("pixel%d", groups), groups, nil)
		ADDQ(Imm(uint64(4*groups)), done)
		JMP(LabelRef(block))
		Label(next)
		ADDQ(Imm(uint64(4*groups)), c)
	}
	JZ(LabelRef("done"))
	down("pixel", 1, firstLanes(c))
	Label("done")
	t.ret()
}

// sums writes the second half of what is in simd's channels.go.
func (t tier) sums() {
	t.function("sumRows", "func(sum, src []float32)", "computes sum[i%C] += src[i], of float64 sums.")
	t.columnSums([]string{"src"}, []string{"sum"},
		func(m Mem, v, mask vec) { VXORPD(v, v, v) },
		func(m Mem, v, mask vec) {
			s, old := XMM(), XMM()
			VCVTPD2PSY(v, s)
			if mask == nil {
				VADDPS(m, s, s)
				VMOVUPS(s, m)
				return
			}
			VMASKMOVPS(m, mask.AsX(), old)
			VADDPS(old, s, s)
			VMASKMOVPS(s, mask.AsX(), m)
		},
		4, func(x, acc []vec) { VADDPD(x[0], acc[0], acc[0]) })

	// mask64 widens a mask of 32-bit lanes.
	mask64 := func(mask vec) vec {
		wide := t.vec()
		VPMOVSXDQ(mask.AsX(), wide)
		return wide
	}
	load64 := func(m Mem, v, mask vec) {
		if mask == nil {
			VMOVUPD(m, v)
		} else {
			VMASKMOVPD(m, mask64(mask), v)
		}
	}
	store64 := func(m Mem, v, mask vec) {
		if mask == nil {
			VMOVUPD(v, m)
		} else {
			VMASKMOVPD(v, mask64(mask), m)
		}
	}
	t.function("moments", "func(sum, sumsq []float64, src []float32)", "computes sum[i%C] += src[i], sumsq[i%C] += src[i]*src[i].")
	t.columnSums([]string{"src"}, []string{"sum", "sumsq"}, load64, store64, 8, func(x, acc []vec) {
		VADDPD(x[0], acc[0], acc[0])
		VFMADD231PD(x[0], x[0], acc[1])
	})
	t.function("dotRows", "func(sumDy, sumDyX []float64, dy, x []float32)", "computes sumDy[i%C] += dy[i], sumDyX[i%C] += dy[i]*x[i].")
	t.columnSums([]string{"dy", "x"}, []string{"sumDy", "sumDyX"}, load64, store64, 8, func(x, acc []vec) {
		VADDPD(x[0], acc[0], acc[0])
		VFMADD231PD(x[0], x[1], acc[1])
	})
}
