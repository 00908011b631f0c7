// Package model is the saved thing: a network with its weights, what it needs
// to answer about a picture (how pictures are prepared, what the classes are
// called) and a receipt of how it came to be, in one file.
//
// The file is a safetensors file in one strict form, described in
// docs/model-format.md. The same model gives the same bytes, on any machine;
// a file that is damaged in any bit, or that says anything twice or
// contradicts itself, is refused before it can do harm.
//
// A file can be read where its kinds of layer are registered: import
// squint/pkg/mlp and squint/pkg/conv, or squint/models, for their sake.
//
// A Model may be used by several goroutines at once as long as none changes
// it; a Classifier belongs to one goroutine.
package model

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"

	"squint/internal/safefile"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/nn"
)

// Model is a trained classifier.
type Model struct {
	// Name is what answers call the model: the name of its file, or of the
	// built-in. It is not stored.
	Name string
	// Classes are the names of the classes, in the order of the network's
	// outputs; a network with one output tells two classes apart. They are
	// distinct, 1 to 255 bytes of UTF-8 without control characters. They may
	// still hold anything else ("../x"): whoever makes file names of them, or
	// shows them, must look after that.
	Classes []string
	// Prep says how a picture becomes the network's input, of Prep.Size.
	Prep imageio.Prep
	// Net is the network. Its Specs and weights are stored, running statistics
	// among them. One that was read only holds the weights: a Classifier answers.
	Net *nn.Network
	// Half says that the file holds the weights of dense layers and convolutions
	// in 16 bits, which halves it; they are rounded to 11 binary digits when it is
	// written, and what else a network has (biases, batch norm) stays at 32 bits.
	Half bool
	// Report is what is known about how good the model is: the content of
	// report.json that does not vary from run to run, so without seconds, images
	// per second and the machine. A JSON object of at most MaxReport bytes, or
	// nil.
	Report json.RawMessage
	// Receipt says how the model came to be.
	Receipt Receipt
	// Trust says how far answers can be trusted and when to give none; nil for
	// a model that does not know.
	Trust *eval.Trust

	idle sync.Pool // of *Classifier with batch 1, for Classify

	inference struct { // Net's inference form, from the first classifier on
		once sync.Once
		net  *nn.Network
		err  error
	}
}

// Receipt says what a model was made from: enough to make it again, to the same
// bytes on the same kind of machine. Times, the machine and the number of
// threads are not in it, because they change nothing.
type Receipt struct {
	Version string `json:"version,omitempty"` // of squint
	Go      string `json:"go,omitempty"`      // of the Go release, which decodes JPEG: "go1.26.8"
	Seed    uint64 `json:"seed"`
	// Recipe is everything that shaped the weights, see recipe.Recipe; nil for unknown.
	Recipe json.RawMessage `json:"recipe,omitempty"`
	// Data and Split are SHA-256 sums in hexadecimal, of the pictures with their
	// labels and of which picture went into which part; empty for unknown.
	Data  string `json:"data,omitempty"`
	Split string `json:"split,omitempty"`
}

// MaxFile bounds model files, in bytes.
const MaxFile = 2 << 30

// Read reads a model file, a regular file of at most 2 GiB. Errors name it.
func Read(path string) (*Model, error) {
	b, err := safefile.Read(path, MaxFile)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	m.Name = filepath.Base(path)
	return m, nil
}

// Write writes the model to path so that the file is whole at any moment, and
// replaces a file that is there.
func (m *Model) Write(path string) error {
	b, err := m.Encode()
	if err != nil {
		return err
	}
	return safefile.Write(path, b)
}
