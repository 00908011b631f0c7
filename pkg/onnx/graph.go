package onnx

import (
	"encoding/binary"
	"fmt"

	"squint/pkg/nn"
)

// value is what a node computes for a batch: [N][C][H][W], or [N][C] where vec
// is set.
type value struct {
	name string
	vec  bool
}

// graph collects the nodes and constants of a GraphProto.
type graph struct {
	nodes, constants []message
	params           map[string]*nn.Param // the network's weights, by name
	path             string               // of the layer at hand, "4.body.0."; names what it adds
	names            map[string]int
}

// node adds an operator and returns the name of its only output.
func (g *graph) node(op string, inputs []string, attributes ...attribute) string {
	name := g.path + op
	if g.names[name]++; g.names[name] > 1 {
		name = fmt.Sprint(name, g.names[name])
	}
	var m message
	for _, in := range inputs {
		m = m.text(1, in)
	}
	m = m.text(2, name).text(3, name).text(4, op)
	for _, a := range attributes {
		m = m.bytes(5, a)
	}
	g.nodes = append(g.nodes, m)
	return name
}

// with adds an operator on x and constants whose output has the form of x.
func (g *graph) with(x value, op string, more ...string) value {
	return value{g.node(op, append([]string{x.name}, more...)), x.vec}
}

// vector turns [N][C][H][W] into [N][C·H·W], channel by channel.
func (g *graph) vector(x value) value {
	if x.vec {
		return x
	}
	return value{g.node("Flatten", []string{x.name}), true}
}

// picture turns [N][C] into [N][C][1][1].
func (g *graph) picture(x value) value {
	if !x.vec {
		return x
	}
	shape := g.integers("shape", 0, -1, 1, 1) // 0 keeps the axis, -1 takes what is left
	return value{g.node("Reshape", []string{x.name, shape}), false}
}

// integers adds a constant of integers, one dimension, and returns its name.
func (g *graph) integers(name string, values ...int) string {
	name = g.path + name
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	g.constants = append(g.constants, tensorProto(name, []int{len(values)}, typeInt64, raw))
	return name
}

// constant adds a tensor and returns its name.
func (g *graph) constant(name string, dims []int, values ...float32) string {
	name = g.path + name
	g.constants = append(g.constants, floats(name, dims, values))
	return name
}

// weights adds the parameters of the layer at hand that have these names, and
// returns their names in the graph; a layer without a bias has none.
func (g *graph) weights(names ...string) []string {
	var all []string
	for _, name := range names {
		p := g.params[g.path+name]
		if p == nil {
			continue
		}
		v := make([]float32, p.Size())
		p.Export(v)
		all = append(all, g.constant(name, p.Dims, v...))
	}
	return all
}
