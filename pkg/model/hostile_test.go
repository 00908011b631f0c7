package model_test

import (
	"archive/zip"
	"bytes"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"squint/internal/safetensors"
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

// What a file says of trust must fit its network, and be in the one form.
func TestHostileTrust(t *testing.T) {
	m := tiny(t)
	trusting(m)
	good, err := safetensors.Decode(encode(t, m))
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, new string) func(map[string]string, *safetensors.Tensor) {
		return func(meta map[string]string, _ *safetensors.Tensor) {
			if !strings.Contains(meta["trust"], old) {
				t.Fatalf("%s has no %s", meta["trust"], old)
			}
			meta["trust"] = strings.Replace(meta["trust"], old, new, 1)
		}
	}
	values := make([]float32, 2*18)
	for _, c := range []struct {
		want   string
		change func(meta map[string]string, prototypes *safetensors.Tensor)
	}{
		{"belong to no layer", func(meta map[string]string, _ *safetensors.Tensor) { delete(meta, "trust") }},
		{"belong to no layer", func(_ map[string]string, p *safetensors.Tensor) {
			*p = safetensors.New(p.Name, safetensors.F32, []int{36}, values)
		}},
		{"want F16", func(_ map[string]string, p *safetensors.Tensor) { // which makes it a file of 16 bits
			*p = safetensors.New(p.Name, safetensors.F16, p.Shape, values)
		}},
		{"prototypes of 12 features", func(_ map[string]string, p *safetensors.Tensor) {
			*p = safetensors.New(p.Name, safetensors.F32, []int{3, 12}, values)
		}},
		{"NaN", func(_ map[string]string, p *safetensors.Tensor) {
			values[7] = float32(math.NaN())
			*p = safetensors.New(p.Name, safetensors.F32, p.Shape, values)
		}},
		{"trust", replace("{", "")},
		{"unknown field", replace(`"n"`, `"m"`)},
		{"want", replace(`"default":0.9`, `"default":0.90`)},
		{"want", replace(`"n":200`, `"n":200,"n":200`)},
		{"scales for 3 outputs", replace(`"scale":[1.5]`, `"scale":[1.5,1.5]`)},
		{"scales for 3 outputs", replace(`"scale":[1.5]`, `"scale":[]`)},
		{"scale 0", replace(`"scale":[1.5]`, `"scale":[0]`)},
		{"trust", replace(`"scale":[1.5]`, `"scale":[1e39]`)},
		{"biases for 3", replace(`"bias":[0.125,0,-1]`, `"bias":[0.125,0]`)},
		{"curves for 3", replace(`"curve":[0,0.5,-0.25]`, `"curve":[0]`)},
		{"rising", replace(`"precision":0.99`, `"precision":0.9`)},
		{"default precision", replace(`"default":0.9`, `"default":0.95`)},
	} {
		f := safetensors.File{Meta: maps.Clone(good.Meta), Tensors: slices.Clone(good.Tensors)}
		c.change(f.Meta, f.Tensor("trust.prototypes"))
		b, err := safetensors.Encode(f.Meta, f.Tensors)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(t, b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
}
