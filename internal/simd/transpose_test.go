package simd

import (
	"math/rand/v2"
	"testing"
)

func TestTranspose(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		for rows := range 35 {
			for _, cols := range []int{0, 1, 7, 8, 9, 15, 16, 17, 40, 1030} {
				for spare := range 3 {
					lds, ldd := cols+spare, rows+2*spare
					rng := rand.New(rand.NewPCG(uint64(rows), uint64(cols)))
					src, _ := guarded(rng, max(0, (rows-1)*lds+cols))
					dst, intact := guarded(rng, max(0, (cols-1)*ldd+rows))
					want := append([]float32(nil), dst...) // what lies between rows stays
					for r := range rows {
						for c := range cols {
							want[c*ldd+r] = src[r*lds+c]
						}
					}
					Transpose(dst, ldd, src, lds, rows, cols)
					if d := sameBits(dst, want); d != "" || !intact() {
						t.Fatalf("%d×%d, %d spare: dst%s, guards intact: %v", rows, cols, spare, d, intact())
					}
				}
			}
		}
	})
}
