// Gen writes the pictures of data/digits. From the root of the project:
//
//	go run ./internal/digits/gen -out data/digits
package main

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"

	"squint/internal/digits"
)

func main() {
	out := flag.String("out", "data/digits", "directory to write to; pictures in it are replaced")
	flag.Parse()
	if err := generate(*out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func generate(dir string) error {
	for class := range digits.Classes {
		for index := range digits.PerClass {
			name := filepath.Join(dir, filepath.FromSlash(digits.Name(class, index)))
			if err := write(name, class, index); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(name string, class, index int) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(f, digits.Draw(digits.Seed, class, index)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
