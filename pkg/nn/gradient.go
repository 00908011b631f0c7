package nn

// Gradient is one gradient by all weights of a network and its replicas. With
// Use, a few replicas, as many as there are threads, can fill many gradients.
type Gradient struct {
	// G is laid out as Network.W is.
	G []float32

	kept []*Kept // of each parameter, nil where there is no Late
}

// Kept is what a layer needs of one pass to add its gradient later.
type Kept struct {
	N    int // examples of the pass, 0 for none
	Data []float32
}

// NewGradient returns a gradient of zeros.
func (n *Network) NewGradient() *Gradient {
	g := &Gradient{G: make([]float32, len(n.W))}
	for _, p := range n.Params() {
		var k *Kept
		if p.Late != nil {
			k = &Kept{Data: make([]float32, p.KeepLen)}
		}
		g.kept = append(g.kept, k)
	}
	return g
}

// Kept returns what was kept for parameter i at the last pass that Use wanted
// late, nil where it has no Late.
func (g *Gradient) Kept(i int) *Kept { return g.kept[i] }

// Drop forgets what was kept.
func (g *Gradient) Drop() {
	for _, k := range g.kept {
		if k != nil {
			k.N = 0
		}
	}
}

// Use makes the following Backwards add to g, and, where late is set, keep what
// can be added later.
func (n *Network) Use(g *Gradient, late bool) {
	n.G = g.G
	at := 0
	for i, p := range n.Params() {
		p.G, p.Kept = g.G[at:at+p.Span():at+p.Span()], nil
		if late {
			p.Kept = g.kept[i]
		}
		at += p.Span()
	}
}
