package dataset

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// npy is a file of numpy.save: numpy 2 writes just so.
func npy(descr, shape string, values []byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	for (10+len(head)+1)%64 != 0 {
		head += " "
	}
	head += "\n"
	return append([]byte("\x93NUMPY\x01\x00"+string([]byte{byte(len(head)), byte(len(head) >> 8)})+head), values...)
}

// npz writes arrays in the order of their names and values.
func npz(t testing.TB, path string, arrays ...any) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(arrays); i += 2 {
		w, err := z.Create(arrays[i].(string) + ".npy")
		if err == nil {
			_, err = w.Write(arrays[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestNPZ: the same pictures as an npz file and as folders are the same data.
func TestNPZ(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	const n, h, w = 60, 5, 4
	for _, c := range []int{1, 3} {
		pixels, labels, long := make([]uint8, n*h*w*c), make([]uint8, n), make([]uint8, 8*n)
		fill(r, pixels)
		pictures := map[string]image.Image{}
		for i := range n {
			labels[i] = uint8(3 * (i % 3))
			long[8*i] = labels[i]
			x := packed{h: h, w: w, c: c}
			pictures[fmt.Sprintf("%d/%d.png", labels[i], i)], _ = x.image(pixels, i)
		}
		shape := fmt.Sprintf("(%d, %d, %d)", n, h, w)
		if c == 3 {
			shape = fmt.Sprintf("(%d, %d, %d, 3)", n, h, w)
		}
		folders := t.TempDir()
		save(t, folders, pictures)
		opt := Options{Prep: gray(4), Val: .2, Test: .2}
		want := load(t, folders, opt)
		for what, arrays := range map[string][]any{
			"bytes": {"images", npy("|u1", shape, pixels), "labels", npy("|u1", fmt.Sprintf("(%d,)", n), labels), "mean", []byte("x")},
			"int64": {"y", npy("<i8", fmt.Sprintf("(%d, 1)", n), long), "x", npy("|u1", shape, pixels)},
		} {
			path := filepath.Join(t.TempDir(), "set.npz")
			npz(t, path, arrays...)
			for _, dir := range []string{path, filepath.Dir(path)} {
				got := load(t, dir, opt)
				if got.Source.Kind != "npz" || !strings.HasPrefix(got.Train.Files[0], "set.npz/") {
					t.Errorf("%s: %s, %s", what, got.Source.Kind, got.Train.Files[0])
				}
				for _, d := range []*Data{want, got} {
					for _, s := range []*Set{d.Train, d.Val, d.Test} {
						s.Files = nil
					}
				}
				sameData(t, what, want, got)
			}
		}
	}
}

// TestNPZParts: arrays named as Keras and MedMNIST name them.
func TestNPZParts(t *testing.T) {
	pixels := func(n int, seed uint64) []byte {
		b := make([]byte, n*16)
		fill(rand.New(rand.NewPCG(seed, 1)), b)
		return npy("|u1", fmt.Sprintf("(%d, 4, 4)", n), b)
	}
	labels := func(v ...byte) []byte { return npy("|i1", fmt.Sprintf("(%d,)", len(v)), v) }
	root := t.TempDir()
	for name, arrays := range map[string][]any{
		"keras.npz":    {"x_test", pixels(2, 1), "x_train", pixels(3, 2), "y_train", labels(0, 255, 0), "y_test", labels(0, 255)},
		"medmnist.npz": {"train_images", pixels(3, 2), "val_images", pixels(2, 3), "test_images", pixels(2, 1), "train_labels", labels(0, 255, 0), "val_labels", labels(0, 255), "test_labels", labels(0, 255)},
	} {
		path := filepath.Join(root, name)
		npz(t, path, arrays...)
		d := load(t, path, Options{Prep: gray(4)})
		if d.Train.Len() != 3 || d.Test.Len() != 2 || strings.Join(d.Classes, " ") != "-1 0" || d.Val.Len() != map[string]int{"keras.npz": 0, "medmnist.npz": 2}[name] {
			t.Errorf("%s: %d, %d and %d of %q", name, d.Train.Len(), d.Val.Len(), d.Test.Len(), d.Classes)
		}
	}
}

func TestNPZUnusable(t *testing.T) {
	good, labels := npy("|u1", "(2, 1, 1)", []byte{1, 2}), npy("|u1", "(2,)", []byte{0, 1})
	for want, arrays := range map[string][]any{
		"no labels or pictures beside it":              {"x", good},
		"no arrays of pictures":                        {"weights", good},
		"are the same part":                            {"x", good, "images", good, "y", labels},
		"3 labels for 2 images":                        {"x", good, "y", npy("|u1", "(3,)", []byte{0, 1, 1})},
		"1 bytes of values, want 2":                    {"x", npy("|u1", "(2, 1, 1)", []byte{1}), "y", labels},
		`values of type "<f4", want whole numbers`:     {"x", npy("<f4", "(2, 1, 1)", make([]byte, 8)), "y", labels},
		"values of 2 bytes, want unsigned bytes":       {"x", npy("<u2", "(2, 1, 1)", make([]byte, 4)), "y", labels},
		"dimensions [2 1], want [n][height][width]":    {"x", npy("|u1", "(2, 1)", []byte{1, 2}), "y", labels},
		"dimensions [2 2], want [n] for labels":        {"x", good, "y", npy("|u1", "(2, 2)", make([]byte, 4))},
		"after [1000000] makes more than":              {"x", npy("|u1", "(1000000, 1000000, 3)", nil), "y", labels},
		"no NPY header":                                {"x", []byte("PK\x03\x04"), "y", labels},
		"want plain values with a descr":               {"x", npy("|u1", "two", nil), "y", labels},
		"NPY header of 4294967295 bytes, want at most": {"x", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "y", labels},
		"values in Fortran's order":                    {"x", bytes.Replace(good, []byte("False, "), []byte("True,  "), 1), "y", labels},
	} {
		path := filepath.Join(t.TempDir(), "set.npz")
		npz(t, path, arrays...)
		src, err := Scan(path)
		if err == nil {
			_, err = src.Load(t.Context(), Options{Prep: gray(1)})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want …%s…", err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "set.npz")
	if err := os.WriteFile(path, []byte("no zip"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Scan(path); err == nil || !strings.Contains(err.Error(), "not a valid zip file") {
		t.Error(err)
	}
}

func FuzzReadNPY(f *testing.F) {
	f.Add(npy("|u1", "(2, 3)", []byte{1, 2, 3, 4, 5, 6}))
	f.Add(npy("<i8", "(1, 1)", make([]byte, 8)))
	f.Add(npy(">i2", "(2,)", []byte{255, 254, 0, 3}))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bytes.NewReader(data)
		h, err := readNPYHeader(r)
		if err == nil && h.count() < 0 {
			t.Fatalf("%+v", h)
		}
		labels, err := readNPYLabels(bytes.NewReader(data))
		if err == nil && len(labels)*h.size != r.Len() {
			t.Fatalf("%d labels of %d bytes", len(labels), r.Len())
		}
	})
}
