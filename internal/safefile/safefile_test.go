package safefile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// names lists a folder, to see that no temporary file is left.
func names(t *testing.T, dir string) string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ns []string
	for _, e := range es {
		ns = append(ns, e.Name())
	}
	return strings.Join(ns, " ")
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for _, want := range []string{"first", "", "second, longer"} {
		if err := Write(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, want)
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("folder holds %q, want only a", got)
	}
}

func TestWriteRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	link := filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("kept"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, filepath.Join(dir, "folder"), os.DevNull} {
		if err := Write(path, []byte("x")); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("Write(%s) = %v, want an error", path, err)
		}
	}
	wantFile(t, target, "kept")
	if got := names(t, dir); got != "folder link target" {
		t.Errorf("folder holds %q", got)
	}
}

func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := Create(path, []byte("mine")); err != nil {
		t.Fatal(err)
	}
	err := Create(path, []byte("other"))
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("second Create: %v, want one that wraps fs.ErrExist", err)
	}
	wantFile(t, path, "mine")
	dangling := filepath.Join(dir, "dangling")
	if os.Symlink(filepath.Join(dir, "nowhere"), dangling) == nil {
		if err := Create(dangling, nil); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create on a dangling link: %v, want one that wraps fs.ErrExist", err)
		}
		os.Remove(dangling)
	}
	if got := names(t, dir); got != "a" {
		t.Errorf("folder holds %q, want only a", got)
	}
}

// Both ways to publish must refuse a file that appeared after Create's look.
func TestPublishNeverReplaces(t *testing.T) {
	for _, way := range []struct {
		name string
		move func(from, to string) error
	}{{"publish", publish}, {"link", os.Link}} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		err := write(path, []byte("mine"), func(from, to string) error {
			if err := os.WriteFile(to, []byte("theirs"), 0o666); err != nil {
				t.Fatal(err)
			}
			return way.move(from, to)
		})
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: %v, want one that wraps fs.ErrExist", way.name, err)
		}
		wantFile(t, path, "theirs")
		if got := names(t, dir); got != "a" {
			t.Errorf("%s: folder holds %q, want only a", way.name, got)
		}
	}
	// The check can fail: a plain rename replaces.
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	os.WriteFile(path, []byte("theirs"), 0o666)
	if err := write(path, []byte("mine"), os.Rename); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "mine")
}

func TestCreateRace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	const n = 16
	won := make([]bool, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := Create(path, bytes.Repeat([]byte{byte(i)}, 1000))
			won[i] = err == nil
			if err != nil && !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	winner := -1
	for i, w := range won {
		if w && winner >= 0 {
			t.Errorf("%d and %d both created the file", winner, i)
		}
		if w {
			winner = i
		}
	}
	if winner < 0 {
		t.Fatal("nobody created the file")
	}
	wantFile(t, path, strings.Repeat(string([]byte{byte(winner)}), 1000))
	if got := names(t, dir); got != "a" {
		t.Errorf("folder holds %q, want only a", got)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "model.safetensors")
	for _, f := range []func(string, []byte) error{Write, Create} {
		err := f(path, nil)
		if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "tmp-") {
			t.Errorf("error %v, want one that names %s and no other file", err, path)
		}
	}
}
