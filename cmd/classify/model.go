package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime/debug"

	"squint/internal/cli"
	"squint/models"
	"squint/pkg/model"
)

// load returns the model that -m names, or an error that says what to name.
func load(name string) (*model.Model, error) {
	// Meanwhile there is nothing to collect but what the model is made of.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	m, err := models.Open(name)
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, fs.ErrNotExist) && filepath.Base(name) == name && filepath.Ext(name) == "":
		hint := "name one with -m FILE"
		if near := cli.Nearest(name, models.Names()); near != "" {
			hint = "did you mean -m " + near + "?"
		}
		return nil, cli.Errorf(cli.Failure, hint, "no built-in model %q in this build", name)
	}
	return nil, &cli.Error{Code: cli.Failure, Err: err, Hint: "-m takes a built-in model or the model.safetensors of a training run"}
}
