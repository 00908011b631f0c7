package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check audits a folder.
func check(t testing.TB, dir string) *Audit {
	t.Helper()
	a, err := Check(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// brief writes findings as lines: level, kind and text, then the cases.
func brief(a *Audit) (lines []string) {
	for _, f := range a.Findings {
		lines = append(lines, fmt.Sprintf("%s %s: %s", f.Level, f.Kind, f.Text))
		for _, c := range f.Cases {
			line := "  " + strings.Join(c.Files, " ")
			if c.Why != "" {
				line += ": " + c.Why
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// put writes a file below root.
func put(t testing.TB, root, name string, data []byte) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err == nil {
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// scenes makes folders of scenes as JPEG files, n a class.
func scenes(t testing.TB, n int, classes ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	r := rand.New(rand.NewPCG(11, 11))
	for _, c := range classes {
		for i := range n {
			put(t, root, fmt.Sprintf("%s/%d.jpg", c, i), compressed(t, scene(r, 48, 36), 90))
		}
	}
	return root
}

func TestAudit(t *testing.T) {
	root := scenes(t, 20, "a", "b", "c")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	put(t, root, "a/copy.jpg", read("a/1.jpg"))
	put(t, root, "b/of-a.jpg", read("a/2.jpg"))
	put(t, root, "b/worse.jpeg", compressed(t, decoded(t, read("b/3.jpg")), 60))
	put(t, root, "c/like-b.jpg", compressed(t, decoded(t, read("b/4.jpg")), 60))
	put(t, root, "c/really.png", compressed(t, scene(rand.New(rand.NewPCG(2, 2)), 40, 40), 90))
	put(t, root, "c/cut.jpg", read("c/0.jpg")[:900])
	put(t, root, "c/page.jpg", []byte("<!doctype html><title>gone</title>"))
	put(t, root, "a/notes.txt", nil)
	put(t, root, ".hidden/x.png", nil)
	if err := os.Mkdir(filepath.Join(root, "d"), 0o777); err != nil {
		t.Fatal(err)
	}
	save(t, root, map[string]image.Image{"d2/long.png": randomGray(rand.New(rand.NewPCG(3, 3)), 90, 20), "d2/short.png": randomGray(rand.New(rand.NewPCG(4, 4)), 20, 20)})
	// EXIF orientation 6 (IFD0 tag 0x0112), in an APP1 segment after the SOI.
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	turned := compressed(t, scene(rand.New(rand.NewPCG(5, 5)), 40, 60), 90)
	put(t, root, "a/turned.jpg", slices.Concat(turned[:2], []byte(exif), turned[2:]))

	a := check(t, root)
	want := []string{
		"harms unreadable: 2 pictures cannot be used and are left out",
		"  c/cut.jpg: truncated JPEG",
		"  c/page.jpg: not a picture: looks like HTML",
		`harms empty-class: folder "d/" holds no pictures and is no class`,
		"  d/",
		`harms two-classes: 1 picture is in more than one class, for example "a/2.jpg" and "b/of-a.jpg"`,
		"  a/2.jpg b/of-a.jpg",
		`harms near-two-classes: 1 picture is nearly the same in another class, for example "b/4.jpg" and "c/like-b.jpg"`,
		"  b/4.jpg c/like-b.jpg",
		`harms tiny-class: class "d2" has only 2 pictures to train on`,
		"  d2: 2 pictures to train on",
		`harms uneven: class "a" has 11 times as many pictures as "d2"`,
		"note copies: 1 picture is a copy of others in the same class; they stay in one part",
		"  a/1.jpg a/copy.jpg",
		"note near-copies: 1 picture is a near duplicate of others in the same class; they stay in one part",
		"  b/3.jpg b/worse.jpeg",
		"note extension: 1 picture is of another format than its name says",
		"  c/really.png: holds jpeg",
		"note orientation: 1 picture is stored on its side or mirrored, and is set upright",
		"  a/turned.jpg: EXIF orientation 6",
		"note shape: 1 picture is more than four times as long as wide",
		"  d2/long.png: 90×20",
		"note colour: 2 pictures are grey, the others are in colour",
	}
	if d := cmp.Diff(want, brief(a)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	a.Findings = nil
	wantCounts := &Audit{
		Schema: 1, Path: root, Kind: "folders", Pictures: 68, Gray: 2, Turned: 1, Width: 48, Height: 36, Near: "loose",
		Classes:  []Tally{{Class: "a", Free: 22}, {Class: "b", Free: 22}, {Class: "c", Free: 22, Skipped: 2}, {Class: "d2", Free: 2}},
		Formats:  []Count{{"jpeg", 66}, {"png", 2}},
		Smallest: &Dimension{"d2/short.png", 20, 20}, Largest: &Dimension{"a/turned.jpg", 60, 40},
		Ignored: []string{".hidden/", "a/notes.txt", "d/"},
	}
	if d := cmp.Diff(wantCounts, a); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if err := a.Unusable(); err != nil {
		t.Error(err)
	}
}

// Copies across the parts that a layout gives, in the warnings before a training
// too.
func TestAuditLeaks(t *testing.T) {
	root := scenes(t, 25, "train/a", "train/b", "val/a", "val/b", "test/a", "test/b")
	copyTo := func(from, to string, quality int) {
		b, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			t.Fatal(err)
		}
		if quality > 0 {
			b = compressed(t, decoded(t, b), quality)
		}
		put(t, root, to, b)
	}
	if lines := brief(check(t, root)); lines != nil {
		t.Fatalf("found %q before anything was planted", lines)
	}
	copyTo("train/a/1.jpg", "test/a/copy.jpg", 0)
	copyTo("train/b/2.jpg", "val/b/copy.jpg", 0)
	copyTo("val/a/3.jpg", "test/a/worse.jpg", 60)
	copyTo("train/a/4.jpg", "test/b/flipped.jpg", 60)
	want := []string{
		"harms leak: 1 picture of val also occurs in train", "  train/b/2.jpg val/b/copy.jpg",
		"harms leak: 1 picture of test also occurs in train", "  train/a/1.jpg test/a/copy.jpg",
		`harms near-two-classes: 1 picture is nearly the same in another class, for example "train/a/4.jpg" and "test/b/flipped.jpg"`, "  train/a/4.jpg test/b/flipped.jpg",
		"harms near-leak: 1 picture of test is nearly the same as one in train", "  train/a/4.jpg test/b/flipped.jpg",
		"harms near-leak: 1 picture of test is nearly the same as one in val", "  val/a/3.jpg test/a/worse.jpg",
	}
	if d := cmp.Diff(want, brief(check(t, root))); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	d := load(t, root, Options{Prep: gray(8)})
	if len(d.Warnings) != 5 || "harms leak: "+d.Warnings[0] != want[0] {
		t.Errorf("warnings %q", d.Warnings)
	}
}

// Smaller layouts and what is, or is not, to be said about them.
func TestAuditDetails(t *testing.T) {
	list := scenes(t, 2, "x")
	copied, err := os.ReadFile(filepath.Join(list, "x/0.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, list, "copy.jpg", copied)
	put(t, list, "list.csv", []byte("path,label,split\nx/0.jpg,a,\nx/1.jpg,b,\ncopy.jpg,a,test\n"))

	three := scenes(t, 20, "a", "b")
	for _, name := range []string{"a/1.jpg", "a/1b.jpg", "a/1c.jpg"} {
		b, err := os.ReadFile(filepath.Join(three, "a/1.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		if name == "a/1b.jpg" { // in the middle
			b = compressed(t, decoded(t, b), 60)
		}
		put(t, three, name, b)
	}

	hollow := scenes(t, 20, "train/a", "train/b", "test/a", "test/b")
	for _, d := range []string{"train/c", "test/a/below"} {
		if err := os.Mkdir(filepath.Join(hollow, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}

	digits := t.TempDir()
	put(t, digits, "train-images-idx3-ubyte", idx(t, []int{4, 1, 2}, []uint8{1, 2, 3, 4, 5, 6, 7, 8}))
	put(t, digits, "train-labels-idx1-ubyte", idx(t, []int{4}, []uint8{0, 1, 0, 1}))

	for name, test := range map[string]struct {
		dir  string
		want []string
	}{
		"parts that are not decided train": {filepath.Join(list, "list.csv"), []string{
			`harms layout: class "b" has no pictures in test`,
			"harms leak: 1 picture of test also occurs in train", "  x/0.jpg copy.jpg",
			`harms tiny-class: 2 classes have fewer than 20 pictures to train on, for example "a"`, "  a: 1 picture to train on", "  b: 1 picture to train on",
		}},
		"copies of both kinds": {three, []string{
			"note copies: 1 picture is a copy of others in the same class; they stay in one part", "  a/1.jpg a/1c.jpg",
			"note near-copies: 2 pictures are near duplicates of others in the same class; they stay in one part", "  a/1.jpg a/1b.jpg a/1c.jpg",
		}},
		"empty folders of split folders": {hollow, []string{`harms empty-class: folder "train/c/" holds no pictures and is no class`, "  train/c/"}},
		"grey, tiny and IDX": {digits, []string{
			`harms tiny-class: 2 classes have fewer than 20 pictures to train on, for example "0"`, "  0: 2 pictures to train on", "  1: 2 pictures to train on",
		}},
	} {
		if d := cmp.Diff(test.want, brief(check(t, test.dir))); d != "" {
			t.Errorf("%s (-want +got)\n%s", name, d)
		}
	}
}

// The cases of the shared photos: what is planted is found, beside what has been
// there, and the files are never copied into the project.
func TestAuditFindsPlanted(t *testing.T) {
	from := shared(t, "catdog")
	root := t.TempDir()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for part, most := range map[string]int{"train": 150, "test": 100} {
		for _, class := range []string{"cat", "dog"} {
			entries, err := os.ReadDir(filepath.Join(from, part, class))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries[:most] {
				name := part + "/" + class + "/" + e.Name()
				put(t, root, name, read(name))
			}
		}
	}
	first := func(dir string) string {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		return dir + "/" + entries[7].Name()
	}
	cat, dog := first("train/cat"), first("train/dog")
	before := brief(check(t, root))
	put(t, root, "test/cat/copy.jpg", read(cat))
	put(t, root, "test/dog/again.jpg", compressed(t, decoded(t, read(dog)), 60))
	put(t, root, "train/dog/flipped.jpg", read(first("test/cat")))
	found := map[string]bool{}
	for _, f := range check(t, root).Findings {
		for _, c := range f.Cases {
			if c := strings.Join(c.Files, " "); !slices.Contains(before, "  "+c) {
				found[f.Kind+" "+c] = true
			}
		}
	}
	want := map[string]bool{
		"leak " + cat + " test/cat/copy.jpg":                     true,
		"near-leak " + dog + " test/dog/again.jpg":               true,
		"leak train/dog/flipped.jpg " + first("test/cat"):        true,
		"two-classes train/dog/flipped.jpg " + first("test/cat"): true,
	}
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// What cannot be trained on is a finding, and the first.
func TestAuditBlocks(t *testing.T) {
	half := scenes(t, 3, "a")
	put(t, half, "b/x.jpg", []byte("nothing"))
	for name, test := range map[string]struct{ dir, want string }{
		"no pictures":          {t.TempDir(), "no pictures, want one folder of them for each class"},
		"one class":            {scenes(t, 3, "a"), `classes ["a"], want at least two`},
		"a class without any":  {half, `class "b" has no usable picture to train on, for example "b/x.jpg": not a picture: looks like text`},
		"an unpacked archive":  {scenes(t, 3, "pets/a", "pets/b"), `classes ["pets"], want at least two: its pictures lie in folders of their own, which may be the classes`},
		"a manifest of no use": {filepath.Join(tree(t, "list.csv"), "list.csv"), `line 1: 1 columns, want path,label or path,label,split`},
	} {
		a := check(t, test.dir)
		if len(a.Findings) == 0 || a.Findings[0].Level != Blocks || a.Findings[0].Text != test.want || a.Findings[0].Hint == "" {
			t.Errorf("%s: %q", name, brief(a))
		}
		err := a.Unusable()
		if !errors.As(err, new(*Unusable)) {
			t.Errorf("%s: %v", name, err)
		}
		// Load refuses for the same reason.
		src, loadErr := Scan(test.dir)
		if loadErr == nil {
			_, loadErr = src.Load(t.Context(), Options{Prep: gray(4), Val: .1, Test: .1})
		}
		if loadErr == nil || !strings.HasSuffix(loadErr.Error(), test.want) {
			t.Errorf("%s: Load says %v", name, loadErr)
		}
	}
	if a, err := Check(t.Context(), filepath.Join(t.TempDir(), "gone"), Options{}); err == nil {
		t.Errorf("a folder that is not there: %q", brief(a))
	}
}

// Programs read lists, never null.
func TestAuditJSON(t *testing.T) {
	b, err := json.Marshal(check(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{`"schema":1`, `"classes":[]`, `"formats":[]`, `"ignored":[]`, `"cases":[]`, `"smallest":null`, `"level":"blocks"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// One truncated file among many costs one line.
func TestOneBadFileCostsOneLine(t *testing.T) {
	root := scenes(t, 150, "a", "b")
	before := load(t, root, Options{Prep: gray(8), Val: .1, Test: .1})
	bad := filepath.Join(root, "a", "77.jpg")
	b, err := os.ReadFile(bad)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, b[:len(b)/2], 0o666); err != nil {
		t.Fatal(err)
	}
	after := load(t, root, Options{Prep: gray(8), Val: .1, Test: .1})
	if d := cmp.Diff([]Skipped{{"a/77.jpg", "truncated JPEG"}}, after.Skipped); d != "" || len(after.Warnings) > 0 || len(before.Skipped) > 0 {
		t.Errorf("skipped %v, warnings %q", after.Skipped, after.Warnings)
	}
	// All others are where they were.
	places := func(d *Data) map[string]Part {
		m := map[string]Part{}
		for part, s := range map[Part]*Set{Train: d.Train, Val: d.Val, Test: d.Test} {
			for _, f := range s.Files {
				m[f] = part
			}
		}
		return m
	}
	want := places(before)
	delete(want, "a/77.jpg")
	if d := cmp.Diff(want, places(after)); d != "" {
		t.Errorf("pictures moved:\n%s", d)
	}
}
