package conv

import (
	"fmt"
	"math"
	"strings"

	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// Plain returns a network that answers as n does, to rounding, without the batch
// norms that directly follow a dense layer: their running statistics, scale and
// shift go into its weights,
//
//	W' = W·γ/√(var+ε),  b' = (b − mean)·γ/√(var+ε) + β
//
// so that what is left of a dense network is a plain one. A network without such
// pairs comes back as it is.
func Plain(n *nn.Network) (*nn.Network, error) {
	var specs nn.Specs
	var from []int // where each layer that is left was
	for i, s := range n.Specs {
		if _, ok := s.(BatchNorm); ok && i > 0 {
			if d, ok := n.Specs[i-1].(mlp.Dense); ok {
				d.NoBias = false
				specs[len(specs)-1] = d
				continue
			}
		}
		specs, from = append(specs, s), append(from, i)
	}
	if len(specs) == len(n.Specs) {
		return n, nil
	}
	plain, err := nn.New(n.In, 1, specs...)
	if err != nil {
		return nil, err
	}
	old, now := values(n), values(plain)
	for i, was := range from {
		for name, v := range now[i] {
			copy(v, old[was][name]) // none for a bias that is new
		}
		if norm := old[was+1]; norm["running_var"] != nil && len(from) > i+1 && from[i+1] == was+2 {
			w, b := now[i]["weight"], now[i]["bias"]
			row := len(w) / len(b)
			for o := range b {
				scale := float64(norm["weight"][o]) / math.Sqrt(float64(norm["running_var"][o])+bnEps)
				for k := range row {
					w[o*row+k] = float32(float64(w[o*row+k]) * scale)
				}
				b[o] = float32((float64(b[o])-float64(norm["running_mean"][o]))*scale + float64(norm["bias"][o]))
			}
		}
	}
	for _, p := range plain.Params() {
		layer, name := place(p.Name)
		p.Import(now[layer][name])
	}
	plain.Sync()
	return plain, nil
}

// values returns copies of a network's weights in PyTorch's order, by layer and
// name.
func values(n *nn.Network) map[int]map[string][]float32 {
	all := map[int]map[string][]float32{}
	for _, p := range n.Params() {
		layer, name := place(p.Name)
		if all[layer] == nil {
			all[layer] = map[string][]float32{}
		}
		v := make([]float32, p.Size())
		p.Export(v)
		all[layer][name] = v
	}
	return all
}

// place takes the name of a parameter apart: "3.weight" is weight of layer 3.
func place(param string) (layer int, name string) {
	number, name, _ := strings.Cut(param, ".")
	if _, err := fmt.Sscan(number, &layer); err != nil {
		panic("conv: parameter without a layer: " + param)
	}
	return layer, name
}
