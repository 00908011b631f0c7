package safefile

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestNewDir(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "runs", "pets")
	for _, want := range []string{path, path + "-2", path + "-3"} {
		got, err := NewDir(path + string(filepath.Separator))
		if err != nil || got != want {
			t.Errorf("NewDir = %q, %v; want %q", got, err, want)
		}
	}
	// A file and a dangling link take names too.
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o666); err != nil {
		t.Fatal(err)
	}
	os.Symlink("nowhere", file+"-2")
	got, err := NewDir(file)
	if err != nil || !strings.HasPrefix(got, file+"-") {
		t.Errorf("NewDir = %q, %v", got, err)
	}
	wantFile(t, file, "kept")

	if _, err := NewDir(filepath.Join(file, "below")); err == nil {
		t.Error("a folder below a file: no error")
	}
	if got, err := NewDir(string(filepath.Separator)); err == nil {
		t.Errorf("NewDir(/) = %q", got)
	}
	t.Chdir(filepath.Join(root, "runs"))
	if got, err := NewDir("."); err != nil || filepath.Base(got) != "runs-2" {
		t.Errorf("NewDir(.) = %q, %v; want runs-2", got, err)
	}
}

func TestNewDirRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "run")
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			got, err := NewDir(path)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || seen[got] {
				t.Errorf("NewDir = %q, %v; given before: %v", got, err, seen[got])
			}
			seen[got] = true
		})
	}
	wg.Wait()
}
