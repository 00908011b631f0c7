// Package gradcheck compares the gradients that a layer or a loss computes
// with central differences of its own forward pass, in a way that is sharp in
// float32.
//
// A layer is checked alone, under the loss L = Σ r·y with random r, summed in
// float64. Where the layer is linear in the number that is moved, a central
// difference is exact for any step but for rounding, so the step is large
// (0.5); piecewise linear layers get inputs that lie so far apart that no step
// crosses a bend; smooth ones get a small step.
package gradcheck

import (
	"fmt"
	"math"
	"math/rand/v2"

	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Curve says how a layer's output depends on its input, which decides the step
// of the differences and how closely they must agree.
type Curve int

const (
	// Linear layers (dense, convolution): step 0.5. What is left is the
	// rounding of the sums, about 1e-6 of the largest gradient.
	Linear Curve = iota
	// Bent layers (ReLU, max pooling, threshold) are linear but for bends:
	// step 0.5 and inputs that are distinct multiples of 2 apart from zero.
	Bent
	// Smooth layers (sigmoid, batch norm): step 1e-2. The difference is off by
	// h²/6 times the third derivative, about 1e-5, and by the rounding of y
	// divided by 2h, about 1e-5.
	Smooth
)

func (c Curve) step() float64 {
	if c == Smooth {
		return 1e-2
	}
	return 0.5
}

// tolerance is relative to the largest gradient of the array. A fault of 1 %
// in one element is found ten times over.
func (c Curve) tolerance() float64 {
	if c == Smooth {
		return 5e-4
	}
	return 2e-5
}

// Case is one layer to check at one place.
type Case struct {
	Spec  nn.Spec
	In    tensor.Shape
	Curve Curve
}

const batch = 3

// Check builds the layer, with and without borders around its buffers, and
// returns an error that names the first gradient found wrong. It also checks
// what else the contract of nn.Layer asks: the input is left alone, gradients
// are added, borders stay zero, and a first layer's weights learn the same.
func Check(c Case) error { return check(c, func(l nn.Layer) nn.Layer { return l }) }

// check wraps the layer, for tests of the check itself.
func check(c Case, wrap func(nn.Layer) nn.Layer) error {
	extra := []int{0}
	if !c.In.IsVec() {
		extra = append(extra, 1, 2)
	}
	for _, border := range extra {
		if err := checkAt(c, border, wrap); err != nil {
			return fmt.Errorf("%s on %v with an extra border of %d: %w", nn.Describe(c.Spec), c.In, border, err)
		}
	}
	return nil
}

// checker is one layer with an input and the weights r of its loss.
type checker struct {
	Case
	layer nn.Layer
	x, r  tensor.Batch
}

func checkAt(c Case, border int, wrap func(nn.Layer) nn.Layer) error {
	rnd := rand.New(rand.NewPCG(1, uint64(border)))
	layer, err := build(c.Spec, nn.Site{In: c.In, Batch: batch + 1, Pad: border, GradPad: border})
	if err != nil {
		return err
	}
	for _, p := range layer.Params() {
		for i := range p.Size() {
			p.W[p.Place(i)] = float32(rnd.NormFloat64())
		}
	}
	pack(layer)
	xb, dyb := borders(c.Spec)
	k := &checker{Case: c, layer: wrap(layer)}
	k.x = tensor.NewBatch(batch, c.In, xb+border)
	fill(k.x, c.Curve, rnd)
	k.r = tensor.NewBatch(batch, layer.Out(), dyb+border)
	fill(k.r, Linear, rnd)
	for _, f := range []func() error{k.contract, k.inputs, k.weights, k.accumulates} {
		if err := f(); err != nil {
			return err
		}
	}
	first, err := build(c.Spec, nn.Site{In: c.In, Batch: batch, First: true, Pad: border})
	if err != nil {
		return err
	}
	return k.sameAsFirst(wrap(first))
}

// loss runs the layer forward and returns Σ r·y.
func (k *checker) loss() float64 {
	y := k.layer.Forward(k.x, true)
	var sum float64
	for n := range y.N {
		for i := range y.H {
			r := k.r.Row(n, i)
			for j, v := range y.Row(n, i) {
				sum += float64(v) * float64(r[j])
			}
		}
	}
	return sum
}

// backward runs a layer backward from dL/dy = r, which it may overwrite.
func (k *checker) backward(l nn.Layer) tensor.Batch {
	dy := tensor.NewBatch(batch, k.r.Shape, k.r.Pad)
	copy(dy.Data, k.r.Data)
	return l.Backward(dy)
}

// contract checks what nn.Layer promises beside the numbers.
func (k *checker) contract() error {
	kept := append([]float32(nil), k.x.Data...)
	y := k.layer.Forward(k.x, true)
	if y.Shape != k.layer.Out() || y.N != batch {
		return fmt.Errorf("output of %d×%v, want %d×%v", y.N, y.Shape, batch, k.layer.Out())
	}
	for i, v := range kept {
		if k.x.Data[i] != v {
			return fmt.Errorf("forward changed its input")
		}
	}
	dx := k.backward(k.layer)
	if dx.Shape != k.In || dx.N != batch {
		return fmt.Errorf("gradient by the input of %d×%v, want %d×%v", dx.N, dx.Shape, batch, k.In)
	}
	for _, p := range k.layer.Params() {
		clear(p.G)
	}
	if sum(y.Data) != inner(y) || sum(dx.Data) != inner(dx) {
		return fmt.Errorf("the border of a result is not zero")
	}
	return nil
}

// inputs checks the gradient by the input, and leaves the gradients by the
// weights of one Backward behind for the next check.
func (k *checker) inputs() error {
	k.loss()
	dx := k.backward(k.layer)
	var got, want []float64
	for n := range dx.N {
		for y := range dx.H {
			for _, v := range dx.Row(n, y) {
				got = append(got, float64(v))
			}
		}
	}
	for n := range k.x.N {
		for y := range k.x.H {
			row := k.x.Row(n, y)
			for j := range row {
				want = append(want, k.difference(&row[j], k.Curve.step()))
			}
		}
	}
	return compare("gradient by the input", got, want, k.Curve.tolerance())
}

func (k *checker) weights() error {
	for _, p := range k.layer.Params() {
		if p.Stat != 0 {
			continue
		}
		var got, want []float64
		for i := range p.Size() {
			at := p.Place(i)
			got = append(got, float64(p.G[at]))
			want = append(want, k.difference(&p.W[at], k.Curve.step()))
		}
		if err := compare("gradient by "+p.Name, got, want, k.Curve.tolerance()); err != nil {
			return err
		}
	}
	return nil
}

// accumulates checks that a second Backward adds to the gradients of the first.
func (k *checker) accumulates() error {
	params := k.layer.Params()
	once := make([][]float32, len(params))
	for i, p := range params {
		once[i] = append([]float32(nil), p.G...)
	}
	k.loss()
	k.backward(k.layer)
	for i, p := range params {
		var got, want []float64
		for j, g := range p.G {
			got, want = append(got, float64(g)), append(want, 2*float64(once[i][j]))
		}
		copy(p.G, once[i])
		if err := compare("sum of two gradients by "+p.Name, got, want, 1e-5); err != nil { // rounding of the sums
			return err
		}
	}
	return nil
}

// sameAsFirst checks that the layer learns the same as the first of a network,
// where it returns no gradient.
func (k *checker) sameAsFirst(first nn.Layer) error {
	for i, p := range first.Params() {
		copy(p.W, k.layer.Params()[i].W)
	}
	pack(first)
	first.Forward(k.x, true)
	if dx := k.backward(first); dx.Data != nil {
		return fmt.Errorf("returns a gradient where nothing before it learns")
	}
	for i, p := range first.Params() {
		var got, want []float64
		for j, g := range p.G {
			got, want = append(got, float64(g)), append(want, float64(k.layer.Params()[i].G[j]))
		}
		if err := compare("as the first layer: gradient by "+p.Name, got, want, 1e-5); err != nil {
			return err
		}
	}
	return nil
}

// difference returns the central difference of the loss by *v.
func (k *checker) difference(v *float32, h float64) float64 {
	old := *v
	defer func() { *v = old; pack(k.layer) }()
	*v = old + float32(h)
	up := float64(*v)
	pack(k.layer)
	high := k.loss()
	*v = old - float32(h)
	down := float64(*v)
	pack(k.layer)
	return (high - k.loss()) / (up - down) // the step as rounded
}

func borders(s nn.Spec) (x, dy int) {
	if b, ok := s.(nn.Bordered); ok {
		return b.Borders()
	}
	return 0, 0
}

// build makes the layer and gives its parameters the memory that a network would.
func build(s nn.Spec, at nn.Site) (nn.Layer, error) {
	l, err := s.Build(at)
	if err != nil {
		return nil, err
	}
	for _, p := range l.Params() {
		p.W, p.G, p.Packed = make([]float32, p.Span()), make([]float32, p.Span()), make([]float32, p.PackedLen)
	}
	if r, ok := l.(nn.Random); ok {
		r.SetKey(1)
	}
	return l, nil
}

func pack(l nn.Layer) {
	for _, p := range l.Params() {
		if p.Pack != nil {
			p.Pack()
		}
	}
}

// fill draws values that suit the curve.
func fill(b tensor.Batch, c Curve, r *rand.Rand) {
	place := r.Perm(b.N * b.Size())
	i := 0
	for n := range b.N {
		for y := range b.H {
			row := b.Row(n, y)
			for j := range row {
				row[j] = float32(r.NormFloat64())
				if c == Bent { // 4 steps apart, and 2 from zero
					row[j] = float32((float64(place[i]) - float64(len(place)/2) + 0.5) * 4 * c.step())
				}
				i++
			}
		}
	}
}

// compare returns an error where two gradients differ by more than tol times
// the largest expected value, or 1 if that is smaller.
func compare(what string, got, want []float64, tol float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%s has %d values, want %d", what, len(got), len(want))
	}
	scale := 1.0
	for _, w := range want {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(got[i]-w) <= tol*scale) {
			return fmt.Errorf("%s, element %d: got %g, the difference says %g (largest %g, tolerance %g of it)", what, i, got[i], w, scale, tol)
		}
	}
	return nil
}

func sum(v []float32) (s float64) {
	for _, x := range v {
		s += math.Abs(float64(x))
	}
	return s
}

func inner(b tensor.Batch) (s float64) {
	for n := range b.N {
		for y := range b.H {
			for _, x := range b.Row(n, y) {
				s += math.Abs(float64(x))
			}
		}
	}
	return s
}

// Loss compares the gradient of a loss at z [N][outputs] for the targets t with
// central differences, and returns an error that names the first fault.
func Loss(l nn.Loss, z tensor.Batch, t []float32, c Curve) error {
	const scale = 0.25
	dz := tensor.NewBatch(z.N, z.Shape, 0)
	scratch := tensor.NewBatch(z.N, z.Shape, 0)
	l.Eval(dz, z, t, scale)
	var got, want []float64
	for i := range z.Data {
		old := z.Data[i]
		h := c.step()
		z.Data[i] = old + float32(h)
		up, high := float64(z.Data[i]), l.Eval(scratch, z, t, 1)
		z.Data[i] = old - float32(h)
		down, low := float64(z.Data[i]), l.Eval(scratch, z, t, 1)
		z.Data[i] = old
		got = append(got, float64(dz.Data[i]))
		want = append(want, scale*(high-low)/(up-down))
	}
	return compare(fmt.Sprintf("%T", l), got, want, c.tolerance())
}
