package dataset

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"squint/pkg/imageio"
)

// TestPlanted: among real photos, whose near duplicates across the parts are
// removed, the audit finds what was planted, and nothing else.
func TestPlanted(t *testing.T) {
	catdog, root := shared(t, "catdog"), t.TempDir()
	files := map[string][]string{} // "train/cat"
	for _, part := range []string{"train", "test"} {
		for _, class := range []string{"cat", "dog"} {
			at := filepath.Join(part, class)
			names, err := filepath.Glob(filepath.Join(catdog, at, "*"))
			if err != nil || len(names) < 300 {
				t.Fatalf("%s: %d files, %v", at, len(names), err)
			}
			if err := os.MkdirAll(filepath.Join(root, at), 0o777); err != nil {
				t.Fatal(err)
			}
			for _, name := range names[:300] {
				if err := os.Symlink(name, filepath.Join(root, at, filepath.Base(name))); err != nil {
					t.Fatal(err)
				}
			}
			files[at] = names
		}
	}
	plant := func(name, from string, quality int) string {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if quality > 0 {
			img, _, err := imageio.Decode(data, imageio.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			data = b.Bytes()
		}
		put(t, root, name, data)
		return name
	}
	original := func(at string, i int) string { return at + "/" + filepath.Base(files[at][i]) }
	want := map[string][]string{
		"leak":             {plant("test/cat/planted-copy.jpg", files["train/cat"][7], 0), original("train/cat", 7)},
		"near-leak":        {plant("test/dog/planted-saved-again.jpg", files["train/dog"][9], 60), original("train/dog", 9)},
		"two-classes":      {plant("train/dog/planted-twin.jpg", files["train/cat"][21], 0), original("train/cat", 21)},
		"near-two-classes": {plant("train/cat/planted-twin-saved-again.jpg", files["train/dog"][33], 70), original("train/dog", 33)},
	}
	a, err := Check(t.Context(), root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Findings {
		if f.Level != Harms {
			continue
		}
		files, ok := want[f.Kind]
		if !ok {
			t.Errorf("%s: %s", f.Kind, f.Text)
			continue
		}
		if len(f.Cases) != 1 || fmt.Sprint(slices.Sorted(slices.Values(f.Cases[0].Files))) != fmt.Sprint(slices.Sorted(slices.Values(files))) {
			t.Errorf("%s: %v, want %v", f.Kind, f.Cases, files)
		}
		delete(want, f.Kind)
	}
	for kind := range want {
		t.Errorf("%s was not found", kind)
	}
	if a.Pictures != 1204 {
		t.Errorf("%d pictures", a.Pictures)
	}
}
