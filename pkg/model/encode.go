package model

import (
	"bytes"
	"encoding/json"
	"fmt"

	"squint/internal/safetensors"
)

// The metadata keys of a model file.
const (
	keyFormat  = "format"
	keyClasses = "classes"
	keyNetwork = "network"
	keyPrep    = "prep"
	keyReceipt = "receipt"
	keyReport  = "report" // optional
	keyTrust   = "trust"  // optional
)

var keys = []string{keyClasses, keyFormat, keyNetwork, keyPrep, keyReceipt, keyReport, keyTrust}

// prototypes is the tensor [prototypes][features] of Trust.Prototypes, optional. No
// weights are called so: their names begin with the number of their layer.
const prototypes = "trust.prototypes"

// format is the value of keyFormat: the kind of file and its version.
const format = "squint-model-1"

// Encode returns the model as the bytes of its file. The same model gives the
// same bytes.
func (m *Model) Encode() ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	meta, err := m.meta()
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	var tensors []safetensors.Tensor
	for _, p := range m.Net.Params() {
		values := make([]float32, p.Size())
		p.Export(values)
		tensors = append(tensors, safetensors.New(p.Name, m.dtype(p.Dims), p.Dims, values))
	}
	if t := m.Trust; t != nil && t.Prototypes != nil {
		p := t.Prototypes
		dims := []int{len(p.V) / p.D, p.D}
		tensors = append(tensors, safetensors.New(prototypes, m.dtype(dims), dims, p.V))
	}
	b, err := safetensors.Encode(meta, tensors)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	return b, nil
}

// dtype returns the type in which an array of these dimensions is stored.
func (m *Model) dtype(dims []int) safetensors.DType {
	if m.Half && len(dims) > 1 {
		return safetensors.F16
	}
	return safetensors.F32
}

// meta returns all that is not weights.
func (m *Model) meta() (map[string]string, error) {
	meta := map[string]string{keyFormat: format}
	for _, part := range []struct {
		key   string
		value any
	}{
		{keyClasses, m.Classes},
		{keyNetwork, m.Net.Specs},
		{keyPrep, m.Prep},
		{keyReceipt, m.Receipt},
	} {
		text, err := text(part.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.key, err)
		}
		meta[part.key] = text
	}
	if m.Trust != nil {
		text, err := text(m.Trust)
		if err != nil {
			return nil, fmt.Errorf("trust: %w", err)
		}
		meta[keyTrust] = text
	}
	if m.Report != nil {
		text, err := compact(m.Report)
		if err != nil {
			return nil, err
		}
		meta[keyReport] = text
	}
	return meta, nil
}

// text returns v as JSON in the one form that files hold: no white space, no
// escapes but those that JSON demands of everyone.
func text(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), err
}

// compact returns the report without white space.
func compact(report json.RawMessage) (string, error) {
	var b bytes.Buffer
	if err := json.Compact(&b, report); err != nil {
		return "", fmt.Errorf("report: %w", err)
	}
	if b.Len() > MaxReport {
		return "", fmt.Errorf("report: %d bytes, want at most %d", b.Len(), MaxReport)
	}
	if b.Bytes()[0] != '{' {
		return "", fmt.Errorf("report: %.20q…, want a JSON object", b.Bytes())
	}
	return b.String(), nil
}
