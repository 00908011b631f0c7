package model

import (
	"fmt"
	"image"

	"squint/internal/parallel"
	"squint/internal/simd"
	"squint/pkg/imageio"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Classifier answers about pictures, with the network in its inference form
// (nn.Network.Inference) and buffers of its own, so each goroutine needs one.
// All that answers with a model does it here: classify, and Predict, from which
// the numbers in reports come.
type Classifier struct {
	m      *Model
	net    *nn.Network
	x      tensor.Batch
	table  imageio.Table
	pixels []uint8   // one picture
	view   []uint8   // one picture as it is looked at
	logits []float32 // [batch][outputs], the mean over the views
}

// NewClassifier returns a classifier for up to batch pictures at a time. The
// model's first one derives the inference form from the weights, and all share
// that: weights that change afterwards are not seen.
func (m *Model) NewClassifier(batch int) (*Classifier, error) {
	m.inference.once.Do(func() { m.inference.net, m.inference.err = m.Net.Inference(0) })
	net, err := m.inference.net, m.inference.err
	if err == nil {
		net, err = net.Replica(batch)
	}
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	s := m.Prep.Size
	return &Classifier{
		m: m, net: net, x: tensor.NewBatch(batch, s, net.Border()), table: m.Prep.Table(),
		pixels: make([]uint8, s.Size()), view: make([]uint8, s.Size()), logits: make([]float32, batch*net.Outputs()),
	}, nil
}

// Spread lets Probs share out large layers over the pool's workers, who have
// nothing else to do meanwhile: for answers about one picture at a time, as soon
// as can be. They stay the same, to the bit.
func (c *Classifier) Spread(pool *parallel.Pool) { c.net.Spread(pool.Threads(), pool.Do) }

// Batch returns how many pictures Probs takes at most.
func (c *Classifier) Batch() int { return c.x.N }

// Probs computes the probabilities dst [n][classes] of n pictures, whose bytes
// [n][H*W*C] are as Prep.Bytes writes them, n ≤ Batch(). It allocates nothing.
//
// Where a network's sums leave the range of floats, which no trained one does,
// it knows nothing about the picture and the answer is the same for each class.
func (c *Classifier) Probs(dst []float32, pixels []uint8, n int) {
	classes, size := len(c.m.Classes), c.x.Size()
	if n > c.Batch() || len(dst) != n*classes || len(pixels) != n*size {
		panic(fmt.Sprintf("model: %d probabilities and %d bytes for %d pictures of %d classes and %d bytes, batch %d",
			len(dst), len(pixels), n, classes, size, c.Batch()))
	}
	if n == 0 {
		return
	}
	views, outputs := c.m.Prep.Views, c.net.Outputs()
	clear(c.logits)
	for v := range views.Count() {
		z := c.look(pixels, n, v)
		for i := range n {
			simd.Axpy(c.logits[i*outputs:(i+1)*outputs], z.Row(i, 0), views.Weight(v))
		}
	}
	for i := range n {
		p := dst[i*classes : (i+1)*classes]
		nn.Probabilities(p, c.logits[i*outputs:(i+1)*outputs], c.net.Output())
		for _, v := range p {
			if !(v >= 0 && v <= 1) {
				fillEqual(p)
				break
			}
		}
	}
}

// look returns the logits of one view of n pictures.
func (c *Classifier) look(pixels []uint8, n, view int) tensor.Batch {
	x := c.x.First(n)
	size, row := x.Size(), x.W*x.C
	for i := range n {
		seen := c.m.Prep.Views.See(c.view, pixels[i*size:(i+1)*size], x.Shape, view)
		for y := range x.H {
			c.table.Floats(x.Row(i, y), seen[y*row:(y+1)*row])
		}
	}
	return c.net.Logits(x, false)
}

func fillEqual(p []float32) {
	for i := range p {
		p[i] = 1 / float32(len(p))
	}
}

// Classify returns the probability of each class for one picture. It may be
// called from several goroutines at once; for many pictures a Classifier for
// each goroutine takes them in batches.
func (m *Model) Classify(img image.Image) ([]float32, error) {
	c, _ := m.idle.Get().(*Classifier)
	if c == nil {
		var err error
		if c, err = m.NewClassifier(1); err != nil {
			return nil, err
		}
	}
	defer m.idle.Put(c)
	if err := m.Prep.Bytes(c.pixels, img); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	probs := make([]float32, len(m.Classes))
	c.Probs(probs, c.pixels, 1)
	return probs, nil
}
