package safefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxTries bounds how many names NewDir tries.
const maxTries = 10000

// NewDir makes a new folder called path or, where something has that name,
// path-2, path-3 and so on, with the folders above it, and returns the name. It
// never returns a folder that was there before, so two processes that ask at
// the same moment get two folders.
func NewDir(path string) (string, error) {
	path = filepath.Clean(path)
	if b := filepath.Base(path); b == "." || b == ".." { // "." has no name of its own to count from
		abs, err := filepath.Abs(path)
		if err != nil {
			return "", fmt.Errorf("safefile: %w", err)
		}
		path = abs
	}
	parent := filepath.Dir(path)
	if parent == path {
		return "", fmt.Errorf("safefile: %q cannot be made anew", path)
	}
	if err := makeAll(parent); err != nil {
		return "", fmt.Errorf("safefile: %w", err)
	}
	name := path
	for n := 2; n <= maxTries; n++ {
		err := os.Mkdir(name, 0o777)
		if err == nil {
			return name, syncDir(parent)
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("safefile: %w", err)
		}
		name = fmt.Sprintf("%s-%d", path, n)
	}
	return "", fmt.Errorf("safefile: %q and %d names like it are taken", path, maxTries)
}

// makeAll is os.MkdirAll, durable: each new folder's name is synced.
func makeAll(dir string) error {
	st, err := os.Stat(dir)
	if err == nil && !st.IsDir() {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: errors.New("a file has this name")}
	}
	parent := filepath.Dir(dir)
	if err == nil || parent == dir {
		return err
	}
	if err := makeAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}
