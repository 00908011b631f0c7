package nn

import (
	"errors"
	"fmt"
	"slices"

	"squint/internal/hugepage"
	"squint/internal/rng"
	"squint/pkg/tensor"
)

// Network is a chain of layers with its weights in one flat vector.
//
// A last layer of sigmoid, softmax or threshold is its output activation: the
// losses take that one's derivative over (see Loss.Fused), so training works
// on Logits, the values before it.
type Network struct {
	In    tensor.Shape
	Specs Specs
	// W holds all weights, G all gradients; each Param has a window into both.
	// Replicas share W. Call Sync after changing W.
	W, G []float32

	body   *Chain
	output Layer  // the output activation, nil for none
	kind   string // its kind, "" for none
	batch  int
	form   form
	spread *spread
}

// form is what a network is built for.
type form uint8

const (
	formLearning form = iota // Forward and Backward
	formPlain                // Forward alone, each layer by itself
	formFused                // Forward alone, as fast as can be: see Fuser
)

// outputKinds are the activations that a loss can fuse with.
var outputKinds = []string{"sigmoid", "softmax", "threshold"}

// New builds a network for examples of shape in, up to batch at a time, with
// initial weights drawn for seed 0.
func New(in tensor.Shape, batch int, specs ...Spec) (*Network, error) {
	n, err := newNetwork(in, batch, specs, formLearning)
	if err != nil {
		return nil, err
	}
	n.Init(0)
	return n, nil
}

// NewInference builds a network that can only answer, which takes much less
// memory: no gradients, and weights of zero to be filled in. With a batch of 0
// it has no buffers either and only holds the weights for its replicas.
//
// Each layer works by itself, so that one can look at what comes out of it:
// Inference makes of this network the one that answers fastest.
func NewInference(in tensor.Shape, batch int, specs ...Spec) (*Network, error) {
	return newNetwork(in, batch, specs, formPlain)
}

func newNetwork(in tensor.Shape, batch int, specs Specs, f form) (*Network, error) {
	n, err := build(in, batch, specs, f)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, p := range n.Params() {
		size += p.Span()
	}
	if err := n.pack(size); err != nil {
		return nil, err
	}
	n.W = hugepage.Floats(size)
	n.bind()
	return n, nil
}

// pack makes the parameters' Packed for a network of size weights.
func (n *Network) pack(size int) error {
	packed := 0
	for _, p := range n.Params() {
		packed += p.PackedLen
	}
	if size+packed > maxFloats {
		return fmt.Errorf("nn: %d weights are too many", size)
	}
	shared := hugepage.Floats(packed)
	for _, p := range n.Params() {
		p.Packed, shared = cut(shared, p.PackedLen)
	}
	return nil
}

// Replica builds a network that shares the weights of n and has gradients and
// buffers of its own, for batches of up to batch examples.
func (n *Network) Replica(batch int) (*Network, error) {
	return n.replica(n.In, batch, n.form)
}

// Resized builds a Replica for examples of another height and width, which
// networks take whose dense layers come after global pooling.
func (n *Network) Resized(in tensor.Shape, batch int) (*Network, error) {
	return n.replica(in, batch, n.form)
}

// Inference builds a Replica in the inference form, which can only answer and
// does it fastest, the same as n but for rounding: see Fuser and Fold. What it
// derives from the weights, batch norm folded into them, is its own and shared
// with its Replicas; after a change of W its Sync derives it anew.
func (n *Network) Inference(batch int) (*Network, error) { return n.replica(n.In, batch, formFused) }

func (n *Network) replica(in tensor.Shape, batch int, f form) (*Network, error) {
	r, err := build(in, batch, n.Specs, f)
	if err != nil {
		return nil, err
	}
	r.W = n.W
	for i, p := range r.Params() {
		own := n.Params()[i]
		if !slices.Equal(p.Dims, own.Dims) {
			return nil, fmt.Errorf("nn: on input %v the weights %s would be %v, not %v: only a network that pools globally before its dense layers takes pictures of any size", in, p.Name, p.Dims, own.Dims)
		}
		p.Packed = own.Packed
	}
	if f == n.form {
		r.bind()
		return r, nil
	}
	if err := r.pack(len(n.W)); err != nil {
		return nil, err
	}
	r.bind()
	r.Sync()
	return r, nil
}

func build(in tensor.Shape, batch int, specs Specs, f form) (*Network, error) {
	if in.H < 1 || in.W < 1 || in.C < 1 || batch < 0 || batch == 0 && f == formLearning {
		return nil, fmt.Errorf("nn: network for input %d×%d×%d, batch %d", in.H, in.W, in.C, batch)
	}
	if len(specs) == 0 {
		return nil, errors.New("nn: network without layers")
	}
	n := &Network{In: in, Specs: slices.Clone(specs), batch: batch, form: f, spread: &spread{}}
	body := n.Specs
	if last := Kind(body[len(body)-1]); slices.Contains(outputKinds, last) {
		n.kind = last
		body = body[:len(body)-1]
	}
	at := Site{In: in, Batch: batch, First: true, Inference: f != formLearning, fused: f == formFused, spread: n.spread}.Within(maxFloats)
	var err error
	if n.body, err = NewChain(at, body); err != nil {
		return nil, fmt.Errorf("nn: %w", err)
	}
	if n.kind != "" {
		at.In, at.First = n.body.Out(), at.Inference
		if n.output, err = n.Specs[len(body)].Build(at); err != nil {
			return nil, fmt.Errorf("nn: layer %d (%s) on input %v: %w", len(body), n.kind, at.In, err)
		}
	}
	if !n.body.Out().IsVec() {
		return nil, fmt.Errorf("nn: the network ends in %v, want a vector (flatten or pool globally before the last dense layer)", n.body.Out())
	}
	return n, nil
}

// bind gives every parameter its windows.
func (n *Network) bind() {
	if n.form == formLearning {
		n.G = make([]float32, len(n.W))
	}
	w, g := n.W, n.G
	for _, p := range n.Params() {
		p.W, w = cut(w, p.Span())
		if n.form == formLearning {
			p.G, g = cut(g, p.Span())
		}
	}
}

func cut(s []float32, n int) (head, tail []float32) { return s[:n:n], s[n:] }

// Init draws new initial weights for a seed.
func (n *Network) Init(seed uint64) {
	clear(n.W)
	for i, p := range n.Params() {
		if p.Init == nil {
			continue
		}
		field := 1 // weights a unit has in one input channel: kh*kw
		for _, d := range p.Dims[min(2, len(p.Dims)):] {
			field *= d
		}
		fanIn, fanOut := field, p.Dims[0]*field
		if len(p.Dims) > 1 {
			fanIn *= p.Dims[1]
		}
		w := make([]float32, p.Size())
		p.Init(w, fanIn, fanOut, rng.New(rng.Init, seed, uint64(i)))
		p.Import(w)
	}
	n.Sync()
}

// Sync refreshes what layers derive from the weights. Call it after every
// change of W, once for a network and its replicas.
func (n *Network) Sync() {
	for _, p := range n.Params() {
		if p.Pack != nil {
			p.Pack()
		}
	}
}

// Params lists all parameters in the order in which they lie in W.
func (n *Network) Params() []*Param { return n.body.params }

// Size returns the number of weights that training learns, without running
// statistics and padding.
func (n *Network) Size() int {
	size := 0
	for _, p := range n.Params() {
		if p.Stat == 0 {
			size += p.Size()
		}
	}
	return size
}

// Batch returns the largest batch that the network was built for.
func (n *Network) Batch() int { return n.batch }

// Outputs returns the number of output values of one example.
func (n *Network) Outputs() int { return n.body.Out().C }

// Output returns the kind of the output activation, "" for none.
func (n *Network) Output() string { return n.kind }

// Logits computes the network's values before its output activation.
func (n *Network) Logits(x tensor.Batch, train bool) tensor.Batch {
	if x.Shape != n.In || x.N > n.batch || train && n.form != formLearning {
		panic(fmt.Sprintf("nn: batch of %d×%v (training %v) for a network of at most %d×%v (inference only %v)", x.N, x.Shape, train, n.batch, n.In, n.form != formLearning))
	}
	return n.body.Forward(x, train)
}

// Forward computes the network's output.
func (n *Network) Forward(x tensor.Batch, train bool) tensor.Batch {
	y := n.Logits(x, train)
	if n.output != nil {
		y = n.output.Forward(y, train)
	}
	return y
}

// BackwardLogits propagates the gradient of the loss by the logits.
func (n *Network) BackwardLogits(dz tensor.Batch) { n.body.Backward(dz) }

// Backward propagates the gradient of the loss by the output.
func (n *Network) Backward(dy tensor.Batch) {
	if n.output != nil {
		dy = n.output.Backward(dy)
	}
	n.body.Backward(dy)
}

// Estimate adds what the batch of the last Forward, which must have been one
// of training, had to the gradients of the running statistics. See Estimator.
func (n *Network) Estimate() { n.body.Estimate() }

// Border returns the border that the first layer reads around its input: give
// Forward a batch with Pad of at least this.
func (n *Network) Border() int {
	x, _ := n.body.specs.Borders()
	return x
}

// SetKey sets the key of the random draws (dropout) of the next Forward.
func (n *Network) SetKey(key uint64) { n.body.SetKey(key) }

// Row is one line of the table that describes a network.
type Row struct {
	Layer  string // what the Spec says: "conv 6@5×5 pad 2"
	Out    tensor.Shape
	Params int
	MACs   int // multiply-adds of one example's Forward
}

// Rows describes the network, one line a layer.
func (n *Network) Rows() []Row {
	layers := n.body.layers
	if n.output != nil {
		layers = append(slices.Clip(layers), n.output)
	}
	var rows []Row
	for i, l := range layers {
		r := Row{Layer: Describe(n.Specs[i]), Out: l.Out(), MACs: macs(l)}
		for _, p := range l.Params() {
			if p.Stat == 0 {
				r.Params += p.Size()
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// Describe says in a few words what a Spec is: its String where it has one,
// else its kind.
func Describe(s Spec) string {
	if t, ok := s.(fmt.Stringer); ok {
		return t.String()
	}
	return Kind(s)
}
