package onnx

import (
	"fmt"

	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// layer adds what one layer computes from x. A kind that it does not know is an
// error: a new one gets its case here.
func (g *graph) layer(s nn.Spec, x value) (value, error) {
	switch s := s.(type) {
	case nn.Identity, nn.Dropout:
		return x, nil
	case nn.ReLU:
		return g.with(x, "Relu"), nil
	case nn.Sigmoid:
		return g.with(x, "Sigmoid"), nil
	case nn.Tanh:
		return g.with(x, "Tanh"), nil
	case nn.Softplus:
		return g.with(x, "Softplus"), nil
	case nn.Threshold:
		above := g.node("Greater", []string{x.name, g.constant("zero", nil, 0)})
		return value{g.node("Cast", []string{above}, integer("to", typeFloat)), x.vec}, nil
	case nn.Softmax:
		return g.softmax(g.vector(x)), nil
	case nn.Flatten:
		return g.vector(x), nil
	case mlp.Dense:
		in := append([]string{g.vector(x).name}, g.weights("weight", "bias")...)
		return value{g.node("Gemm", in, integer("transB", 1)), true}, nil
	case conv.Conv2D:
		in := append([]string{g.picture(x).name}, g.weights("weight", "bias")...)
		stride := max(s.Stride, 1)
		return value{name: g.node("Conv", in, integers("kernel_shape", s.Kernel, s.Kernel),
			integers("strides", stride, stride), integers("pads", s.Pad, s.Pad, s.Pad, s.Pad))}, nil
	case conv.MaxPool:
		return g.pool("MaxPool", x, s.Size, s.Stride), nil
	case conv.AvgPool:
		return g.pool("AveragePool", x, s.Size, s.Stride), nil
	case conv.GlobalPool:
		return g.globalPool(s.Mode, g.picture(x)), nil
	case conv.BatchNorm: // its ε is ONNX's default
		return g.with(x, "BatchNormalization", g.weights("weight", "bias", "running_mean", "running_var")...), nil
	case conv.Residual:
		return g.residual(s, x)
	}
	return value{}, fmt.Errorf("onnx: %slayers of kind %q are not known here", g.path, nn.Kind(s))
}

// chain adds layers one after the other.
func (g *graph) chain(specs nn.Specs, x value) (value, error) {
	outer := g.path
	defer func() { g.path = outer }()
	for i, s := range specs {
		g.path = fmt.Sprintf("%s%d.", outer, i)
		var err error
		if x, err = g.layer(s, x); err != nil {
			return x, err
		}
	}
	return x, nil
}

func (g *graph) softmax(x value) value {
	return value{g.node("Softmax", []string{x.name}, integer("axis", 1)), true}
}

func (g *graph) pool(op string, x value, size, stride int) value {
	if stride == 0 {
		stride = size
	}
	return value{name: g.node(op, []string{g.picture(x).name}, integers("kernel_shape", size, size), integers("strides", stride, stride))}
}

func (g *graph) globalPool(mode string, x value) value {
	y := x
	switch mode {
	case "max":
		y = g.with(x, "GlobalMaxPool")
	case "avgmax":
		both := []string{g.node("GlobalAveragePool", []string{x.name}), g.node("GlobalMaxPool", []string{x.name})}
		y.name = g.node("Concat", both, integer("axis", 1))
	default:
		y = g.with(x, "GlobalAveragePool")
	}
	return g.vector(y)
}

func (g *graph) residual(s conv.Residual, x value) (value, error) {
	outer := g.path
	defer func() { g.path = outer }()
	g.path = outer + "body."
	body, err := g.chain(s.Body, x)
	if err != nil {
		return x, err
	}
	g.path = outer + "skip."
	skip, err := g.chain(s.Skip, x)
	if err != nil {
		return x, err
	}
	g.path = outer
	if body.vec != skip.vec { // 1×1 pixels and a vector
		body, skip = g.vector(body), g.vector(skip)
	}
	return g.with(body, "Add", skip.name), nil
}
