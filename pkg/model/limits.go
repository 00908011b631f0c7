package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"squint/internal/safetensors"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

// Limits of the network in a file, so that a small file that anybody wrote
// cannot ask for the machine's whole memory, or for hours. Networks for
// pictures stay far below: ResNet-152 at 224×224 has 600 layers, 60 M weights,
// 11.5 G multiply-adds.
const (
	maxLayers  = 4096    // counting those within blocks
	maxDepth   = 64      // of brackets and braces in the network's JSON
	maxFloats  = 1 << 26 // that one picture's activations take, 256 MiB
	maxWeights = 1 << 26 // in memory, or four times what the file holds where that is more
	maxMACs    = 1 << 38 // for one picture: some seconds on one core
)

// parseNetwork reads the network's JSON. The nesting is bounded first, because
// each block's JSON is parsed once more for each block around it.
func parseNetwork(text string) (nn.Specs, error) {
	depth, deepest := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			depth++
			deepest = max(deepest, depth)
		case ']', '}':
			depth--
		}
	}
	if deepest > maxDepth {
		return nil, fmt.Errorf("network: nested more than %d deep", maxDepth)
	}
	if n := strings.Count(text, `"kind"`); n > maxLayers {
		return nil, fmt.Errorf("network: %d layers, want at most %d", n, maxLayers)
	}
	var specs nn.Specs
	if text == "" {
		return nil, errors.New("network: missing")
	}
	return specs, json.Unmarshal([]byte(text), &specs)
}

// checkCost builds the network layer by layer, without memory for weights, and
// stops where it grows beyond the limits or beyond the weights in the file.
func checkCost(in tensor.Shape, specs nn.Specs, tensors []safetensors.Tensor) error {
	stored := 0
	for i := range tensors {
		stored += tensors[i].Len()
	}
	weights, memory, macs := 0, 0, 0
	at := nn.Site{In: in, First: true, Inference: true}.Within(maxFloats)
	for i, spec := range specs {
		l, err := spec.Build(at)
		if err != nil {
			return fmt.Errorf("layer %d (%s) on input %v: %w", i, nn.Kind(spec), at.In, err)
		}
		for _, p := range l.Params() {
			weights += p.Size()
			memory += p.Span() + p.PackedLen
		}
		if weights > stored {
			return fmt.Errorf("layer %d (%s): %d weights up to here, the file holds %d", i, nn.Kind(spec), weights, stored)
		}
		if memory > max(maxWeights, 4*stored) {
			return fmt.Errorf("layer %d (%s): the weights take more than %d floats", i, nn.Kind(spec), max(maxWeights, 4*stored))
		}
		at.In = l.Out()
		if c, ok := l.(nn.Coster); ok {
			macs += c.MACs()
		}
		if macs > maxMACs {
			return fmt.Errorf("layer %d (%s): more than %d multiply-adds for one picture", i, nn.Kind(spec), maxMACs)
		}
	}
	return nil
}
