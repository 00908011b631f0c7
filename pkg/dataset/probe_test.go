package dataset

import (
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"squint/pkg/imageio"
)

func TestProbe(t *testing.T) {
	root := tree(t, "a/bad.png")
	grayRGB, coloured := image.NewNRGBA(image.Rect(0, 0, 30, 10)), image.NewNRGBA(image.Rect(0, 0, 8, 20))
	for i := range grayRGB.Pix {
		grayRGB.Pix[i] = 255
	}
	for i := 0; i < 30; i++ {
		grayRGB.Set(i, 3, color.NRGBA{100, 110, 120, 255}) // as JPEG leaves in a grey photo
	}
	grayRGB.Set(3, 7, color.NRGBA{255, 0, 0, 255}) // a speck is no colour picture
	for y := range 20 {
		for x := range 8 {
			coloured.Set(x, y, color.NRGBA{uint8(100 + x), 100, 60, 255}) // weak, but colour
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	save(t, root, map[string]image.Image{
		"a/1.png": grayRGB, "a/2.png": coloured, "b/1.png": coloured, "b/2.png": randomGray(r, 9, 9), "b/3.png": randomGray(r, 11, 12),
	})
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	want := Probe{
		Pictures: 5, Failed: 1, Width: 9, Height: 12, Smallest: image.Pt(9, 9), Largest: image.Pt(30, 10), Colour: 0.4,
		Formats: []Format{{"png", 5}},
	}
	if d := cmp.Diff(want, src.Probe(t.Context(), 100, Options{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	// Evenly spread: three of six are a/1, a/bad and b/2.
	if p := src.Probe(t.Context(), 3, Options{}); p.Pictures != 2 || p.Failed != 1 || p.Colour != 0 || p.Largest != image.Pt(30, 10) {
		t.Errorf("three of them: %+v", p)
	}
	if p := src.Probe(t.Context(), 0, Options{}); p.Pictures+p.Failed != 0 {
		t.Errorf("none of them: %+v", p)
	}
}

func TestProbeIDX(t *testing.T) {
	root := t.TempDir()
	for name, data := range map[string][]byte{
		"train-images-idx3-ubyte": idx(t, []int{2, 5, 4}, make([]uint8, 40)),
		"train-labels-idx1-ubyte": idx(t, []int{2}, []uint8{0, 1}),
	} {
		if err := os.WriteFile(filepath.Join(root, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	size := image.Pt(4, 5)
	want := Probe{Pictures: 2, Width: 4, Height: 5, Smallest: size, Largest: size, Formats: []Format{{"idx", 2}}}
	if d := cmp.Diff(want, src.Probe(t.Context(), 10, Options{})); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if p := src.Probe(t.Context(), 10, Options{Limits: imageio.Limits{Pixels: 10}}); p.Failed != 2 || p.Pictures != 0 {
		t.Errorf("over the limit: %+v", p)
	}
}
