package simd

import "math"

// SGD makes one step of stochastic gradient descent with momentum, as
// torch.optim.SGD does (dampening 0, v starting at 0):
//
//	d = g[i] + decay*w[i]
//	v[i] = momentum*v[i] + d
//	w[i] -= lr * (nesterov ? d + momentum*v[i] : v[i])
func SGD(w, v, g []float32, lr, momentum, decay float32, nesterov bool) {
	sameLen("SGD", len(w), len(v), len(g))
	for i := 0; i < len(w); i += chunk {
		j := min(i+chunk, len(w))
		active.sgd(w[i:j], v[i:j], g[i:j], lr, momentum, decay, nesterov)
	}
}

func sgdGo(w, v, g []float32, lr, momentum, decay float32, nesterov bool) {
	for i, d := range g {
		d += float32(decay * w[i])
		u := float32(momentum*v[i]) + d
		v[i] = u
		if nesterov {
			u = d + float32(momentum*u)
		}
		w[i] -= float32(lr * u)
	}
}

// AdamW makes one step of Adam with decoupled weight decay, as torch.optim.AdamW
// does; c1 and c2 are the bias corrections 1-b1^t and 1-b2^t of step t = 1, 2, …:
//
//	w[i] -= lr*decay*w[i]
//	m[i] += (1-b1) * (g[i]-m[i])
//	v[i] = b2*v[i] + (1-b2)*g[i]*g[i]
//	w[i] -= lr/c1 * m[i] / (sqrt(v[i])/sqrt(c2) + eps)
func AdamW(w, m, v, g []float32, lr, b1, b2, eps, decay, c1, c2 float64) {
	sameLen("AdamW", len(w), len(m), len(v), len(g))
	k := adamWFactors{
		keep: float32(1 - lr*decay),
		e1:   float32(1 - b1),
		b2:   float32(b2),
		e2:   float32(1 - b2), // of float64: 1 - float32(0.999) would be off by 1e-5
		root: float32(math.Sqrt(c2)),
		eps:  float32(eps),
		step: float32(lr / c1),
	}
	for i := 0; i < len(w); i += chunk {
		j := min(i+chunk, len(w))
		active.adamW(w[i:j], m[i:j], v[i:j], g[i:j], k)
	}
}

// adamWFactors is what AdamW's loop multiplies with, the same for all elements.
type adamWFactors struct {
	keep       float32 // 1 - lr*decay
	e1, b2, e2 float32 // 1-b1, b2, 1-b2
	root       float32 // sqrt(c2)
	eps        float32
	step       float32 // lr/c1
}

func adamWGo(w, m, v, g []float32, k adamWFactors) {
	for i, d := range g {
		a := m[i] + float32(k.e1*(d-m[i]))
		s := float32(k.b2*v[i]) + float32(float32(k.e2*d)*d)
		m[i], v[i] = a, s
		root := float32(math.Sqrt(float64(s))) / k.root
		w[i] = float32(k.keep*w[i]) - float32(k.step*a)/(root+k.eps)
	}
}
