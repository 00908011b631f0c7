package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"squint/internal/safetensors"
	"squint/pkg/nn"
)

// Import returns a model with the network, the classes and the preparation of m
// and the weights of a safetensors file that another program wrote, such as
// PyTorch's state_dict of an equal network. All weights must be there under
// their names, which may have one prefix in common ("model.0.weight"), in the
// same shapes; batch norm's num_batches_tracked is passed over, and anything
// else that is left is an error. Report and receipt, which are about the weights
// of m, stay out.
func (m *Model) Import(file []byte) (*Model, error) {
	arrays, err := safetensors.Arrays(file)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	net, err := nn.NewInference(m.Prep.Size, 0, m.Net.Specs...)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if err := fillFrom(net, arrays); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	other := &Model{Classes: slices.Clone(m.Classes), Prep: m.Prep, Net: net}
	return other, other.Validate()
}

func fillFrom(net *nn.Network, arrays []safetensors.Array) error {
	params := net.Params()
	if len(params) == 0 {
		return errors.New("the network has no weights")
	}
	byName := map[string]*safetensors.Array{}
	for i := range arrays {
		byName[arrays[i].Name] = &arrays[i]
	}
	prefix := commonPrefix(params, byName)
	for _, p := range params {
		a := byName[prefix+p.Name]
		if a == nil {
			return fmt.Errorf("weights %s %v are missing", p.Name, p.Dims)
		}
		if !slices.Equal(a.Shape, p.Dims) {
			return fmt.Errorf("weights %s have shape %v, want %v", a.Name, a.Shape, p.Dims)
		}
		values, err := a.Floats()
		if err != nil {
			return fmt.Errorf("weights %s: %w", a.Name, err)
		}
		p.Import(values)
		delete(byName, a.Name)
	}
	// What a model of squint knew about its answers, other weights make untrue.
	for _, a := range arrays { // the first one that is left, in the file's order
		if byName[a.Name] != nil && a.Name != prototypes && !strings.HasSuffix(a.Name, ".num_batches_tracked") {
			return fmt.Errorf("weights %.60q %v belong to no layer", a.Name, a.Shape)
		}
	}
	net.Sync()
	return nil
}

// commonPrefix finds what stands before the names of all parameters. Within
// blocks there are names that end as the first one's: only the right prefix is
// before the last one's too.
func commonPrefix(params []*nn.Param, arrays map[string]*safetensors.Array) string {
	first, last := params[0].Name, params[len(params)-1].Name
	for name := range arrays {
		prefix, ok := strings.CutSuffix(name, first)
		if ok && (prefix == "" || strings.HasSuffix(prefix, ".")) && arrays[prefix+last] != nil {
			return prefix
		}
	}
	return ""
}
