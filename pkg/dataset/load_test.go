package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
)

// save writes pictures as PNG files below root.
func save(t testing.TB, root string, pictures map[string]image.Image) {
	t.Helper()
	for name, img := range pictures {
		path := filepath.Join(root, filepath.FromSlash(name))
		var file bytes.Buffer
		err := png.Encode(&file, img)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o777)
		}
		if err == nil {
			err = os.WriteFile(path, file.Bytes(), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// random makes n grey pictures for each class, of w×h pixels.
func random(n, w, h int, classes ...string) map[string]image.Image {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	pictures := map[string]image.Image{}
	for _, c := range classes {
		for i := range n {
			pictures[fmt.Sprintf("%s/%d.png", c, i)] = randomGray(r, w, h)
		}
	}
	return pictures
}

func load(t testing.TB, dir string, opt Options) *Data {
	t.Helper()
	src, err := Scan(dir)
	if err != nil {
		t.Fatal(err)
	}
	d, err := src.Load(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func gray(n int) imageio.Prep { return imageio.Prep{Size: tensor.Shape{H: n, W: n, C: 1}} }

// sameSets compares everything but names.
func sameSets(t *testing.T, a, b *Data) {
	t.Helper()
	for _, sets := range [][2]*Set{{a.Train, b.Train}, {a.Val, b.Val}, {a.Test, b.Test}} {
		if d := gocmp.Diff(sets[0], sets[1], cmpopts.IgnoreFields(Set{}, "Files")); d != "" {
			t.Errorf("the sets differ:\n%.2000s", d)
		}
	}
}

// The same pictures as PNG folders and as IDX files are the same bytes: grey and
// colour, resized and not, split by Load and given.
func TestFoldersAndIDXAgree(t *testing.T) {
	const h, w = 9, 7
	for _, channels := range []int{1, 3} {
		r := rand.New(rand.NewPCG(2, uint64(channels)))
		folders, sets := t.TempDir(), t.TempDir()
		pictures := map[string]image.Image{}
		for prefix, dir := range map[string]string{"train": "train", "t10k": "test"} {
			const n = 80
			dims, pixels, labels := []int{n, h, w}, make([]uint8, n*h*w*channels), make([]uint8, n)
			if channels == 3 {
				dims = append(dims, 3)
			}
			fill(r, pixels)
			copy(pixels[h*w*channels:], pixels[:h*w*channels]) // picture 1 is picture 0 in another class
			for i := range n {
				labels[i] = uint8([]int{2, 10, 7}[i%3])
				x := packed{h: h, w: w, c: channels}
				pictures[fmt.Sprintf("%s/%d/%d.png", dir, labels[i], n-i)], _ = x.image(pixels, i)
			}
			files := map[string][]byte{prefix + "-images-idx3-ubyte": idx(t, dims, pixels), prefix + "-labels-idx1-ubyte.gz": zipped(t, idx(t, []int{n}, labels))}
			for name, data := range files {
				if err := os.WriteFile(filepath.Join(sets, name), data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
		save(t, folders, pictures)
		for _, size := range []tensor.Shape{{H: h, W: w, C: channels}, {H: 5, W: 5, C: 1}} {
			opt := Options{Prep: imageio.Prep{Size: size}, Val: 0.2}
			a, b := load(t, folders, opt), load(t, sets, opt)
			sameSets(t, a, b)
			if a.Train.Len()+a.Val.Len() != 80 || a.Test.Len() != 80 || a.Val.Len() < 4 || !slices.Equal(a.Classes, []string{"2", "7", "10"}) {
				t.Errorf("%d + %d, %d of %q", a.Train.Len(), a.Val.Len(), a.Test.Len(), a.Classes)
			}
		}
	}
}

// What a Set says about example i is true of the picture: sorting moved it all.
func TestLoadKeepsTogether(t *testing.T) {
	pictures := random(40, 6, 6, "a", "b", "c")
	root := t.TempDir()
	save(t, root, pictures)
	for _, bad := range []string{"a/2x.png", "b/0.PNG", "c/zz.png"} { // in the middle, so that places shift
		if err := os.WriteFile(filepath.Join(root, bad), []byte("no picture"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d := load(t, root, Options{Prep: gray(6), Val: 0.2, Test: 0.3})
	if len(d.Skipped) != 3 {
		t.Errorf("skipped %v", d.Skipped)
	}
	total := 0
	for _, s := range []*Set{d.Train, d.Val, d.Test} {
		total += s.Len()
		if len(s.Pixels) != s.Len()*36 || cap(s.Pixels) != len(s.Pixels) {
			t.Errorf("%d pixels, capacity %d, of %d examples", len(s.Pixels), cap(s.Pixels), s.Len())
		}
		sum := 0
		for _, n := range s.Counts() {
			sum += n
		}
		if sum != s.Len() || len(s.Counts()) != 3 {
			t.Errorf("counts %v of %d", s.Counts(), s.Len())
		}
		for i := range s.Len() {
			img := pictures[s.Files[i]].(*image.Gray)
			if !bytes.Equal(s.Image(i), img.Pix) || s.Keys[i] != KeyOf(img) || s.Classes[s.Labels[i]] != s.Files[i][:1] {
				t.Fatalf("example %d is not %s", i, s.Files[i])
			}
			if i > 0 && bytes.Compare(s.Keys[i-1][:], s.Keys[i][:]) > 0 {
				t.Fatalf("example %d is out of order", i)
			}
		}
	}
	if total != len(pictures) {
		t.Errorf("%d examples of %d", total, len(pictures))
	}
}

func TestLoadAnyThreads(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(30, 12, 10, "a", "b"))
	if err := os.WriteFile(filepath.Join(root, "a", "bad.png"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	opt := Options{Prep: gray(8), Val: 0.2, Test: 0.2, Threads: 1}
	one := load(t, root, opt)
	for _, opt.Threads = range []int{0, 2, 7, 100} {
		many := load(t, root, opt)
		if d := gocmp.Diff(one, many, cmpopts.IgnoreFields(Data{}, "Source", "mapped")); d != "" {
			t.Errorf("%d threads:\n%.2000s", opt.Threads, d)
		}
	}
}

func TestLoadSkips(t *testing.T) {
	root := tree(t, "a/text.png", "a/gone.png -> nowhere")
	save(t, root, random(3, 4, 4, "a", "b"))
	good, err := os.ReadFile(filepath.Join(root, "a", "0.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "b", "cut.png"), good[:len(good)-20], 0o666); err != nil {
		t.Fatal(err)
	}
	save(t, root, map[string]image.Image{"b/large.png": image.NewGray(image.Rect(0, 0, 100, 100))})
	d := load(t, root, Options{Prep: gray(4), Limits: imageio.Limits{Pixels: 99 * 99}})
	want := map[string]string{
		"a/gone.png": "no such file", "a/text.png": "not a picture", "b/cut.png": "truncated PNG", "b/large.png": "100×100 pixels",
	}
	for _, s := range d.Skipped {
		if want[s.File] == "" || !strings.Contains(s.Reason, want[s.File]) || strings.Contains(s.Reason, root) {
			t.Errorf("skipped %s: %s", s.File, s.Reason)
		}
		delete(want, s.File)
	}
	if len(want) > 0 || d.Train.Len() != 6 {
		t.Errorf("not skipped: %v; %d left", want, d.Train.Len())
	}
}

// A picture that makes the code panic is skipped as any other.
func TestLoadPanics(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(3, 4, 4, "a", "b"))
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	src.Items[1].path = ""
	one := func() ([]int, []uint8, error) { return []int{1, 4, 4}, make([]uint8, 16), nil }
	src.Items[1].packed = &packed{name: "x", n: 1, h: 4, w: 4, c: 1, load: one}
	src.Items[1].index = 1 // beyond the end
	d, err := src.Load(t.Context(), Options{Prep: gray(4)})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Skipped) != 1 || d.Skipped[0].File != "a/1.png" || !strings.HasPrefix(d.Skipped[0].Reason, "panic: ") || d.Train.Len() != 5 {
		t.Errorf("skipped %v, %d left", d.Skipped, d.Train.Len())
	}
}

func TestLoadUnusable(t *testing.T) {
	alone := map[string]image.Image{"a/0.png": randomGray(rand.New(rand.NewPCG(7, 7)), 4, 4)}
	for _, test := range []struct {
		name     string
		pictures map[string]image.Image
		bad      []string
		want     string
	}{
		{"one class", random(3, 4, 4, "a"), nil, `classes ["a"], want at least two`},
		{"an unpacked archive", random(3, 4, 4, "pets/a", "pets/b"), nil, `classes ["pets"], want at least two: its pictures lie in folders of their own`},
		{"a class without good pictures", random(3, 4, 4, "a", "b"), []string{"c/1.png", "c/2.png"}, `class "c" has no usable picture to train on, for example "c/1.png": not a picture`},
		{"none good", nil, []string{"a/1.png", "b/1.png"}, `class "a" has no usable picture`},
		{"none in train", alone, []string{"b/1.png"}, `class "b" has no usable picture`},
	} {
		root := tree(t, test.bad...)
		save(t, root, test.pictures)
		src, err := Scan(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = src.Load(t.Context(), Options{Prep: gray(4), Val: 0.1, Test: 0.1})
		if !errors.As(err, new(*Unusable)) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want …%s…", test.name, err, test.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(3, 4, 4, "a", "b"))
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	for want, opt := range map[string]Options{
		"input size 0×0":                         {},
		"shares 0.5 for val and 0.5 for test":    {Prep: gray(4), Val: 0.5, Test: 0.5},
		"shares -0.1 for val and 0 for test":     {Prep: gray(4), Val: -0.1},
		"shares NaN for val and 0 for test, wan": {Prep: gray(4), Val: nan()},
	} {
		if _, err := src.Load(t.Context(), opt); err == nil || !strings.Contains(err.Error(), want) || errors.As(err, new(*Unusable)) {
			t.Errorf("%v, want …%s…", err, want)
		}
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

// To score a model its classes count, in its order.
func TestLoadForModel(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(2, 4, 4, "b", "strange"))
	d := load(t, root, Options{Prep: gray(4), Classes: []string{"c", "b", "a"}})
	if !slices.Equal(d.Train.Labels, []int{1, 1}) || !slices.Equal(d.Train.Counts(), []int{0, 2, 0}) || len(d.Classes) != 3 {
		t.Errorf("labels %v of %q", d.Train.Labels, d.Classes)
	}
	want := []Skipped{{"strange/0.png", `class "strange" is not the model's`}, {"strange/1.png", `class "strange" is not the model's`}}
	if !slices.Equal(d.Skipped, want) {
		t.Errorf("skipped %v", d.Skipped)
	}
}

func TestLoadWarnsOfTwins(t *testing.T) {
	root := t.TempDir()
	pictures := random(20, 4, 4, "train/a", "train/b", "test/a", "test/b")
	pictures["test/a/copy.png"] = pictures["train/a/1.png"]
	pictures["train/b/copy.png"] = pictures["train/a/2.png"]
	save(t, root, pictures)
	d := load(t, root, Options{Prep: gray(4), Test: 0.5})
	want := []string{`1 picture is in more than one class, for example "train/a/2.png" and "train/b/copy.png"`, "1 picture of test also occurs in train"}
	if !slices.Equal(d.Warnings, want) || d.Test.Len() != 41 || d.Val.Len() != 0 {
		t.Errorf("%d in test, warnings %q", d.Test.Len(), d.Warnings)
	}
}

func TestLoadProgressAndCancel(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(50, 4, 4, "a", "b"))
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	opt := Options{Prep: gray(4), Threads: 4, Progress: func(done, total int) {
		if calls++; done != calls || total != 100 {
			t.Errorf("call %d: %d of %d", calls, done, total)
		}
	}}
	if _, err := src.Load(t.Context(), opt); err != nil || calls != 100 {
		t.Errorf("%d calls, %v", calls, err)
	}

	goroutines := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	last := 0
	opt.Progress = func(done, _ int) {
		last = done
		if done == 10 {
			cancel()
		}
	}
	if d, err := src.Load(ctx, opt); !errors.Is(err, context.Canceled) || d != nil {
		t.Errorf("cancelled: %v", err)
	}
	// Each worker may have one picture in work and there may be four waiting
	// to be counted.
	if last > 10+4+4+1 {
		t.Errorf("%d pictures after cancelling at 10", last)
	}
	for i := 0; runtime.NumGoroutine() > goroutines && i < 100; i++ {
		time.Sleep(10 * time.Millisecond) // the last goroutine closes the channel, then ends
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
}

// An IDX file is one file: if it is damaged there is nothing to skip.
func TestLoadDamagedIDX(t *testing.T) {
	pixels := make([]uint8, 4*4*4)
	images, labels := idx(t, []int{4, 4, 4}, pixels), idx(t, []int{4}, []uint8{0, 1, 0, 1})
	packed := zipped(t, images)
	for _, test := range []struct {
		want string
		file []byte
		lim  int64
	}{
		{"60 bytes of values, want 64", images[:len(images)-4], 0},
		{"after 64 bytes of values: unexpected EOF", packed[:len(packed)-8], 0}, // no checksum
		{"more than the 64 bytes of values", append(slices.Clone(images), 0), 0},
		{"images of 4×4 pixels, the limit is 9 pixels", images, 9},
	} {
		root := t.TempDir()
		for name, data := range map[string][]byte{"train-images-idx3-ubyte": test.file, "train-labels-idx1-ubyte": labels} {
			if err := os.WriteFile(filepath.Join(root, name), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		src, err := Scan(root)
		if err != nil {
			t.Fatal(err)
		}
		_, err = src.Load(t.Context(), Options{Prep: gray(4), Limits: imageio.Limits{Pixels: test.lim}})
		if !errors.As(err, new(*Unusable)) || !strings.HasPrefix(err.Error(), "dataset: train-images-idx3-ubyte: "+test.want) {
			t.Errorf("%v, want …%s…", err, test.want)
		}
	}
}
