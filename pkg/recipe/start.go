package recipe

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"

	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// Start is a trained network to begin with: all of it but the last dense layer,
// which is learnt anew ("transfer learning").
type Start struct {
	Model  string `json:"model"`  // its name, for people
	SHA256 string `json:"sha256"` // of the weights

	net  *nn.Network
	prep imageio.Prep
}

// StartFrom takes a model's network, and how it wants its pictures.
func StartFrom(name string, net *nn.Network, prep imageio.Prep) *Start {
	h := sha256.New()
	for _, p := range net.Params() {
		v := make([]float32, p.Size())
		p.Export(v)
		for _, x := range v {
			var b [4]byte
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
			h.Write(b[:])
		}
	}
	return &Start{Model: name, SHA256: hex.EncodeToString(h.Sum(nil)), net: net, prep: prep}
}

// head returns the place of the last dense layer.
func head(specs nn.Specs) int {
	for i, s := range slices.Backward(specs) {
		if _, ok := s.(mlp.Dense); ok {
			return i
		}
	}
	return -1
}

// pretrained: the network of another model with a new last layer.
func pretrained(c *choice) (nn.Specs, error) {
	out, units, err := c.output("softmax")
	if err != nil {
		return nil, err
	}
	if c.Wishes.Start == nil {
		return nil, errors.New("no model to begin with: --init names it")
	}
	specs := c.Wishes.Start.net.Specs
	at := head(specs)
	if at < 0 {
		return nil, fmt.Errorf("%s has no dense layer to learn anew", c.Wishes.Start.Model)
	}
	c.because("it begins with what %s has learnt, and learns the last layer anew", c.Wishes.Start.Model)
	c.Batch, c.Micro = 32, 16
	c.LR, c.WeightDecay, c.EMA, c.LabelSmoothing, c.Estimate = 0.01, 5e-4, 0.99, 0.1, 4096
	c.epochs(20_000, 10, 60)
	specs = append(slices.Clone(specs[:at]), mlp.Dense{Units: units, Init: "glorot"})
	return append(specs, out), nil
}

// adopt copies the weights of all layers before the last dense one.
func (s *Start) adopt(net *nn.Network) error {
	from, to, at := s.net.Params(), net.Params(), head(net.Specs)
	for i, p := range to {
		var layer int
		if _, err := fmt.Sscanf(p.Name, "%d.", &layer); err != nil {
			return fmt.Errorf("recipe: parameter %q is in no layer", p.Name)
		}
		if layer >= at {
			break
		}
		if i >= len(from) || from[i].Name != p.Name || !slices.Equal(from[i].Dims, p.Dims) {
			return fmt.Errorf("recipe: the weights %s %v are not those of %s: pictures of another size or colour do not suit it", p.Name, p.Dims, s.Model)
		}
		v := make([]float32, p.Size())
		from[i].Export(v)
		p.Import(v)
	}
	net.Sync()
	return nil
}

// fill has pictures prepared as the model wants them, where nothing else was
// wished.
func (s *Start) fill(w *Wishes) {
	if w.Height == 0 {
		w.Height, w.Width = s.prep.Size.H, s.prep.Size.W
	}
	w.Channels = s.prep.Size.C // its first layer reads no others
	if w.Fit == "" {
		w.Fit = s.prep.Fit
	}
	w.Subject = s.prep.Subject
}
