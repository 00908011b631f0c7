package main

import (
	"os"
	"path/filepath"
	"slices"

	"squint/internal/cli"
	"squint/models"
	"squint/pkg/model"
)

// load returns the model that -m names: a built-in one, or a file.
func load(name string) (*model.Model, error) {
	builtin := models.Names()
	if slices.Contains(builtin, name) {
		return models.Builtin(name)
	}
	st, err := os.Stat(name)
	switch {
	case err == nil && st.IsDir(): // of a training run
		return read(filepath.Join(name, "model.safetensors"), name)
	case err == nil:
		return read(name, name)
	case name == defaultModel || filepath.Base(name) == name && filepath.Ext(name) == "":
		hint := "name one with -m FILE"
		if near := cli.Nearest(name, builtin); near != "" {
			hint = "did you mean -m " + near + "?"
		}
		return nil, cli.Errorf(cli.Failure, hint, "no built-in model %q in this build", name)
	}
	return nil, cli.Errorf(cli.Failure, "-m takes a built-in model or the model.safetensors of a training run", "model %q: %w", name, reason(err))
}

// read reads a model and calls it what the user called it: the files of all
// training runs have the same name.
func read(path, name string) (*model.Model, error) {
	m, err := model.Read(path)
	if err != nil {
		return nil, cli.Errorf(cli.Failure, "-m takes a built-in model or the model.safetensors of a training run", "%w", err)
	}
	m.Name = name
	return m, nil
}
