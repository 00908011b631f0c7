package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMaxPool2x2(t *testing.T) {
	// window returns the indices of the four places in a row pair, tops first.
	window := func(i, c int) (left, right int) {
		x, ch := i/c, i%c
		return 2*x*c + ch, (2*x+1)*c + ch
	}
	onTiers(t, func(t *testing.T) {
		for _, c := range []int{1, 2, 3, 6, 7, 8, 9, 12, 16, 17, 20, 24, 32, 50} {
			for _, pixels := range []int{0, 1, 2, 3, 5, 14} {
				for odd := range 2 {
					n, wide := pixels*c, (2*pixels+odd)*c
					seed := uint64(c*1000 + pixels*2 + odd)
					oracle{"MaxPool2x2", func(a *args) { MaxPool2x2(a.f[0], a.b[0], a.f[1], a.f[2], c) }, func(a *args) {
						for i := range n {
							l, r := window(i, c)
							four := []float32{a.f[1][l], a.f[1][r], a.f[2][l], a.f[2][r]}
							at := 0
							for k, v := range four {
								if v > four[at] {
									at = k
								}
							}
							a.f[0][i], a.b[0][i] = four[at], uint8(at)
						}
					}}.check(t, func() *args { return newArgs(seed, []int{n, wide, wide}, nil, []int{n}) })

					oracle{"MaxPool2x2Grad", func(a *args) { MaxPool2x2Grad(a.f[0], a.f[1], a.f[2], a.b[0], c) }, func(a *args) {
						clear(a.f[0])
						clear(a.f[1])
						for i := range n {
							l, r := window(i, c)
							at := []*float32{&a.f[0][l], &a.f[0][r], &a.f[1][l], &a.f[1][r]}
							*at[a.b[0][i]] = a.f[2][i]
						}
					}}.check(t, func() *args {
						a := newArgs(seed, []int{wide, wide, n}, nil, []int{n})
						rng := rand.New(rand.NewPCG(seed, 5))
						for i := range a.b[0] {
							a.b[0][i] = uint8(rng.IntN(4))
						}
						return a
					})
				}
			}
		}
	})
}

// One pass gives what MaxPool2x2, ScaleShift and ReLU give one after the other.
func TestMaxPool2x2ScaleShift(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		for _, c := range []int{1, 2, 3, 6, 7, 8, 9, 12, 16, 17, 20, 24, 32, 50, 256, chunk + 3} {
			for _, pixels := range []int{0, 1, 2, 3, 14, 130} {
				if pixels > 3 && c > 256 {
					continue
				}
				for odd := range 2 {
					n, wide := pixels*c, (2*pixels+odd)*c
					for _, floor := range []float32{0, float32(math.Inf(-1))} {
						oracle{"MaxPool2x2ScaleShift", func(a *args) {
							MaxPool2x2ScaleShift(a.f[0], a.f[1], a.f[2], a.f[3], a.f[4], floor)
						}, func(a *args) {
							MaxPool2x2(a.f[0], make([]uint8, n), a.f[1], a.f[2], c)
							ScaleShift(a.f[0], a.f[0], a.f[3], a.f[4])
							for i, v := range a.f[0] {
								a.f[0][i] = max(v, floor) + 0
							}
						}}.check(t, func() *args {
							return newArgs(uint64(c*1000+pixels*2+odd), []int{n, wide, wide, c, c}, nil, nil)
						})
					}
				}
			}
		}
	})
}
