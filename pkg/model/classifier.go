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

	features []float32 // [batch][features], the mean over the views; nil where nothing needs them
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
	c := &Classifier{
		m: m, net: net, x: tensor.NewBatch(batch, s, net.Border()), table: m.Prep.Table(),
		pixels: make([]uint8, s.Size()), view: make([]uint8, s.Size()), logits: make([]float32, batch*net.Outputs()),
	}
	if m.Trust != nil && m.Trust.Prototypes != nil {
		c.features = make([]float32, batch*net.FeatureShape().Size())
	}
	return c, nil
}

// Spread lets Probs share out large layers over the pool's workers, who have
// nothing else to do meanwhile, for answers about one picture at a time as soon
// as can be; with nil, Probs works alone again. Answers are the same, to the bit.
func (c *Classifier) Spread(pool *parallel.Pool) {
	if pool == nil {
		c.net.Spread(1, nil)
		return
	}
	c.net.Spread(pool.Threads(), pool.Do)
}

// Batch returns how many pictures Probs takes at most.
func (c *Classifier) Batch() int { return c.x.N }

// Probs computes the probabilities dst [n][classes] of n pictures, whose bytes
// [n][H*W*C] are as Prep.Bytes writes them, n ≤ Batch(). They are calibrated
// where the model has a calibration. It allocates nothing.
//
// Where a network's sums leave the range of floats, which no trained one does,
// it knows nothing about the picture and the answer is the same for each class.
func (c *Classifier) Probs(dst []float32, pixels []uint8, n int) { c.Answers(dst, nil, pixels, n) }

// Answers is Probs that also writes how familiar each picture is to familiar,
// [n] or nil: what eval.Rule.Unsure wants to know. Without prototypes all are 0.
func (c *Classifier) Answers(dst, familiar []float32, pixels []uint8, n int) {
	classes := len(c.m.Classes)
	if len(dst) != n*classes || familiar != nil && len(familiar) != n {
		panic(fmt.Sprintf("model: %d probabilities and %d familiarities for %d pictures of %d classes", len(dst), len(familiar), n, classes))
	}
	c.see(pixels, n)
	outputs := c.net.Outputs()
	for i := range n {
		z, p := c.logits[i*outputs:(i+1)*outputs], dst[i*classes:(i+1)*classes]
		if c.m.Trust != nil {
			c.m.Trust.Calibration.Apply(z)
		}
		nn.Probabilities(p, z, c.net.Output())
		for _, v := range p {
			if !(v >= 0 && v <= 1) {
				fillEqual(p)
				break
			}
		}
	}
	for i := range familiar {
		familiar[i] = 0
		if c.features != nil {
			d := len(c.features) / c.x.N
			familiar[i] = c.m.Trust.Prototypes.Familiarity(c.features[i*d : (i+1)*d])
		}
	}
}

// see sets c.logits and, where there is room for them, c.features of n
// pictures, averaged over the views.
func (c *Classifier) see(pixels []uint8, n int) {
	if size := c.x.Size(); n > c.Batch() || len(pixels) != n*size {
		panic(fmt.Sprintf("model: %d bytes for %d pictures of %d bytes, batch %d", len(pixels), n, size, c.Batch()))
	}
	if n == 0 {
		return
	}
	views, outputs, d := c.m.Prep.Views, c.net.Outputs(), len(c.features)/c.x.N
	clear(c.logits)
	clear(c.features)
	for v := range views.Count() {
		z := c.look(pixels, n, v)
		for i := range n {
			simd.Axpy(c.logits[i*outputs:(i+1)*outputs], z.Row(i, 0), views.Weight(v))
			if d > 0 {
				simd.Axpy(c.features[i*d:(i+1)*d], c.net.Features().Row(i, 0), views.Weight(v))
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
