package models

import (
	"compress/gzip"
	"fmt"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// idxBody is one of MNIST's four files without its header, or skips.
func idxBody(t *testing.T, name string, header int) []uint8 {
	root := os.Getenv("SQUINT_DATA")
	if root == "" {
		root = "../../shared/data"
	}
	f, err := os.Open(filepath.Join(root, "mnist", name))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b[header:]
}

// TestDigitsOnPapers draws MNIST's test digits anew on every kind of paper and asks
// the built-in model. SQUINT_PAPERS is how many of each kind, 1 without;
// SQUINT_PAPERS_OUT a folder for those that are misread, with what the network saw.
// docs/pictures.md has the result of a long run.
func TestDigitsOnPapers(t *testing.T) {
	pixels, labels := idxBody(t, "t10k-images-idx3-ubyte.gz", 16), idxBody(t, "t10k-labels-idx1-ubyte.gz", 8)
	m, err := Builtin("digits")
	if err != nil {
		t.Fatal(err)
	}
	n := 1
	if s := os.Getenv("SQUINT_PAPERS"); s != "" {
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	out := os.Getenv("SQUINT_PAPERS_OUT")
	all, right := 0, 0
	for k, kind := range kindNames {
		r := rand.New(rand.NewPCG(uint64(k), 1))
		t.Run(kind, func(t *testing.T) {
			good := 0
			for i := range n {
				at := r.IntN(len(labels))
				img := kinds[kind](r, skeleton(pixels[at*784:][:784]))
				probs, err := m.Classify(img)
				if err != nil {
					t.Fatal(err)
				}
				best := 0
				for c, p := range probs {
					if p > probs[best] {
						best = c
					}
				}
				if best == int(labels[at]) {
					good++
				} else if out != "" {
					seen := make([]uint8, 784)
					if err := m.Prep.Bytes(seen, img); err != nil {
						t.Fatal(err)
					}
					save(t, filepath.Join(out, fmt.Sprintf("%s-%02d-%d-as-%d.png", kind, i, labels[at], best)), img)
					save(t, filepath.Join(out, fmt.Sprintf("%s-%02d-seen.png", kind, i)), &image.Gray{Pix: seen, Stride: 28, Rect: image.Rect(0, 0, 28, 28)})
				}
			}
			t.Logf("%-26s %3d of %d", kind, good, n)
			all, right = all+n, right+good
		})
	}
	t.Logf("%-26s %3d of %d: %.1f %%", "all", right, all, 100*float64(right)/float64(all))
	if right*100 < all*90 {
		t.Errorf("%d of %d: less than 90 %%", right, all)
	}
}

func save(t *testing.T, path string, img image.Image) {
	f, err := os.Create(path)
	if err == nil {
		err = png.Encode(f, img)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}
