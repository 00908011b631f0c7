// Package onnx writes models in the Open Neural Network Exchange format, which
// other programs run (ONNX Runtime, OpenCV, browsers, phones):
// https://onnx.ai.
//
// The graph takes pictures of the model's size as bytes count them, 0 to 255,
// in float32 [batch][channels][height][width], and answers with probabilities
// [batch][classes]: normalisation, calibration and all views of the picture are
// inside. What comes before
// (decoding, resizing, finding a digit; see imageio.Prep) is not, and stands in
// the file's metadata.
//
// The same model gives the same bytes.
package onnx

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"squint/pkg/imageio"
	"squint/pkg/model"
	"squint/pkg/nn"
)

// Versions that are declared: those of ONNX 1.8 (2020), which all current
// runtimes read.
const (
	irVersion    = 7
	opsetVersion = 13
)

// Names of the graph's input and output.
const (
	Input  = "pixels"
	Output = "probabilities"
)

// Encode returns the model as the bytes of an ONNX file. The error names a
// layer that has no ONNX form.
func Encode(m *model.Model) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	g := &graph{params: map[string]*nn.Param{}, names: map[string]int{}}
	for _, p := range m.Net.Params() {
		g.params[p.Name] = p
	}
	specs := m.Net.Specs
	if m.Net.Output() != "" { // probabilities does its work
		specs = specs[:len(specs)-1]
	}
	x := g.normalise(m, g.views(m.Prep.Views))
	logits, err := g.chain(specs, x)
	if err != nil {
		return nil, err
	}
	g.probabilities(m, g.mean(m, g.vector(logits)))

	meta, err := metadata(m)
	if err != nil {
		return nil, err
	}
	s := m.Prep.Size
	var graphProto message
	for _, n := range g.nodes {
		graphProto = graphProto.bytes(1, n)
	}
	graphProto = graphProto.text(2, "squint")
	for _, c := range g.constants {
		graphProto = graphProto.bytes(5, c)
	}
	graphProto = graphProto.bytes(11, valueInfo(Input, s.C, s.H, s.W)).bytes(12, valueInfo(Output, len(m.Classes)))

	file := message{}.integer(1, irVersion).text(2, "squint").text(3, m.Receipt.Version).bytes(7, graphProto)
	return append(file.bytes(8, message{}.integer(2, opsetVersion)), meta...), nil
}

// metadata holds the class names and how pictures are prepared, as model files
// do (docs/model-format.md).
func metadata(m *model.Model) (message, error) {
	var all message
	for _, part := range []struct {
		key   string
		value any
	}{{"classes", m.Classes}, {"prep", m.Prep}} {
		text, err := json.Marshal(part.value)
		if err != nil {
			return nil, fmt.Errorf("onnx: %s: %w", part.key, err)
		}
		all = all.bytes(14, message{}.text(1, part.key).text(2, string(text)))
	}
	return all, nil
}

// views adds what Views.See does, all views one after the other along the axis
// of the batch.
func (g *graph) views(v imageio.Views) value {
	g.path = "views."
	var all []string
	for i := range v.Count() {
		mirror, dx, dy := v.Move(i)
		x := Input
		switch {
		case mirror: // columns from the last to the first
			x = g.node("Slice", []string{x, g.integers("last", -1), g.integers("first", math.MinInt32), g.integers("axis", 3), g.integers("step", -1)})
		case dx != 0 || dy != 0: // zeros before, and as many less behind
			x = g.node("Pad", []string{x, g.integers(fmt.Sprint("pads", i), 0, 0, dy, dx, 0, 0, -dy, -dx)})
		}
		all = append(all, x)
	}
	if len(all) == 1 {
		return value{name: all[0]}
	}
	return value{name: g.node("Concat", all, integer("axis", 0))}
}

// mean adds the weighted mean of the logits of all views.
func (g *graph) mean(m *model.Model, z value) value {
	v := m.Prep.Views
	if v.Count() == 1 {
		return z
	}
	g.path = "views."
	weights := make([]float32, v.Count())
	for i := range weights {
		weights[i] = v.Weight(i)
	}
	each := g.node("Reshape", []string{z.name, g.integers("by view", len(weights), -1, m.Net.Outputs())}) // [views][N][outputs]
	each = g.node("Mul", []string{each, g.constant("weights", []int{len(weights), 1, 1}, weights...)})
	return value{g.node("ReduceSum", []string{each, g.integers("first axis", 0)}, integer("keepdims", 0)), true}
}

// normalise adds what Prep.Floats does: (v/255 − mean)/std = v·scale + shift.
func (g *graph) normalise(m *model.Model, x value) value {
	c := m.Prep.Size.C
	mean, std := m.Prep.Mean, m.Prep.Std
	if len(mean) == 0 {
		mean = make([]float32, c)
	}
	if len(std) == 0 {
		std = slices.Repeat([]float32{1}, c)
	}
	scale, shift := make([]float32, c), make([]float32, c)
	for i := range c {
		scale[i] = float32(1 / (255 * float64(std[i])))
		shift[i] = float32(-float64(mean[i]) / float64(std[i]))
	}
	g.path = "input."
	dims := []int{1, c, 1, 1}
	x = g.with(x, "Mul", g.constant("scale", dims, scale...))
	x = g.with(x, "Add", g.constant("shift", dims, shift...))
	g.path = ""
	return x
}

// calibrate adds what eval.Calibration.Apply does: scale·z + curve·z·|z| + bias.
func (g *graph) calibrate(m *model.Model, z value) value {
	if m.Trust == nil || m.Trust.Calibration == nil {
		return z
	}
	c := m.Trust.Calibration
	g.path = "calibration."
	vector := func(name string, v []float32) string { return g.constant(name, []int{len(v)}, v...) }
	y := g.with(z, "Mul", vector("scale", c.Scale))
	if c.Curve != nil {
		square := g.with(z, "Mul", g.with(z, "Abs").name)
		y = g.with(y, "Add", g.with(square, "Mul", vector("curve", c.Curve)).name)
	}
	if c.Bias != nil {
		y = g.with(y, "Add", vector("bias", c.Bias))
	}
	return y
}

// probabilities adds what nn.Probabilities makes of the logits z.
func (g *graph) probabilities(m *model.Model, z value) {
	z = g.calibrate(m, z)
	g.path = "output."
	var p string
	switch output := m.Net.Output(); {
	case m.Net.Outputs() == 1: // 1 − σ(z), σ(z)
		both := g.node("Concat", []string{g.with(z, "Neg").name, z.name}, integer("axis", 1))
		p = g.node("Sigmoid", []string{both})
	case output == "sigmoid" || output == "threshold":
		// σ(z_i) / Σ σ(z_j), as softmax(ln σ(z)), which does not underflow where every
		// unit says no; ln σ(z) = −softplus(−z).
		p = g.softmax(g.with(g.with(g.with(z, "Neg"), "Softplus"), "Neg")).name
	default:
		p = g.softmax(z).name
	}
	g.path = ""
	g.nodes = append(g.nodes, message{}.text(1, p).text(2, Output).text(3, Output).text(4, "Identity"))
}
