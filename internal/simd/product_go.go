package simd

// productGo is the twin of the vector tiers: one sum for each element. It takes
// four columns at a time, because a single sum waits for itself.
func productGo(p Product, c, a, b, bias []float32, add bool) {
	for j := 0; j < p.N; j += 4 {
		panel, lane, cols := j/Panel, j%Panel, min(4, p.N-j)
		for y := range p.Images * p.Y {
			m, y := y/p.Y, y%p.Y
			for i := range p.M {
				at := m*p.CImage + y*p.CY + i*p.CRow + panel*p.CPanel + lane
				c := c[at : at+cols]
				switch {
				case bias != nil:
					copy(c, bias[j:])
				case !add:
					clear(c)
				}
				ia, ib := m*p.AImage+y*p.AY+i*p.ARow, panel*p.BPanel+lane
				if cols == 4 {
					p.dot4(c, a, b, ia, ib)
					continue
				}
				for l := range c {
					p.dot1(&c[l], a, b, ia, ib+l)
				}
			}
		}
	}
}

// dot4 adds a row of A, from a[ia], times four columns of B, from b[ib], to c.
func (p *Product) dot4(c, a, b []float32, ia, ib int) {
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	for n := range p.Groups * p.Batch {
		g, n := n/p.Batch, n%p.Batch
		ia, ib := ia+g*p.AGroup+n*p.ABatch, ib+g*p.BGroup+n*p.BBatch
		for range p.K {
			v, w := a[ia], (*[4]float32)(b[ib:])
			// The conversions forbid a fused multiply-add: same bits on all machines.
			c0 += float32(v * w[0])
			c1 += float32(v * w[1])
			c2 += float32(v * w[2])
			c3 += float32(v * w[3])
			ia += p.ACol
			ib += p.BRow
		}
	}
	c[0], c[1], c[2], c[3] = c0, c1, c2, c3
}

// dot1 adds a row of A, from a[ia], times one column of B, from b[ib], to c.
func (p *Product) dot1(c *float32, a, b []float32, ia, ib int) {
	sum := *c
	for n := range p.Groups * p.Batch {
		g, n := n/p.Batch, n%p.Batch
		ia, ib := ia+g*p.AGroup+n*p.ABatch, ib+g*p.BGroup+n*p.BBatch
		for range p.K {
			sum += float32(a[ia] * b[ib])
			ia += p.ACol
			ib += p.BRow
		}
	}
	*c = sum
}
