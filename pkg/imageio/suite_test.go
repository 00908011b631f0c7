package imageio

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/disintegration/imaging"

	"squint/pkg/tensor"
)

// dataDir returns a folder of the shared data, or skips the test where there is
// none: set SQUINT_DATA to where it lies.
func dataDir(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("SQUINT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data") // relative to this folder
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here; SQUINT_DATA names its folder", dir)
	}
	return dir
}

// TestSuite decodes the complete PngSuite and the orientation pictures, of
// which manifest.csv says what must decode.
func TestSuite(t *testing.T) {
	dir := dataDir(t, "images_suite")
	f, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	decoded, refused := 0, 0
	for _, row := range rows[1:] {
		name, kind, expect := row[0], row[1], row[2]
		if strings.Contains(kind, "tiff") {
			expect = "skip" // decodable by others; refused here, by name
		}
		data, err := ReadFile(filepath.Join(dir, name), Limits{})
		if err != nil {
			t.Error(err)
			continue
		}
		img, info, err := Decode(data, Limits{})
		switch {
		case err == nil && expect == "skip":
			t.Errorf("%s: decoded, the manifest says it is corrupt (%s)", name, row[4])
		case err == nil:
			promised(t, data, img, info)
			decoded++
		case expect == "decodes":
			t.Errorf("%s: %v", name, err)
		default:
			if strings.Contains(kind, "tiff") && !strings.Contains(err.Error(), "TIFF") {
				t.Errorf("%s: %v", name, err)
			}
			refused++
		}
	}
	t.Logf("%d decoded, %d refused", decoded, refused)
	if decoded < 190 || refused < 20 { // the manifest's own counts are 202 and 22
		t.Errorf("%d decoded and %d refused: the suite is not whole", decoded, refused)
	}
}

// TestSuiteOrientations: all variants of a picture come out the same way up. Each
// was compressed after turning, and some carry their number, so they are not
// equal; but as decoded each is much nearer to the upright one than after any
// further turn.
func TestSuiteOrientations(t *testing.T) {
	dir := filepath.Join(dataDir(t, "images_suite"), "exif_orientation")
	p := Prep{Size: tensor.Shape{H: 32, W: 32, C: 3}}
	load := func(name string) image.Image {
		data, err := ReadFile(filepath.Join(dir, name), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img, _ := decode(t, data)
		return img
	}
	for _, set := range []struct{ base, ext string }{
		{"landscape", ".jpg"}, {"portrait", ".jpg"}, {"six", ".jpg"}, {"hopper", ".jpg"}, {"hopper", ".webp"}, {"six", ".png"},
	} {
		want := prepare(t, p, load(set.base+"_1.jpg"))
		for i := 2; i <= 8; i++ {
			name := fmt.Sprint(set.base, "_", i, set.ext)
			if set.ext == ".png" && i != 3 {
				continue // there is only this one
			}
			got := prepare(t, p, load(name))
			d := meanDiff(got, want)
			small := image.NewNRGBA(image.Rect(0, 0, p.Size.W, p.Size.H))
			for i := range got {
				small.Pix[i/3*4+i%3], small.Pix[i/3*4+3] = got[i], 255
			}
			r, err := rowsOf(small, false)
			if err != nil {
				t.Fatal(err)
			}
			for turn := 2; turn <= 8; turn++ {
				if wrong := meanDiff(prepare(t, p, r.turned(turn)), want); d > wrong*2/3 {
					t.Errorf("%s is %.1f levels from upright, and %.1f when turned by %d", name, d, wrong, turn)
				}
			}
		}
	}
}

// TestSuiteWebPIsNotPale: a photo saved as lossy WebP keeps its brightness. Taken
// for full range, as the decoder does, its green would be 4.6 levels too high.
func TestSuiteWebPIsNotPale(t *testing.T) {
	dir := filepath.Join(dataDir(t, "images_suite"), "exif_orientation")
	var mean [2][3]float64
	for i, name := range []string{"hopper_1.jpg", "hopper_2.webp"} {
		data, err := ReadFile(filepath.Join(dir, name), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img, _ := decode(t, data)
		for k, v := range prepare(t, Prep{Size: tensor.Shape{H: 128, W: 128, C: 3}}, img) {
			mean[i][k%3] += float64(v) / (128 * 128)
		}
	}
	for c := range 3 {
		if d := mean[1][c] - mean[0][c]; math.Abs(d) > 1 { // compression moves a mean by a few tenths
			t.Errorf("channel %d: mean %.2f as WebP, %.2f as JPEG", c, mean[1][c], mean[0][c])
		}
	}
}

// meanDiff is the mean distance of two equally long runs of bytes.
func meanDiff(a, b []uint8) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(len(a))
}

// photos reads up to 200 photos of a set; those of "photos" are about 500 pixels wide.
func photos(b testing.TB, set string) [][]byte {
	names, err := filepath.Glob(filepath.Join(dataDir(b, set), "*", "*.jpg"))
	if err != nil || len(names) == 0 {
		b.Skip("no photos: ", err)
	}
	var out [][]byte
	for _, name := range names[:min(len(names), 200)] {
		data, err := ReadFile(name, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// One operation is one photo.
func BenchmarkPhoto(b *testing.B) {
	files := photos(b, "photos")
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, _, err := Decode(files[i%len(files)], Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("file to 128×128 by imaging", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			img, err := jpeg.Decode(bytes.NewReader(files[i%len(files)]))
			if err != nil {
				b.Fatal(err)
			}
			imaging.Resize(img, 128, 128, imaging.Linear)
		}
	})
	for _, s := range []tensor.Shape{{H: 128, W: 128, C: 3}, {H: 100, W: 100, C: 1}} {
		p := Prep{Size: s, Mean: make([]float32, s.C)}
		dst, x := make([]uint8, s.Size()), make([]float32, s.Size())
		b.Run("bytes "+s.String(), func(b *testing.B) {
			var imgs []image.Image
			for _, f := range files {
				img, _, err := Decode(f, Limits{})
				if err != nil {
					b.Fatal(err)
				}
				imgs = append(imgs, img)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Bytes(dst, imgs[i%len(imgs)]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("file to floats "+s.String(), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				img, _, err := Decode(files[i%len(files)], Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if err := p.Bytes(dst, img); err != nil {
					b.Fatal(err)
				}
				p.Floats(x, dst)
			}
		})
	}
}
