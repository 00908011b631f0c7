// Package models holds the models that are built into the program, one
// safetensors file each (see docs/model-format.md), with the receipt of its
// training inside. To add one, put NAME.safetensors here and describe it in
// README.md. Importing this package also registers all kinds of layer.
package models

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "squint/pkg/conv" // layers
	_ "squint/pkg/mlp"  // layers
	"squint/pkg/model"
)

//go:embed *.safetensors
var files embed.FS

const extension = ".safetensors"

// Names returns the names of the built-in models, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // an embedded folder is always there
	}
	var names []string
	for _, e := range entries { // sorted
		if name, ok := strings.CutSuffix(e.Name(), extension); ok {
			names = append(names, name)
		}
	}
	return names
}

// Open returns the model that a user names: a built-in one, a model file, or the
// folder of a training run. Model.Name is what the user wrote, since the files
// of all runs have the same name.
func Open(name string) (*model.Model, error) {
	if slices.Contains(Names(), name) {
		return Builtin(name)
	}
	path := name
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		path = filepath.Join(name, "model.safetensors")
	}
	m, err := model.Read(path)
	if err != nil {
		return nil, err
	}
	m.Name = name
	return m, nil
}

// Builtin decodes the built-in model called name.
func Builtin(name string) (*model.Model, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("models: no built-in model %q, there is %s", name, strings.Join(Names(), ", "))
	}
	b, err := files.ReadFile(name + extension)
	if err != nil {
		return nil, err
	}
	m, err := model.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("models: %s: %w", name, err)
	}
	m.Name = name
	return m, nil
}
