package models

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkBuiltin is how long a model takes to be ready to answer, and the
// memory that takes in all.
func BenchmarkBuiltin(b *testing.B) {
	for _, name := range Names() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m, err := Builtin(name)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := m.NewClassifier(1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpen is the same from a file, at 32 and at 16 bits.
func BenchmarkOpen(b *testing.B) {
	for _, name := range Names() {
		m, err := Builtin(name)
		if err != nil {
			b.Fatal(err)
		}
		for _, m.Half = range []bool{false, true} {
			path := filepath.Join(b.TempDir(), "model.safetensors")
			if err := m.Write(path); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/half=%v", name, m.Half), func(b *testing.B) {
				st, err := os.Stat(path)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(st.Size())
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Open(path); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
