package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pointwise writes the rest of a function that treats all places of some slices alike. The
// slices in are read, those in out written; body makes the vectors to write
// from those read. It is used twice, for whole vectors and for the rest.
func (t tier) pointwise(in, out []string, body func(x []vec) []vec) {
	n, at := length(out[0]), GP64()
	base := map[string]reg.GPVirtual{}
	for _, slice := range append(in, out...) {
		if _, ok := base[slice]; !ok {
			base[slice] = pointer(slice)
		}
	}
	step := func(mask vec) {
		x := t.vecs(len(in))
		for i, slice := range in {
			load(Mem{Base: base[slice], Index: at, Scale: 1}, x[i], mask)
		}
		for i, v := range body(x) {
			store(Mem{Base: base[out[i]], Index: at, Scale: 1}, v, mask)
		}
	}
	XORQ(at, at)
	SUBQ(Imm(uint64(t.width)), n)
	JLT(LabelRef("rest"))
	align()
	Label("loop")
	step(nil)
	ADDQ(Imm(uint64(4*t.width)), at)
	SUBQ(Imm(uint64(t.width)), n)
	JGE(LabelRef("loop"))
	Label("rest")
	ADDQ(Imm(uint64(t.width)), n)
	JZ(LabelRef("done"))
	step(firstLanes(n))
	Label("done")
	t.ret()
}

// vectors writes what is in simd's vector.go.
func (t tier) vectors() {
	t.function("add", "func(dst, src []float32)", "computes dst[i] += src[i].")
	t.pointwise([]string{"dst", "src"}, []string{"dst"}, func(x []vec) []vec {
		VADDPS(x[1], x[0], x[0])
		return x[:1]
	})

	t.function("axpy", "func(dst, src []float32, a float32)", "computes dst[i] += a*src[i].")
	a := t.broadcast("a")
	t.pointwise([]string{"dst", "src"}, []string{"dst"}, func(x []vec) []vec {
		VMULPS(a, x[1], x[1])
		VADDPS(x[1], x[0], x[0])
		return x[:1]
	})

	t.function("scale", "func(dst []float32, a float32)", "computes dst[i] *= a.")
	a = t.broadcast("a")
	t.pointwise([]string{"dst"}, []string{"dst"}, func(x []vec) []vec {
		VMULPS(a, x[0], x[0])
		return x
	})

	t.function("ema", "func(avg, w []float32, d, e float32)", "computes avg[i] = d*avg[i] + e*w[i].")
	d, e := t.broadcast("d"), t.broadcast("e")
	t.pointwise([]string{"avg", "w"}, []string{"avg"}, func(x []vec) []vec {
		VMULPS(d, x[0], x[0])
		VMULPS(e, x[1], x[1])
		VADDPS(x[1], x[0], x[0])
		return x[:1]
	})

	t.function("relu", "func(dst, src []float32)", "computes dst[i] = max(src[i], 0).")
	zero := t.zero()
	t.pointwise([]string{"src"}, []string{"dst"}, func(x []vec) []vec {
		VMAXPS(x[0], zero, x[0]) // x where it is NaN or any zero,
		VADDPS(zero, x[0], x[0]) // the positive one after this
		return x
	})

	t.function("addReLU", "func(dst, a, b []float32)", "computes dst[i] = max(a[i]+b[i], 0).")
	zero = t.zero()
	t.pointwise([]string{"a", "b"}, []string{"dst"}, func(x []vec) []vec {
		VADDPS(x[1], x[0], x[0])
		VMAXPS(x[0], zero, x[0])
		VADDPS(zero, x[0], x[0])
		return x[:1]
	})

	t.function("reluGrad", "func(dx, dy, y []float32)", "computes dx[i] = dy[i] if y[i] > 0, else 0.")
	zero = t.zero()
	t.pointwise([]string{"dy", "y"}, []string{"dx"}, func(x []vec) []vec {
		VCMPPS(Imm(greater), zero, x[1], x[1])
		VANDPS(x[1], x[0], x[0])
		return x[:1]
	})
}

// greater is VCMPPS's ordered, quiet >.
const greater = 0x1e

func (t tier) zero() vec {
	v := t.vec()
	VXORPS(v, v, v)
	return v
}
