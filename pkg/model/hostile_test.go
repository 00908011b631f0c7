package model_test

import (
	"archive/zip"
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"squint/pkg/model"
)

// A file that is two things at once is refused, whichever comes first.
func TestPolyglots(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("archive/data.pkl")
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("\x80\x02."))
	z.Close()
	b := encode(t, tiny(t))
	for _, other := range []string{
		archive.String(), "<html><script>alert(1)</script></html>", "%PDF-1.4\n%%EOF\n", "\x80\x02.", "\x00", "\n", " ", string(b),
	} {
		for _, file := range []string{string(b) + other, other + string(b)} {
			if _, err := decode(t, []byte(file)); err == nil {
				t.Errorf("%.20q beside a model: no error", other)
			}
		}
	}
}

// What reads models has no way to run anything, to reach a network or to open
// what a file names.
func TestReaderImports(t *testing.T) {
	for _, dir := range []string{".", "../../internal/safetensors"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			src, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range src.Imports {
				path := strings.Trim(i.Path.Value, `"`)
				if slices.Contains([]string{"C", "encoding/gob", "os", "os/exec", "plugin", "reflect", "syscall", "text/template", "unsafe"}, path) || strings.HasPrefix(path, "net") {
					t.Errorf("%s imports %s", file, path)
				}
			}
		}
	}
}

// A huge file costs nothing: its size is looked at first.
func TestHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.safetensors")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 40); err != nil {
		t.Skip(err) // no sparse files here
	}
	if _, err := model.Read(path); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("a file of 1 TiB: %v", err)
	}
}
