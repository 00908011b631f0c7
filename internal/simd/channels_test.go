package simd

import "testing"

// pictures calls f with numbers of channels and pixels: around vectors, blocks
// of channels and chunks.
func pictures(f func(c, pixels int)) {
	for _, c := range []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 15, 16, 17, 19, 20, 23, 24, 31, 32, 33, 48, 63, 64, 65, 100, 130} {
		for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 33, chunk/c + 2} {
			f(c, n)
		}
	}
}

func TestChannelwise(t *testing.T) {
	scaleShift := each(func(a *args, i int) {
		c := len(a.f[2])
		a.f[0][i] = float32(a.f[1][i]*a.f[2][i%c]) + a.f[3][i%c]
	})
	combine := func(dst, dy, x int) func(a *args) {
		return each(func(a *args, i int) {
			c := len(a.f[3])
			a.f[dst][i] = float32(a.f[3][i%c]*a.f[dy][i]) + float32(a.f[4][i%c]*a.f[x][i]) + a.f[5][i%c]
		})
	}
	onTiers(t, func(t *testing.T) {
		pictures(func(c, pixels int) {
			n := c * pixels
			seed := uint64(c*1000 + pixels)
			four := func() *args { return newArgs(seed, []int{n, n, c, c}, nil, nil) }
			oracle{"ScaleShift", func(a *args) { ScaleShift(a.f[0], a.f[1], a.f[2], a.f[3]) }, scaleShift}.check(t, four)
			oracle{"ScaleShift in place", func(a *args) { ScaleShift(a.f[0], a.f[0], a.f[2], a.f[3]) }, func(a *args) {
				x := append([]float32(nil), a.f[0]...)
				scaleShift(&args{f: [][]float32{a.f[0], x, a.f[2], a.f[3]}})
			}}.check(t, four)

			six := func() *args { return newArgs(seed, []int{n, n, n, c, c, c}, nil, nil) }
			oracle{"Combine", func(a *args) { Combine(a.f[0], a.f[1], a.f[2], a.f[3], a.f[4], a.f[5]) }, combine(0, 1, 2)}.check(t, six)
			oracle{"Combine over dy", func(a *args) { Combine(a.f[0], a.f[0], a.f[2], a.f[3], a.f[4], a.f[5]) }, combine(0, 0, 2)}.check(t, six)
			oracle{"Combine over x", func(a *args) { Combine(a.f[0], a.f[1], a.f[0], a.f[3], a.f[4], a.f[5]) }, combine(0, 1, 0)}.check(t, six)

			oracle{"Normalize", func(a *args) { Normalize(a.f[0], a.b[0], a.f[1], a.f[2]) }, each(func(a *args, i int) {
				a.f[0][i] = float32(float32(a.b[0][i])*a.f[1][i%c]) + a.f[2][i%c]
			})}.check(t, func() *args { return newArgs(seed, []int{n, c, c}, nil, []int{n}) })
		})
	})
}

func TestChannelSums(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		pictures(func(c, pixels int) {
			n := c * pixels
			seed := uint64(c*1000 + pixels)
			oracle{"SumRows", func(a *args) { SumRows(a.f[0], a.f[1]) }, func(a *args) {
				sum, src := a.f[0], a.f[1]
				block := max(1, 16384/c) * c
				for i := 0; i < n; i += block {
					end := min(i+block, n)
					wide := c // the values after which a sum meets its channel again
					if c < 16 {
						wide = 8 * c
					}
					whole := i + (end-i)/wide*wide
					part, rest := make([]float64, wide), make([]float64, c)
					for j := i; j < whole; j++ {
						part[(j-i)%wide] += float64(src[j])
					}
					for j := whole; j < end; j++ {
						rest[(j-whole)%c] += float64(src[j])
					}
					for k := range sum {
						eight := 0.0
						for l := k; l < wide; l += c {
							eight += float64(float32(part[l]))
						}
						sum[k] += float32(eight)
						sum[k] += float32(rest[k])
					}
				}
			}}.check(t, func() *args { return newArgs(seed, []int{c, n}, nil, nil) })

			oracle{"Moments", func(a *args) { Moments(a.d[0], a.d[1], a.f[0]) }, each(func(a *args, i int) {
				v := float64(a.f[0][i])
				a.d[0][i%c] += v
				a.d[1][i%c] += v * v
			})}.check(t, func() *args { return newArgs(seed, []int{n}, []int{c, c}, nil) })

			oracle{"DotRows", func(a *args) { DotRows(a.d[0], a.d[1], a.f[0], a.f[1]) }, each(func(a *args, i int) {
				dy, x := float64(a.f[0][i]), float64(a.f[1][i])
				a.d[0][i%c] += dy
				a.d[1][i%c] += dy * x
			})}.check(t, func() *args { return newArgs(seed, []int{n, n}, []int{c, c}, nil) })
		})
	})
}

// TestMomentsVariance is why Moments sums in float64: 100,000 values of mean 100
// and deviation 1 (values ±1 around 100, so the variance is exactly 1). With float32
// sums the difference below comes out as 0 or wildly off.
func TestMomentsVariance(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		const n = 100_000
		x := make([]float32, n)
		for i := range x {
			x[i] = 99 + 2*float32(i%2)
		}
		var sum, sumsq [1]float64
		Moments(sum[:], sumsq[:], x)
		mean := sum[0] / n
		if variance := sumsq[0]/n - mean*mean; variance != 1 || mean != 100 {
			t.Errorf("mean %v, variance %v, want 100 and 1", mean, variance)
		}
	})
}
