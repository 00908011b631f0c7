package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"squint/internal/safetensors"
	"squint/internal/simd"
	"squint/pkg/eval"
	"squint/pkg/nn"
)

// Decode reads a model from the bytes of its file. It accepts nothing but what
// Encode writes, and takes little more memory than the network's weights and
// buffers for one picture do.
func Decode(b []byte) (*Model, error) {
	f, err := safetensors.Decode(b)
	if err == nil {
		var m *Model
		if m, err = decode(f); err == nil {
			return m, nil
		}
	}
	return nil, fmt.Errorf("model: %w", err)
}

func decode(f *safetensors.File) (*Model, error) {
	if err := checkFormat(f.Meta[keyFormat]); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(f.Meta)) {
		if !slices.Contains(keys, key) {
			// Not passed over: it may change the answers.
			return nil, fmt.Errorf("metadata %q is unknown: a newer squint wrote this file", key)
		}
	}
	m := &Model{}
	var err error
	if m.Classes, err = parseClasses(f.Meta[keyClasses]); err != nil {
		return nil, fmt.Errorf("%s: %w", keyClasses, err)
	}
	for _, part := range []struct {
		key   string
		value any
	}{{keyPrep, &m.Prep}, {keyReceipt, &m.Receipt}} {
		if err := parse(f.Meta[part.key], part.value); err != nil {
			return nil, fmt.Errorf("%s: %w", part.key, err)
		}
	}
	if report, ok := f.Meta[keyReport]; ok {
		m.Report = json.RawMessage(report)
	}
	if trust, ok := f.Meta[keyTrust]; ok {
		m.Trust = &eval.Trust{}
		if err := parse(trust, m.Trust); err != nil {
			return nil, fmt.Errorf("trust: %w", err)
		}
	}
	if err := m.Prep.Validate(); err != nil {
		return nil, err
	}
	specs, err := parseNetwork(f.Meta[keyNetwork])
	if err != nil {
		return nil, err
	}
	if err := checkCost(m.Prep.Size, specs, f.Tensors); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if m.Net, err = nn.NewInference(m.Prep.Size, 0, specs...); err != nil {
		return nil, err
	}
	m.Half = slices.ContainsFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.DType == safetensors.F16 })
	if m.Trust != nil {
		m.Trust.Prototypes = m.takePrototypes(f)
	}
	if err := m.fill(f.Tensors); err != nil {
		return nil, err
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, m.checkForm(f.Meta)
}

// takePrototypes takes the tensor of prototypes, if there is one, out of the
// file's list.
func (m *Model) takePrototypes(f *safetensors.File) *eval.Prototypes {
	i := slices.IndexFunc(f.Tensors, func(t safetensors.Tensor) bool { return t.Name == prototypes })
	if i < 0 {
		return nil
	}
	t := &f.Tensors[i]
	if len(t.Shape) != 2 || t.DType != m.dtype(t.Shape) {
		return nil // and fill refuses it
	}
	p := &eval.Prototypes{D: t.Shape[1], V: make([]float32, t.Len())}
	t.Floats(p.V)
	f.Tensors = slices.Delete(f.Tensors, i, i+1)
	return p
}

// checkFormat tells other files of squint's, and other versions, apart.
func checkFormat(got string) error {
	kind, version, _ := strings.Cut(strings.TrimPrefix(got, "squint-"), "-")
	switch {
	case got == format:
		return nil
	case kind == "model":
		return fmt.Errorf("format version %.20q, this squint reads version 1: a newer squint wrote this file", version)
	case got != "":
		return fmt.Errorf("this file is a %.40q, want %q", got, format)
	}
	return fmt.Errorf("metadata has no %q", keyFormat)
}

// parseClasses reads the names into a slice that is made for them once: there
// may be many.
func parseClasses(text string) ([]string, error) {
	n := strings.Count(text, `,"`) + 1 // a name may hold this too
	classes := make([]string, 0, min(n, MaxClasses+1))
	return classes, parse(text, &classes)
}

// parse reads JSON; checkForm looks later whether it was in the one form.
func parse(text string, into any) error {
	if text == "" {
		return errors.New("missing")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// checkForm compares the metadata with what Encode would write: whatever JSON
// lets one say in two ways, or twice, differs.
func (m *Model) checkForm(got map[string]string) error {
	want, err := m.meta()
	if err != nil {
		return err
	}
	for _, key := range keys {
		if got[key] != want[key] {
			return fmt.Errorf("%s: %.60q, want %.60q as squint writes it", key, got[key], want[key])
		}
	}
	return nil
}

// fill sets the network's weights from the file, which holds these and no
// others.
func (m *Model) fill(all []safetensors.Tensor) error {
	tensors := make(map[string]*safetensors.Tensor, len(all))
	for i := range all {
		tensors[all[i].Name] = &all[i]
	}
	l := new(loader)
	for _, p := range m.Net.Params() {
		t := tensors[p.Name]
		if t == nil {
			return fmt.Errorf("weights %s %v are missing", p.Name, p.Dims)
		}
		if !slices.Equal(t.Shape, p.Dims) {
			return fmt.Errorf("weights %s have shape %v, want %v", p.Name, t.Shape, p.Dims)
		}
		if want := m.dtype(p.Dims); t.DType != want {
			return fmt.Errorf("weights %s are %v, want %v as squint writes them", p.Name, t.DType, want)
		}
		delete(tensors, p.Name)
		l.load(p, t)
	}
	if len(tensors) > 0 {
		return fmt.Errorf("weights %s belong to no layer", slices.Min(slices.Collect(maps.Keys(tensors))))
	}
	m.Net.Sync()
	return nil
}

// loader sets parameters from tensors of their shapes, a piece at a time: a tensor
// may be nearly the whole file.
type loader struct{ values, room [64 << 10]float32 }

func (l *loader) load(p *nn.Param, t *safetensors.Tensor) {
	piece, size, step := *t, t.DType.Size(), len(l.values)
	panels := false
	if inner := p.Size() / p.Dims[0]; p.Strides != nil && simd.Panel*inner <= len(l.values) {
		panels, step = true, simd.Panel*inner
	}
	for from := 0; from < t.Len(); from += step {
		to := min(from+step, t.Len())
		piece.Data = t.Data[from*size : to*size]
		piece.Floats(l.values[:to-from])
		if panels {
			p.ImportPanel(from/step*simd.Panel, l.values[:to-from], l.room[:])
		} else {
			p.ImportAt(from, l.values[:to-from])
		}
	}
}
