package main

import . "github.com/mmcloughlin/avo/build"

// optimizers writes what is in simd's optim.go.
func (t tier) optimizers() {
	for _, nesterov := range []bool{false, true} {
		name := "sgd"
		if nesterov {
			name = "sgdNesterov"
		}
		t.function(name, "func(w, v, g []float32, lr, momentum, decay float32)", "is one step of SGD.")
		lr, momentum, decay := t.broadcast("lr"), t.broadcast("momentum"), t.broadcast("decay")
		t.pointwise([]string{"w", "v", "g"}, []string{"w", "v"}, func(x []vec) []vec {
			w, v, d, u := x[0], x[1], x[2], t.vec()
			VMULPS(decay, w, u)
			VADDPS(u, d, d)
			VMULPS(momentum, v, v)
			VADDPS(d, v, v)
			if nesterov {
				VMULPS(momentum, v, u)
				VADDPS(u, d, u)
				VMULPS(lr, u, u)
			} else {
				VMULPS(lr, v, u)
			}
			VSUBPS(u, w, w)
			return []vec{w, v}
		})
	}

	t.function("adamW", "func(w, m, v, g []float32, keep, e1, b2, e2, root, eps, step float32)", "is one step of AdamW.")
	keep, e1, b2, e2 := t.broadcast("keep"), t.broadcast("e1"), t.broadcast("b2"), t.broadcast("e2")
	root, eps, step := t.broadcast("root"), t.broadcast("eps"), t.broadcast("step")
	t.pointwise([]string{"w", "m", "v", "g"}, []string{"w", "m", "v"}, func(x []vec) []vec {
		w, m, v, g, d := x[0], x[1], x[2], x[3], t.vec()
		VSUBPS(m, g, d)
		VMULPS(e1, d, d)
		VADDPS(d, m, m)
		VMULPS(e2, g, d)
		VMULPS(g, d, d)
		VMULPS(b2, v, v)
		VADDPS(d, v, v)
		VSQRTPS(v, d)
		VDIVPS(root, d, d)
		VADDPS(eps, d, d)
		VMULPS(step, m, g)
		VDIVPS(d, g, g)
		VMULPS(keep, w, w)
		VSUBPS(g, w, w)
		return []vec{w, m, v}
	})
}
