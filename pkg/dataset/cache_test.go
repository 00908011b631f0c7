package dataset

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
)

func sameData(t *testing.T, what string, want, got *Data) {
	t.Helper()
	if d := gocmp.Diff(want, got, cmpopts.IgnoreFields(Data{}, "Source", "mapped")); d != "" {
		t.Errorf("%s:\n%.2000s", what, d)
	}
}

// forge changes what the pictures below root show, but nothing by which a
// change can be told: who answers with the old pictures has not decoded anything.
func forge(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := f.Write(bytes.Repeat([]byte("x"), int(info.Size()))); err != nil {
			return err
		}
		return os.Chtimes(path, time.Time{}, info.ModTime())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"+cacheSuffix))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestCacheAnswersWithoutDecoding(t *testing.T) {
	root, dir := scenes(t, 30, "a", "b"), t.TempDir()
	put(t, root, "a/bad.jpg", []byte("no picture"))
	opt := Options{Prep: imageio.Prep{Size: tensor.Shape{H: 9, W: 11, C: 3}}, Val: .2, Test: .2}
	want := load(t, root, opt)
	opt.Cache = filepath.Join(dir, "new", "folder")
	sameData(t, "first", want, load(t, root, opt))
	audit := check(t, root)
	if a, err := Check(t.Context(), root, opt); err != nil || gocmp.Diff(audit, a) != "" {
		t.Errorf("first audit: %v\n%s", err, gocmp.Diff(audit, a))
	}
	forge(t, root)
	sameData(t, "from the cache", want, load(t, root, opt))
	opt.Prep.Mean = []float32{.5, .5, .5} // does not matter to bytes
	for _, opt.Threads = range []int{1, 3} {
		sameData(t, "from the cache, with a mean", want, load(t, root, opt))
	}
	if a, err := Check(t.Context(), root, opt); err != nil || gocmp.Diff(audit, a, cmpopts.IgnoreFields(Finding{}, "Cases")) != "" {
		t.Errorf("audit from the cache: %v\n%s", err, gocmp.Diff(audit, a))
	}

	// What shapes the bytes makes another entry, which must be decoded.
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(o *Options){
		"another size": func(o *Options) { o.Prep.Size.H++ },
		"another fit":  func(o *Options) { o.Prep.Fit = imageio.FitCrop },
		"inverted":     func(o *Options) { o.Prep.Invert = imageio.InvertAlways },
		"grey":         func(o *Options) { o.Prep = gray(9) },
		"limits":       func(o *Options) { o.Limits.Pixels = 1 << 20 },
		"no cache":     func(o *Options) { o.Cache = "" },
	} {
		other := opt
		change(&other)
		if _, err := src.Load(t.Context(), other); err == nil || !strings.Contains(err.Error(), "no usable picture") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is done to the files between two runs, the cache answers as decoding
// would.
func TestCacheFollowsChanges(t *testing.T) {
	root, opt := scenes(t, 12, "a", "b"), Options{Prep: gray(8), Val: .2, Test: .2}
	dir := t.TempDir()
	later := time.Now().Add(time.Hour)
	r := rand.New(rand.NewPCG(5, 5))
	picture := func() []byte { return compressed(t, scene(r, 48, 36), 90) }
	path := func(name string) string { return filepath.Join(root, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name     string
		do       func()
		segments int // afterwards
	}{
		{"first", func() {}, 1},
		{"again", func() {}, 1},
		{"new pictures", func() { put(t, root, "a/new.jpg", picture()); put(t, root, "b/new.jpg", picture()) }, 2},
		{"a picture written over", func() { put(t, root, "a/1.jpg", picture()); must(os.Chtimes(path("a/1.jpg"), later, later)) }, 3},
		{"a picture replaced by one as long and as old", func() {
			info, err := os.Stat(path("a/2.jpg"))
			must(err)
			b := picture()
			for len(b) > int(info.Size()) {
				b = picture()
			}
			must(os.WriteFile(path("x"), append(b, make([]byte, int(info.Size())-len(b))...), 0o666))
			must(os.Chtimes(path("x"), info.ModTime(), info.ModTime()))
			must(os.Rename(path("x"), path("a/2.jpg")))
		}, 4},
		{"two change names", func() {
			must(os.Rename(path("b/3.jpg"), path("x")))
			must(os.Rename(path("a/3.jpg"), path("b/3.jpg")))
			must(os.Rename(path("x"), path("a/3.jpg")))
		}, 5},
		{"a picture is removed", func() { must(os.Remove(path("a/4.jpg"))) }, 5},
		{"a picture is broken", func() { put(t, root, "a/5.jpg", []byte("x")); must(os.Chtimes(path("a/5.jpg"), later, later)) }, 5},
		{"and mended", func() { put(t, root, "a/5.jpg", picture()) }, 6},
		{"nearly all change", func() {
			for i := 5; i < 12; i++ {
				put(t, root, fmt.Sprintf("a/%d.jpg", i), picture())
				put(t, root, fmt.Sprintf("b/%d.jpg", i), picture())
				must(os.Chtimes(path(fmt.Sprintf("a/%d.jpg", i)), later, later))
				must(os.Chtimes(path(fmt.Sprintf("b/%d.jpg", i)), later, later))
			}
		}, 1},
	} {
		step.do()
		want := load(t, root, opt)
		cached := opt
		cached.Cache = dir
		sameData(t, step.name, want, load(t, root, cached))
		if n := len(segments(t, dir)); n != step.segments {
			t.Errorf("%s: %d segments, want %d", step.name, n, step.segments)
		}
		sameData(t, step.name+", once more", want, load(t, root, cached))
	}
}

// Each damage to each byte of a segment is noticed, and costs only time.
func TestCacheDamaged(t *testing.T) {
	root, dir := scenes(t, 2, "a", "b"), t.TempDir()
	opt := Options{Prep: gray(4), Cache: dir}
	want := load(t, root, opt)
	path := segments(t, dir)[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readSegment(path); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x")
	read := func(b []byte) error {
		if err := os.WriteFile(file, b, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := readSegment(file)
		return err
	}
	for i := 0; i < len(whole); i += 3 {
		b := slices.Clone(whole)
		b[i] ^= 1 << (i % 8)
		if read(b) == nil {
			t.Errorf("byte %d of %d changed, and not noticed", i, len(b))
		}
		if i%48 == 0 && read(whole[:i]) == nil {
			t.Errorf("cut off at byte %d of %d, and not noticed", i, len(b))
		}
	}
	for name, b := range map[string][]byte{"changed": append([]byte("X"), whole[1:]...), "cut off": whole[:len(whole)/2], "empty": nil} {
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		sameData(t, name, want, load(t, root, opt))
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, whole) {
			t.Errorf("%s: not written anew: %v", name, err)
		}
	}
	// A whole segment that holds something else: half an entry.
	odd := slices.Clone(whole[:len(whole)-20])
	odd = binary.BigEndian.AppendUint32(odd, crc32.Checksum(odd, castagnoli))
	if err := os.WriteFile(path, odd, 0o666); err != nil {
		t.Fatal(err)
	}
	sameData(t, "half an entry", want, load(t, root, opt))
}

// A cache that cannot be written is a warning, and not the end.
func TestCacheCannotBeWritten(t *testing.T) {
	root := scenes(t, 20, "a", "b")
	file := filepath.Join(root, "a", "0.jpg")
	d := load(t, root, Options{Prep: gray(4), Cache: filepath.Join(file, "below")})
	if d.Unkept == nil || !strings.Contains(d.Unkept.Error(), file) || len(d.Warnings) != 0 || d.Train.Len() != 40 {
		t.Errorf("%d pictures, %v, warnings %q", d.Train.Len(), d.Unkept, d.Warnings)
	}
}

func TestEvict(t *testing.T) {
	dir := t.TempDir()
	start := time.Unix(1e9, 0)
	for i, name := range []string{"c.cache", "a.cache", "b.cache", "other"} {
		put(t, dir, name, make([]byte, 100))
		if err := os.Chtimes(filepath.Join(dir, name), start, start.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		most int64
		want []string
	}{{300, []string{"a.cache", "b.cache", "c.cache"}}, {299, []string{"a.cache", "b.cache"}}, {100, []string{"b.cache"}}, {0, nil}} {
		if err := evict(dir, step.most); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range segments(t, dir) {
			got = append(got, filepath.Base(s))
		}
		if !slices.Equal(got, step.want) {
			t.Errorf("%d bytes: %q, want %q", step.most, got, step.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "other")); err != nil {
		t.Errorf("a file that is not the cache's: %v", err)
	}
}

// IDX files hold bytes already.
func TestCacheLeavesIDXAlone(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	put(t, root, "train-images-idx3-ubyte", idx(t, []int{2, 1, 1}, []uint8{1, 2}))
	put(t, root, "train-labels-idx1-ubyte", idx(t, []int{2}, []uint8{0, 1}))
	load(t, root, Options{Prep: gray(1), Cache: dir})
	if s := segments(t, dir); s != nil {
		t.Errorf("segments %q", s)
	}
}

func FuzzEntry(f *testing.F) {
	img := image.NewGray(image.Rect(0, 0, 3, 2))
	e := entry{"a/1.png", stat{1, 2, 3}, record{KeyOf(img), lookAt(img), imageio.Info{Format: "png", Width: 3, Height: 2, Gray: true, Orientation: 1}}, []byte{1, 2, 3}}
	whole := e.append(nil)
	f.Add(whole, 3)
	f.Add(whole, 0)
	f.Add(whole[:40], 3)
	f.Add(append([]byte{0xff, 0xff}, whole...), 3)
	f.Add([]byte{}, 1<<20)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if size < 0 || size > 1<<20 {
			return
		}
		e, rest, err := cutEntry(b, size)
		if err != nil {
			return
		}
		if again, _, err := cutEntry(e.append(nil), size); err != nil || gocmp.Diff(e, again, gocmp.AllowUnexported(entry{}, record{}, stat{})) != "" {
			t.Fatalf("read %+v, then %+v, %v", e, again, err)
		}
		if n := len(e.append(nil)); n+len(rest) != len(b) {
			t.Fatalf("%d bytes of entry, %d of rest, of %d", n, len(rest), len(b))
		}
	})
}

func BenchmarkLoadCatDogCached(b *testing.B) {
	dir, cache := shared(b, "catdog"), b.TempDir()
	opt := Options{Prep: imageio.Prep{Size: tensor.Shape{H: 64, W: 64, C: 3}}, Val: .1, Test: .1, Cache: cache}
	load(b, dir, opt)
	for b.Loop() {
		load(b, dir, opt)
	}
}
