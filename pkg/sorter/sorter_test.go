package sorter

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".png", ".heic":
		return true
	}
	return false
}

// write puts files below dir: "a/b.jpg", "content", …
func write(t rapid.TB, dir string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		path := filepath.Join(dir, filepath.FromSlash(pairs[i]))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, []byte(pairs[i+1]), 0o644))
	}
}

// ramDisk returns a new folder in memory where the system has one: nothing here
// depends on a disk, and syncing one takes most of the time of these tests.
func ramDisk(t testing.TB) string {
	if dir, err := os.MkdirTemp("/dev/shm", "sorter-test-"); err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		return dir
	}
	return t.TempDir()
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// byContent sorts a picture by the first word of its content.
func byContent(src string, f File) string {
	b, _ := os.ReadFile(filepath.Join(src, filepath.FromSlash(f.From)))
	word, _, _ := strings.Cut(string(b), " ")
	if word == "" {
		return "unsure"
	}
	return word
}

// plan makes a plan for all of src.
func plan(t rapid.TB, src, dst string, mode Mode) *Plan {
	t.Helper()
	found, err := Scan(context.Background(), src, dst, isPicture)
	must(t, err)
	p, err := NewPlan(src, dst, mode)
	must(t, err)
	p.Rest = append(p.Rest, found.Others...)
	for _, ph := range found.Photos {
		var files []File
		for _, name := range append([]string{ph.Picture}, ph.Companions...) {
			f, err := Examine(src, name)
			must(t, err)
			files = append(files, f)
		}
		p.Add(files, byContent(src, files[0]))
	}
	places := map[string]string{}
	for _, u := range p.Units {
		for _, f := range u {
			if other, twice := places[keyOf(f.To)]; twice {
				t.Fatalf("%q and %q have one place, %q", f.From, other, f.To)
			}
			places[keyOf(f.To)] = f.From
		}
	}
	return p
}

// sortAll is what a user does: finish what a crash left, plan, apply.
func sortAll(t rapid.TB, src, dst string, mode Mode, step stepper) (map[string]Entry, error) {
	t.Helper()
	s, err := openStore(dst, step)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	runs, err := s.Unfinished()
	if err != nil {
		return nil, err
	}
	for _, r := range runs {
		if err := r.Finish(context.Background()); err != nil {
			return nil, err
		}
	}
	p := plan(t, src, dst, mode)
	entries := map[string]Entry{}
	for _, e := range p.Rest {
		entries[e.File] = e
	}
	if len(p.Units) == 0 {
		return entries, nil
	}
	r, err := s.Begin(p)
	if err != nil {
		return nil, err
	}
	r.Report = func(e Entry) {
		if _, twice := entries[e.File]; twice {
			t.Errorf("%q is reported twice", e.File)
		}
		entries[e.File] = e
	}
	if err := r.Apply(context.Background(), p); err != nil {
		return entries, err
	}
	if err := r.End(); err != nil {
		return entries, err
	}
	if want := p.Files() + len(p.Rest); len(entries) != want {
		t.Errorf("%d files are accounted for, want %d", len(entries), want)
	}
	return entries, nil
}

func undo(t rapid.TB, dst, number string, step stepper) (map[string]Entry, error) {
	t.Helper()
	s, err := openStore(dst, step)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	entries := map[string]Entry{}
	_, err = s.Undo(context.Background(), number, func(e Entry) { entries[e.File] = e })
	return entries, err
}

// tree lists all below dir but the home folder: kind, mode, time and content by path.
func listTree(t rapid.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if e.Name() == Home {
			return filepath.SkipDir
		}
		st, err := e.Info()
		if err != nil {
			return err
		}
		switch {
		case e.IsDir():
			out[rel] = fmt.Sprint(st.Mode())
		case st.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			out[rel] = "-> " + to
		default:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			out[rel] = fmt.Sprintf("%v %d %x", st.Mode(), st.ModTime().UnixNano(), sha256.Sum256(b))
		}
		return nil
	}))
	return out
}

// contents lists the content of all files below dirs, sorted; without links, what
// is on its way, and the home folders with what undo took away.
func contents(t rapid.TB, dirs ...string) []string {
	t.Helper()
	var all []string
	for _, dir := range dirs {
		filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() && e.Name() == Home {
				return fs.SkipDir
			}
			if err != nil || !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".squint-tmp-") {
				return nil
			}
			b, err := os.ReadFile(path)
			must(t, err)
			all = append(all, string(b))
			return nil
		})
	}
	slices.Sort(all)
	return all
}

// names lists the files below dir, slash separated.
func names(t rapid.TB, dir string) string {
	var list []string
	for name, what := range listTree(t, dir) {
		if what[0] != 'd' {
			list = append(list, filepath.ToSlash(name))
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func same(t rapid.TB, what string, got, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %q is %q, was %q", what, name, got[name], w)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %q is new", what, name)
		}
	}
}

// fixture is a source with all that belongs together, and clashes.
func fixture(t rapid.TB, src string) {
	write(t, src,
		"a.jpg", "cat 1", "b.png", "dog 1", "sub/a.jpg", "cat 2", "sub/A.JPG", "cat 3", "sub/deep/b.png", "dog 1",
		"live.jpg", "dog live", "live.mov", "film", "live.jpg.xmp", "darktable", "live.xmp", "adobe",
		"raw.jpg", "cat raw", "raw.CR2", "raw", "caf\u00e9.jpg", "cat nfc", "sub/cafe\u0301.jpg", "cat nfd",
		"notes.txt", "not a picture", "lonely.mov", "film without a picture", ".hidden.jpg", "cat hidden",
		"-rf.jpg", "cat dash", "new\nline.jpg", "cat newline", "bad\xff.jpg", "dog bytes",
	)
	must(t, os.Symlink("a.jpg", filepath.Join(src, "link.jpg")))
	must(t, os.Chmod(filepath.Join(src, "b.png"), 0o444))
}

func TestModes(t *testing.T) {
	for _, mode := range []Mode{Copy, Move, Symlink, Hardlink} {
		t.Run(string(mode), func(t *testing.T) {
			src, dst := t.TempDir(), filepath.Join(t.TempDir(), "out", "here")
			fixture(t, src)
			before, all := listTree(t, src), contents(t, src)
			entries, err := sortAll(t, src, dst, mode, nil)
			must(t, err)
			want := "cat/-rf.jpg cat/a (2).jpg cat/a (3).jpg cat/a.jpg cat/cafe\u0301 (2).jpg cat/caf\u00e9.jpg cat/new\nline.jpg cat/raw.CR2 cat/raw.jpg " +
				"dog/b (2).png dog/b.png dog/bad\xff.jpg dog/live.jpg dog/live.jpg.xmp dog/live.mov dog/live.xmp"
			want = strings.Replace(want, "cat/a (2).jpg cat/a (3).jpg cat/a.jpg", "cat/A (2).JPG cat/a (3).jpg cat/a.jpg", 1)
			if got := names(t, dst); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if mode != Move {
				same(t, "source", listTree(t, src), before)
			} else if got := contents(t, src, dst); !slices.Equal(got, all) {
				t.Errorf("contents %q, want %q", got, all)
			} else if got := names(t, src); got != ".hidden.jpg link.jpg lonely.mov notes.txt" {
				t.Errorf("left behind: %q", got)
			}
			if e := entries["link.jpg"]; e.Outcome != Skipped || e.Reason == "" {
				t.Errorf("link: %+v", e)
			}
			if mode == Copy {
				if again, err := sortAll(t, src, dst, mode, nil); err != nil || again["a.jpg"].Outcome != Kept || names(t, dst) != want {
					t.Errorf("a second run: %v, %+v, %q", err, again["a.jpg"], names(t, dst))
				}
			}
			_, err = undo(t, dst, "0001", nil)
			must(t, err)
			same(t, "source after undo", listTree(t, src), before)
			if got := listTree(t, dst); len(got) != 1 {
				t.Errorf("left in the destination: %q", got)
			}
			if _, err := undo(t, dst, "0001", nil); err == nil {
				t.Error("undone twice")
			}
		})
	}
}
