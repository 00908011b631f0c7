package sorter

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

var hostileNames = []string{
	"a.jpg", "A.JPG", "a (2).jpg", "b.png", "-rf.jpg", "new\nline.jpg", "bad\xff\xfe.jpg", "caf\u00e9.jpg", "cafe\u0301.jpg", "\u202egpj.jpg", " .jpg",
	"a..jpg", "~.png", "%s.jpg", "\x1b[2J.png", "a\\b.jpg", "con.jpg", "STRASSE.jpg", "stra\u00dfe.jpg", strings.Repeat("n", 251) + ".jpg", strings.Repeat("\u00e9", 125) + ".jpg",
	"a.xmp", "a.jpg.xmp", "A.mov", "a.CR2", "b.png.json", "b.aae", "notes.txt", strings.Repeat("n", 251) + ".mov",
}

// A fault is what befalls a run before one of its changes.
type fault struct {
	step int
	what string
}

var faults = []string{"crash", "ENOSPC", "EIO", "EROFS", "EACCES", "somebody takes the name", "somebody writes", "somebody removes", "journal"}

// world is a source, a destination and what must be in them.
type world struct {
	t                 *rapid.T
	src, dst, outside string
	all               []string // contents that exist, and must
	foreign           map[string]string
	meddled           bool // somebody else was at work: not all comes back
	made              int
}

// step makes faults happen.
func (w *world) step(fs []fault, inner stepper) stepper {
	n := 0
	return func(call, path, to string) error {
		n++
		for _, f := range fs {
			if f.step != n {
				continue
			}
			switch f.what {
			case "crash":
				panic(crash{n})
			case "ENOSPC":
				return syscall.ENOSPC
			case "EIO":
				return syscall.EIO
			case "EROFS":
				return syscall.EROFS
			case "EACCES":
				if call != "rmdir" { // an empty folder that may not be removed stays
					return syscall.EACCES
				}
			case "somebody takes the name":
				if to != "" && strings.HasPrefix(to, w.dst) && !strings.Contains(to, "/.squint") { // nor in the trash, which check leaves out
					w.take(to)
				}
			case "somebody writes":
				// Not between the last look at a source and its removal, which
				// nothing can close: see the package's doc.
				if strings.HasPrefix(path, w.src) && !strings.Contains(path, Home) && call != "remove" {
					w.append(path)
				}
			case "somebody removes":
				if b, err := os.ReadFile(path); err == nil && strings.HasPrefix(path, w.src) && !strings.Contains(path, Home) {
					must(w.t, os.Remove(path))
					w.gone(string(b), 1)
					w.meddled = true
				}
			}
		}
		if inner != nil {
			return inner(call, path, to)
		}
		return nil
	}
}

// take puts a file of somebody else's in the way.
func (w *world) take(path string) {
	w.made++
	content := fmt.Sprint("somebody's ", w.made)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return
	}
	f.WriteString(content)
	f.Close()
	w.all = append(w.all, content)
	w.foreign[path] = content
	w.meddled = true
}

// append changes a source that is still there.
func (w *world) append(path string) {
	dir, err := openFolder(filepath.Dir(path))
	if err != nil {
		return
	}
	defer dir.close()
	st, err := dir.lstat(filepath.Base(path))
	if err != nil || !st.Mode.IsRegular() || st.Mode.Perm()&0o200 == 0 || st.links > 1 {
		return
	}
	old, err := os.ReadFile(path)
	must(w.t, err)
	must(w.t, os.WriteFile(path, append(old, '+'), 0o666))
	w.gone(string(old), 1)
	w.all = append(w.all, string(old)+"+")
	w.meddled = true
}

func (w *world) gone(content string, n int) {
	for range n {
		i := slices.Index(w.all, content)
		w.all = slices.Delete(w.all, i, i+1)
	}
}

// check finds everything that must be there.
func (w *world) check() {
	w.t.Helper()
	have := map[string]int{}
	for _, c := range contents(w.t, w.src, w.dst) {
		have[c]++
	}
	for _, c := range w.all {
		if have[c]--; have[c] < 0 {
			w.t.Fatalf("%q is lost", c)
		}
	}
	for path, content := range w.foreign {
		if b, err := os.ReadFile(path); err != nil || string(b) != content {
			w.t.Fatalf("%q, which is somebody else's, is %q, was %q", path, b, content)
		}
	}
	if e, err := os.ReadDir(w.outside); err != nil || len(e) > 0 {
		w.t.Fatalf("%d files outside, %v", len(e), err)
	}
}

// Whatever is in a source and a destination, and whatever goes wrong: no content is
// lost, nothing of anybody else's is touched, each file is accounted for, and without
// outside meddling undo brings everything back.
//
// To run it at length: go test -run TestRandomTrees ./pkg/sorter -rapid.checks=20000
func TestRandomTrees(t *testing.T) {
	base := ramDisk(t)
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		w := &world{t: t, foreign: map[string]string{}}
		root := filepath.Join(base, fmt.Sprint(runs))
		defer os.RemoveAll(root)
		w.src, w.dst, w.outside = filepath.Join(root, "src"), filepath.Join(root, "dst"), filepath.Join(root, "outside")
		if rapid.IntRange(0, 9).Draw(t, "place") == 0 { // one within the other
			w.dst = filepath.Join(w.src, "sorted")
		}
		for _, dir := range []string{w.src, w.dst, w.outside} {
			must(t, os.MkdirAll(dir, 0o777))
		}
		w.fill(t)
		k := rapid.SampledFrom(kinds).Draw(t, "kind")
		before := listTree(t, w.src)
		inDst := listTree(t, w.dst)

		draw := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fault {
			return fault{rapid.IntRange(1, 60).Draw(t, "step"), rapid.SampledFrom(faults).Draw(t, "what")}
		}), 0, 3)
		for i := range rapid.IntRange(0, 3).Draw(t, "interruptions") {
			fs := draw.Draw(t, "faults")
			crashing(0, w.step(fs, k.step(w.src)), func(step stepper) {
				if i == 2 {
					undo(t, w.dst, "", step)
				} else {
					sortAll(t, w.src, w.dst, k.mode, step)
				}
			})
			w.check()
		}
		_, err := sortAll(t, w.src, w.dst, k.mode, k.step(w.src))
		must(t, err)
		w.check()
		if again, err := sortAll(t, w.src, w.dst, k.mode, k.step(w.src)); err != nil {
			t.Fatal(err)
		} else {
			for _, e := range again {
				if e.Outcome == Moved || e.Outcome == Copied || e.Outcome == Linked {
					t.Fatalf("sorted only the second time: %+v", e)
				}
			}
		}
		for n := 12; n > 0; n-- { // those that a fault left half undone too
			undo(t, w.dst, fmt.Sprintf("%04d", n), k.step(w.src))
		}
		w.check()
		if !w.meddled {
			got := listTree(t, w.src)
			same(t, "source", got, before)
			if !strings.HasPrefix(w.dst, w.src) {
				same(t, "destination", listTree(t, w.dst), inDst)
			}
		}
	})
}

// fill makes up a source and what is in the destination before.
func (w *world) fill(t *rapid.T) {
	dirs := []string{".", "x", "x/y", "z\nz", ".hidden"}
	words := []string{"cat", "dog", "pets/big", "unsure"}
	name := rapid.SampledFrom(hostileNames)
	for range rapid.IntRange(0, 10).Draw(t, "files") {
		path := filepath.Join(w.src, rapid.SampledFrom(dirs).Draw(t, "dir"), name.Draw(t, "name"))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		switch rapid.IntRange(0, 9).Draw(t, "kind of file") {
		case 0:
			os.Symlink(rapid.SampledFrom([]string{"a.jpg", "/etc/hostname", "..", "nowhere"}).Draw(t, "target"), path)
			continue
		case 1: // a second name of a file
			if files := regular(w.src); len(files) > 0 {
				os.Link(rapid.SampledFrom(files).Draw(t, "linked"), path)
				b, _ := os.ReadFile(path)
				w.all = append(w.all, string(b))
				continue
			}
		}
		content := rapid.SampledFrom(words).Draw(t, "class") + " " + fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "content"))
		must(t, os.WriteFile(path, []byte(content), rapid.SampledFrom([]os.FileMode{0o644, 0o444, 0o600}).Draw(t, "mode")))
		w.all = append(w.all, content)
	}
	for range rapid.IntRange(0, 4).Draw(t, "in the destination") {
		class := filepath.Join(w.dst, rapid.SampledFrom([]string{"cat", "Cat", "dog", "pets"}).Draw(t, "class"))
		path := filepath.Join(class, name.Draw(t, "name"))
		switch rapid.IntRange(0, 9).Draw(t, "there") {
		case 0:
			os.Symlink(w.outside, class)
		case 1:
			if _, err := os.Lstat(class); err != nil {
				must(t, os.WriteFile(class, []byte("a file"), 0o666))
				w.all = append(w.all, "a file")
			}
		default:
			if st, err := os.Lstat(class); err == nil && !st.IsDir() {
				continue
			}
			must(t, os.MkdirAll(class, 0o777))
			if _, err := os.Lstat(path); err == nil {
				continue
			}
			content := "cat " + fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "content"))
			must(t, os.WriteFile(path, []byte(content), 0o666))
			w.all = append(w.all, content)
			w.foreign[path] = content
		}
	}
}

func regular(dir string) (files []string) {
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			files = append(files, path)
		}
		return nil
	})
	return files
}
