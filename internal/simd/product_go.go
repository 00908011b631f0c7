package simd

// productGo is the twin of the vector tiers: for each element one sum. It takes
// four columns at a time, because a single sum waits for itself.
func productGo(p Product, c, a, b, bias []float32, add bool) {
	for j := 0; j < p.N; j += 4 {
		panel, lane := j/Panel, j%Panel
		cols := min(4, p.N-j)
		b := b[min(len(b), panel*p.BPanel+lane):]
		for y := range p.Y {
			for i := range p.M {
				o := y*p.CY + i*p.CRow + panel*p.CPanel + lane
				c := c[o : o+cols]
				switch {
				case bias != nil:
					copy(c, bias[j:])
				case !add:
					clear(c)
				}
				a := a[min(len(a), y*p.AY+i*p.ARow):]
				if cols == 4 {
					p.dot4(c, a, b)
					continue
				}
				for l := range c {
					p.dot1(&c[l], a, b[l:])
				}
			}
		}
	}
}

// dot4 adds one row of A times four columns of B to the four values of c.
func (p *Product) dot4(c, a, b []float32) {
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	for n := range p.Batch {
		ia, ib := n*p.ABatch, n*p.BBatch
		for range p.K {
			v, w := a[ia], b[ib:ib+4:ib+4]
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

// dot1 adds one row of A times one column of B to c.
func (p *Product) dot1(c *float32, a, b []float32) {
	s := *c
	for n := range p.Batch {
		ia, ib := n*p.ABatch, n*p.BBatch
		for range p.K {
			s += float32(a[ia] * b[ib])
			ia += p.ACol
			ib += p.BRow
		}
	}
	*c = s
}
