package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// parts says which files of internal/simd are what.
var parts = []struct {
	name     string
	patterns []string
	take     func(file string) bool
}{
	{"generator of the assembly", []string{"_gen/*.go"}, nil},
	{"drivers and Go twins", []string{"*.go"}, func(f string) bool { return !test(f) && !generated(f) }},
	{"gonum's contract", []string{"blas32/*.go"}, func(f string) bool { return !test(f) }},
	{"tests and benchmarks", []string{"*_test.go", "blas32/*_test.go"}, nil},
	{"generated", []string{"kernels_*"}, nil},
}

func test(file string) bool      { return strings.HasSuffix(file, "_test.go") }
func generated(file string) bool { return strings.HasPrefix(filepath.Base(file), "kernels_") }

func writeLines(*bench) {
	fmt.Print("\n## Lines of the engine\n\nOf internal/simd, all lines with comments.\n")
	var rows [][]string
	for _, p := range parts {
		var files []string
		for _, pattern := range p.patterns {
			found, _ := filepath.Glob("internal/simd/" + pattern)
			files = append(files, found...)
		}
		if p.take != nil {
			files = slices.DeleteFunc(files, func(f string) bool { return !p.take(f) })
		}
		lines := 0
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
			}
			lines += bytes.Count(text, []byte("\n"))
		}
		rows = append(rows, []string{p.name, fmt.Sprint(len(files)), fmt.Sprint(lines)})
	}
	table([]string{"part", "files", "lines"}, rows)
}
