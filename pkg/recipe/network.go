package recipe

import (
	"encoding/json"
	"fmt"

	"squint/pkg/nn"
)

// ParseNetwork reads a network file: the list of layers as JSON, see nn.Specs.
func ParseNetwork(b []byte) (nn.Specs, error) {
	var s nn.Specs
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, err
	}
	if len(s) == 0 {
		return nil, fmt.Errorf("a network without layers")
	}
	return s, nil
}
