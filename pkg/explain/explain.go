// Package explain shows what a network looks at and what it has learnt: where in
// a picture the answer comes from (Occlusion), the weights of the first layer
// (Filters) and what a layer makes of a picture (Maps). It works for every
// network that a model can hold, since it asks for nothing but answers, the Specs
// and the weights in the order of model files.
//
// Functions are pure and may be called from several goroutines, each with a
// model.Classifier of its own.
package explain

import (
	"fmt"
	"math"

	"squint/pkg/eval"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Heat says for each pixel of the network's input how much the answer hangs on
// it: V is [H][W], positive for what speaks for the answer, negative for what
// speaks against it, 0 for what does not matter, in nats of log-odds.
type Heat struct {
	Answer int // class
	H, W   int
	V      []float32
}

// Occlusion covers one square of the picture after the other with the colour
// around it and measures what that does to the log-odds of the answer: Zeiler
// and Fergus 2014, arXiv 1311.2901, section 4.2. Squares are a quarter and an
// eighth of the picture wide and overlap by half; the value of a pixel is the mean
// over the squares that cover it. pixels [H*W*C] are as Prep.Bytes writes them.
func Occlusion(m *model.Model, c *model.Classifier, pixels []uint8) *Heat {
	s := m.Prep.Size
	probs := make([]float32, len(m.Classes))
	c.Probs(probs, pixels, 1)
	h := &Heat{Answer: eval.Argmax(probs), H: s.H, W: s.W, V: make([]float32, s.H*s.W)}
	whole := odds(probs[h.Answer])
	sum, count := make([]float64, s.H*s.W), make([]float64, s.H*s.W)
	covered := make([]uint8, len(pixels))
	for _, part := range []int{4, 8} {
		side := max(1, min(s.H, s.W)/part)
		step := max(1, side/2)
		for y0 := 0; y0 < s.H; y0 += step {
			for x0 := 0; x0 < s.W; x0 += step {
				y1, x1 := min(y0+side, s.H), min(x0+side, s.W)
				copy(covered, pixels)
				cover(covered, s, x0, y0, x1, y1)
				c.Probs(probs, covered, 1)
				drop := whole - odds(probs[h.Answer])
				for y := y0; y < y1; y++ {
					for x := x0; x < x1; x++ {
						sum[y*s.W+x] += drop
						count[y*s.W+x]++
					}
				}
			}
		}
	}
	for i := range h.V {
		h.V[i] = float32(sum[i] / count[i])
	}
	return h
}

// odds returns the log-odds of a probability, bounded so that certainty stays a
// number.
func odds(p float32) float64 {
	v := min(max(float64(p), 1e-6), 1-1e-6)
	return math.Log(v / (1 - v))
}

// cover fills a rectangle with the mean of the pixels around it.
func cover(pixels []uint8, s tensor.Shape, x0, y0, x1, y1 int) {
	var mean [3]int
	n := 0
	for y := max(0, y0-1); y < min(s.H, y1+1); y++ {
		for x := max(0, x0-1); x < min(s.W, x1+1); x++ {
			if y >= y0 && y < y1 && x >= x0 && x < x1 {
				continue
			}
			n++
			for c := range s.C {
				mean[c] += int(pixels[(y*s.W+x)*s.C+c])
			}
		}
	}
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			for c := range s.C {
				pixels[(y*s.W+x)*s.C+c] = uint8(mean[c] / max(1, n))
			}
		}
	}
}

// Tile is a small picture of numbers, [H][W][C] with C 1 or 3.
type Tile struct {
	tensor.Shape
	V []float32
}

// Filters returns the weights of the first layer that has some as pictures, one a
// filter of a convolution or a unit of a dense layer: what each looks for in the
// network's input.
func Filters(m *model.Model) ([]Tile, error) {
	var p *nn.Param
	for _, q := range m.Net.Params() {
		if len(q.Dims) == 2 || len(q.Dims) == 4 {
			p = q
			break
		}
	}
	if p == nil {
		return nil, fmt.Errorf("explain: the network has no convolution and no dense layer")
	}
	w := make([]float32, p.Size())
	p.Export(w)
	s := tensor.Shape{}
	switch in := m.Prep.Size; {
	case len(p.Dims) == 4: // [out][in][kh][kw]
		s = tensor.Shape{H: p.Dims[2], W: p.Dims[3], C: p.Dims[1]}
	case p.Dims[1] == in.Size(): // [out][C·H·W]
		s = in
	default:
		s = tensor.Vec(1)
		s.W = p.Dims[1]
	}
	size := s.Size()
	var tiles []Tile
	for o := range p.Dims[0] {
		tiles = append(tiles, planes(w[o*size:(o+1)*size], s)...)
	}
	return tiles, nil
}

// planes turns [C][H][W] into one tile of 1 or 3 channels, or a tile for each of
// another number.
func planes(v []float32, s tensor.Shape) []Tile {
	n := s.H * s.W
	if s.C != 3 {
		var tiles []Tile
		for c := range s.C {
			tiles = append(tiles, Tile{tensor.Shape{H: s.H, W: s.W, C: 1}, v[c*n : (c+1)*n]})
		}
		return tiles
	}
	t := Tile{s, make([]float32, 3*n)}
	for i := range n {
		for c := range 3 {
			t.V[3*i+c] = v[c*n+i]
		}
	}
	return []Tile{t}
}

// Layers names the layers that Maps can show, by their number.
func Layers(m *model.Model) []string {
	var names []string
	for _, r := range m.Net.Rows() {
		names = append(names, fmt.Sprintf("%s, %v", r.Layer, r.Out))
	}
	return names
}

// FirstMaps is the number of the first activation, which shows best what the
// first weights find, or of the last layer where there is none.
func FirstMaps(m *model.Model) int {
	for i, s := range m.Net.Specs {
		switch nn.Kind(s) {
		case "relu", "tanh", "sigmoid", "softplus":
			return i
		}
	}
	return len(m.Net.Specs) - 1
}

// Maps returns what a layer, counted from 0, makes of a picture: one tile a
// channel. A vector is a tile of one row.
func Maps(m *model.Model, pixels []uint8, layer int) ([]Tile, error) {
	if n := len(m.Net.Specs); layer < 0 || layer >= n {
		return nil, fmt.Errorf("explain: layer %d, want 0 to %d", layer, n-1)
	}
	// The network up to there is one of its own, with the first of the weights.
	specs := append(append(nn.Specs{}, m.Net.Specs[:layer+1]...), nn.Flatten{})
	net, err := nn.NewInference(m.Prep.Size, 1, specs...)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	for i, p := range net.Params() {
		w := make([]float32, p.Size())
		m.Net.Params()[i].Export(w)
		p.Import(w)
	}
	net.Sync()
	x := tensor.NewBatch(1, net.In, net.Border())
	row := make([]float32, net.In.Size())
	m.Prep.Floats(row, pixels)
	for y := range net.In.H {
		copy(x.Row(0, y), row[y*net.In.W*net.In.C:])
	}
	v := append([]float32(nil), net.Logits(x, false).Row(0, 0)...)
	shape := m.Net.Rows()[layer].Out
	if shape.IsVec() {
		shape = tensor.Shape{H: 1, W: shape.C, C: 1}
	}
	n := shape.H * shape.W
	var tiles []Tile
	for c := range shape.C { // [C][H][W]
		tiles = append(tiles, Tile{tensor.Shape{H: shape.H, W: shape.W, C: 1}, v[c*n : (c+1)*n]})
	}
	return tiles, nil
}
