package imageio

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ten := write("ten.png", []byte("0123456789"))
	link := filepath.Join(dir, "link.png")
	if err := os.Symlink(ten, link); err != nil {
		t.Log("no symbolic links here:", err)
		link = ten
	}
	for _, path := range []string{ten, link} {
		if data, err := ReadFile(path, Limits{FileBytes: 10}); err != nil || string(data) != "0123456789" {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
	sparse := write("sparse.jpg", nil)
	if err := os.Truncate(sparse, 100<<30); err != nil {
		t.Log("no sparse files here:", err)
		sparse = ten
	}
	for _, c := range []struct {
		path string
		lim  Limits
		want string
	}{
		{write("empty.jpg", nil), Limits{}, "empty file"},
		{ten, Limits{FileBytes: 9}, "the limit is 9"},
		{sparse, Limits{FileBytes: 9}, "the limit is 9"},
		{dir, Limits{}, "a folder"},
		{filepath.Join(dir, "missing.jpg"), Limits{}, "no such file"},
	} {
		data, err := ReadFile(c.path, c.lim)
		if err == nil || data != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.path, err, c.want)
		}
		var named *fs.PathError
		if !errors.As(err, &named) || named.Path != c.path || strings.Count(err.Error(), c.path) != 1 {
			t.Errorf("%v does not name %s once", err, c.path)
		}
	}
}

// endless never runs out, as a device or a chunked upload may not.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) { e.read += len(p); return len(p), nil }

func TestReadAll(t *testing.T) {
	if data, err := ReadAll(strings.NewReader("abc"), Limits{FileBytes: 3}); err != nil || !bytes.Equal(data, []byte("abc")) {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := ReadAll(strings.NewReader("abcd"), Limits{FileBytes: 3}); err == nil {
		t.Error("one byte over the limit was read")
	}
	if _, err := ReadAll(strings.NewReader(""), Limits{}); err == nil || err.Error() != "empty file" {
		t.Errorf("nothing: %v", err)
	}
	if _, err := ReadAll(errReader{}, Limits{}); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a reader's own error: %v", err)
	}
	e := &endless{}
	if _, err := ReadAll(e, Limits{FileBytes: 1000}); err == nil || e.read > 2000 {
		t.Errorf("an endless reader: %v after %d bytes", err, e.read)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, fs.ErrClosed }

func TestIsImageName(t *testing.T) {
	for name, want := range map[string]bool{
		"a.jpg": true, "A.JPEG": true, "dir.png/a.Jpe": true, "x.jfif": true, "x.png": true, "x.gif": true, "x.webp": true,
		"x.bmp": true, "x.HEIC": true, "x.heif": true, "x.avif": true, "x.tif": true, "x.tiff": true,
		"jpg": false, "x.jpg.txt": false, "x.mp4": false, "Thumbs.db": false, "dir.png/readme": false, "": false,
	} {
		if got := IsImageName(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
}
