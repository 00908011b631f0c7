package digits

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const shipped = "../../data/digits"

// The pictures that ship are what Draw draws. Pixels are compared, not files:
// the PNG encoder may pack differently from one release of Go to the next.
func TestShippedPictures(t *testing.T) {
	for class := range Classes {
		for index := range PerClass {
			name := Name(class, index)
			b, err := os.ReadFile(filepath.Join(shipped, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, ok := img.(*image.Gray)
			if !ok || got.Rect != image.Rect(0, 0, Size, Size) || got.Stride != Size {
				t.Fatalf("%s: %T %v, want 28×28 grey", name, img, img.Bounds())
			}
			if !bytes.Equal(got.Pix, Draw(Seed, class, index).Pix) {
				t.Fatalf("%s is not what Draw draws; run: go run ./internal/digits/gen", name)
			}
		}
		files, err := os.ReadDir(filepath.Join(shipped, Name(class, 0), ".."))
		if err != nil || len(files) != PerClass {
			t.Errorf("class %d: %d files, want %d (%v)", class, len(files), PerClass, err)
		}
	}
}

func TestNoTwoAlike(t *testing.T) {
	seen := map[string]string{}
	for class := range Classes {
		for index := range PerClass {
			pix := string(Draw(Seed, class, index).Pix)
			if other, ok := seen[pix]; ok {
				t.Errorf("%s is %s again", Name(class, index), other)
			}
			seen[pix] = Name(class, index)
		}
	}
	if bytes.Equal(Draw(1, 3, 0).Pix, Draw(2, 3, 0).Pix) {
		t.Error("the seed changes nothing")
	}
}

// Ink on black: as much of it as MNIST's digits have, some of it full, and none
// at the border.
func TestInk(t *testing.T) {
	var mean float64
	for class := range Classes {
		for index := range PerClass {
			img := Draw(Seed, class, index)
			sum, brightest := 0, uint8(0)
			for i, v := range img.Pix {
				x, y := i%Size, i/Size
				if v > 0 && (x == 0 || y == 0 || x == Size-1 || y == Size-1) {
					t.Errorf("%s: ink at the border (%d,%d)", Name(class, index), x, y)
				}
				sum += int(v)
				brightest = max(brightest, v)
			}
			if brightest < 180 {
				t.Errorf("%s: brightest pixel %d", Name(class, index), brightest)
			}
			mean += float64(sum) / (Size * Size) / (Classes * PerClass)
		}
	}
	// The 60,000 pictures of MNIST have the mean 33.3; within a quarter of that.
	if math.Abs(mean-33.3) > 33.3/4 {
		t.Errorf("mean pixel %.1f, MNIST's is 33.3", mean)
	}
}

// Told apart by the nearest of 800 others, pixel by pixel, 200 pictures must be
// mostly right: 92.5 % of those of seed 1, where the first 800 digits of MNIST against
// the first 1,000 of its test part give 82.2 %. Fewer than 88 % would be scrawl, all of them no lesson.
func TestLegibleButNotEasy(t *testing.T) {
	type example struct {
		pix   []byte
		class int
	}
	var known, asked []example
	for class := range Classes {
		for index := range PerClass {
			e := example{Draw(Seed, class, index).Pix, class}
			if index < PerClass*8/10 {
				known = append(known, e)
			} else {
				asked = append(asked, e)
			}
		}
	}
	right := func(label func(example) int) float64 {
		n := 0
		for _, q := range asked {
			best, answer := math.MaxInt, -1
			for _, k := range known {
				d := 0
				for i, v := range k.pix {
					e := int(v) - int(q.pix[i])
					d += e * e
				}
				if d < best {
					best, answer = d, label(k)
				}
			}
			if answer == q.class {
				n++
			}
		}
		return float64(n) / float64(len(asked))
	}
	got := right(func(k example) int { return k.class })
	t.Logf("nearest neighbour: %.1f%%", 100*got)
	if got < 0.88 || got > 0.99 {
		t.Errorf("nearest neighbour is right for %.1f%%, want 88 to 99", 100*got)
	}
	// The measure itself: with every label wrong it must find next to nothing.
	if got := right(func(k example) int { return (k.class + 1) % Classes }); got > 0.12 {
		t.Errorf("with wrong labels it is right for %.1f%%", 100*got)
	}
}

func TestUnknownClassPanics(t *testing.T) {
	for _, class := range []int{-1, Classes} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Draw of class %d did not panic", class)
				}
			}()
			Draw(1, class, 0)
		}()
	}
}

// Whole numbers only, or the pictures would differ between processors that fuse
// a multiplication with an addition and those that do not.
func TestIntegersOnly(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := floats(t, src); at != "" {
			t.Errorf("%s: %s: floating point", name, at)
		}
	}
	if floats(t, []byte("package p; func f(x int64) int64 { return int64(float64(x) * 3) }")) == "" {
		t.Error("the check finds no floating point where there is some")
	}
}

// floats returns the first thing in a source file that makes or uses a
// floating-point number, or "".
func floats(t *testing.T, src []byte) (found string) {
	f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			if n.Path.Value == `"math"` {
				found = n.Path.Value
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT {
				found = n.Value
			}
		case *ast.Ident:
			if strings.Contains(strings.ToLower(n.Name), "float") {
				found = n.Name
			}
		}
		return found == ""
	})
	return found
}

func BenchmarkDraw(b *testing.B) {
	for i := range b.N {
		Draw(1, i%Classes, i)
	}
}
