package safefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Write(path, []byte("data")); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path, 4); string(got) != "data" || err != nil {
		t.Errorf("Read = %q, %v", got, err)
	}
	sparse := filepath.Join(dir, "sparse")
	if err := os.WriteFile(sparse, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 1<<40); err != nil {
		t.Log("no sparse file of 1 TiB here:", err)
		sparse = path
	}
	for _, c := range []struct{ path, want string }{
		{path, "4 bytes, the limit is 3"},
		{sparse, "the limit is 3"},
		{dir, "a folder"},
		{os.DevNull, "not a regular file"},
	} {
		if _, err := Read(c.path, 3); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("Read(%s) = %v, want an error with %q", c.path, err, c.want)
		}
	}
	if _, err := Read(filepath.Join(dir, "none"), 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}
