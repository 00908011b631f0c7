//go:build unix

package mapped

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestNew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	b, err := New(dir, 3<<20+7)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.B) != 3<<20+7 || bytes.Count(b.B, []byte{0}) != len(b.B) {
		t.Fatalf("%d bytes, not all of them 0", len(b.B))
	}
	for i := range b.B {
		b.B[i] = byte(i)
	}
	for i, v := range b.B {
		if v != byte(i) {
			t.Fatalf("byte %d is %d", i, v)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
	if err := b.Close(); err != nil || b.B != nil || b.Close() != nil {
		t.Errorf("closed: %v", err)
	}
}

func TestNothing(t *testing.T) {
	b, err := New(filepath.Join(t.TempDir(), "never made"), 0)
	if err != nil || len(b.B) != 0 || b.Close() != nil {
		t.Errorf("%v, %v", b, err)
	}
}
