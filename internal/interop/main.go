// Command interop writes what another program needs to be compared with squint:
// a model as ONNX and as safetensors, pictures, and squint's answers to them.
// check.sh runs it and compares.
//
//	interop MODEL PICTURES DIR
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"squint/models"
	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/onnx"
)

// count is how many of the pictures are taken, spread over all of them.
const count = 1000

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: interop MODEL PICTURES DIR")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func run(name, pictures, dir string) error {
	m, err := models.Open(name)
	if err != nil {
		return err
	}
	pixels, err := load(m, pictures)
	if err != nil {
		return err
	}
	probs, _, err := m.Predict(context.Background(), pixels, 2)
	if err != nil {
		return err
	}
	graph, err := onnx.Encode(m)
	if err != nil {
		return err
	}
	weights, err := m.Encode()
	if err != nil {
		return err
	}
	about, err := json.Marshal(map[string]any{"classes": m.Classes, "size": m.Prep.Size, "weights": m.Net.Size()})
	if err != nil {
		return err
	}
	raw, err := binary.Append(nil, binary.LittleEndian, probs)
	if err != nil {
		return err
	}
	for file, b := range map[string][]byte{
		"model.onnx": graph, "model.safetensors": weights, "about.json": about,
		"pixels": pixels, // [n][H][W][C] bytes, as Prep.Bytes makes them
		"probs":  raw,    // [n][classes] float32
	} {
		if err := os.WriteFile(filepath.Join(dir, file), b, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// load reads pictures of the model's classes.
func load(m *model.Model, dir string) ([]uint8, error) {
	src, err := dataset.Scan(dir)
	if err != nil {
		return nil, err
	}
	all := src.Items
	if len(all) < count {
		return nil, fmt.Errorf("%s: %d pictures, want %d", dir, len(all), count)
	}
	src.Items = nil
	for i := range count {
		src.Items = append(src.Items, all[i*len(all)/count])
	}
	set, err := src.Load(context.Background(), dataset.Options{Prep: m.Prep, Classes: m.Classes})
	if err != nil {
		return nil, err
	}
	var pixels []uint8
	for _, part := range []*dataset.Set{set.Train, set.Val, set.Test} {
		pixels = append(pixels, part.Pixels...)
	}
	if n := len(pixels) / m.Prep.Size.Size(); n != count {
		return nil, fmt.Errorf("%s: %d pictures can be read, want %d", dir, n, count)
	}
	return pixels, nil
}
