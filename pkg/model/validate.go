package model

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"unicode"
	"unicode/utf8"

	"squint/internal/safetensors"
	"squint/internal/simd"
	"squint/pkg/nn"
)

// Limits of what a model holds.
const (
	MaxClasses = 65536   // and all names together must fit into a header of 1 MiB
	MaxClass   = 255     // bytes in a class name
	MaxReport  = 1 << 19 // bytes of Report without white space
)

// Validate says what would keep the model from being written. A trainer calls
// it before it starts, with the network as it is then.
func (m *Model) Validate() error {
	if err := m.check(); err != nil {
		return fmt.Errorf("model: %w", err)
	}
	return nil
}

func (m *Model) check() error {
	if m.Net == nil {
		return errors.New("no network")
	}
	if err := checkClasses(m.Classes); err != nil {
		return err
	}
	if want := nn.Classes(m.Net.Outputs()); len(m.Classes) != want {
		return fmt.Errorf("%d classes for a network that tells %d apart", len(m.Classes), want)
	}
	if err := m.Prep.Validate(); err != nil {
		return err
	}
	if m.Prep.Size != m.Net.In {
		return fmt.Errorf("pictures are prepared to %v for a network that takes %v", m.Prep.Size, m.Net.In)
	}
	for _, sum := range []string{m.Receipt.Data, m.Receipt.Split} {
		if b, err := hex.DecodeString(sum); err != nil || sum != "" && hex.EncodeToString(b) != sum || len(b)%32 != 0 {
			return fmt.Errorf("receipt: sum %.70q, want 64 lower-case hexadecimal digits", sum)
		}
	}
	for _, p := range m.Net.Params() {
		most := float32(math.MaxFloat32)
		if m.dtype(p.Dims) == safetensors.F16 {
			most = safetensors.MaxHalf
		} else if simd.IsFinite(p.W) { // as all are, sooner than one by one
			continue
		}
		for _, v := range p.W {
			if !(v >= -most && v <= most) {
				return fmt.Errorf("weights %s hold a value that is %v, want a number up to %v", p.Name, v, most)
			}
		}
	}
	return m.checkTrust()
}

func checkClasses(classes []string) error {
	if n := len(classes); n < 2 || n > MaxClasses {
		return fmt.Errorf("%d classes, want 2 to %d", n, MaxClasses)
	}
	seen := make(map[string]bool, len(classes))
	for i, c := range classes {
		if c == "" || len(c) > MaxClass || !utf8.ValidString(c) {
			return fmt.Errorf("class %d: name %.40q, want 1 to %d bytes of UTF-8", i, c, MaxClass)
		}
		for _, r := range c {
			if unicode.IsControl(r) {
				return fmt.Errorf("class %d: name %.40q has control characters", i, c)
			}
		}
		if seen[c] {
			return fmt.Errorf("class %d: name %.40q twice", i, c)
		}
		seen[c] = true
	}
	return nil
}
