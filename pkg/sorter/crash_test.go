package sorter

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// crash is what a stepper panics with: the process ends before that call.
type crash struct{ at int }

// crashing runs do, which ends before its kth change, and tells whether it did.
// exdev makes source and destination different file systems.
func crashing(k int, exdev stepper, do func(step stepper)) (calls int, crashed bool) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(crash); !ok {
				panic(v)
			}
			crashed = true
		}
	}()
	do(func(call, path, to string) error {
		if calls++; calls == k {
			panic(crash{k})
		}
		if exdev != nil {
			return exdev(call, path, to)
		}
		return nil
	})
	return calls, false
}

// twoDisks makes renames and links between src and dst fail as they do between
// file systems.
func twoDisks(src string) stepper {
	return func(call, path, to string) error {
		if (call == "rename" || call == "link") && strings.HasPrefix(path, src) != strings.HasPrefix(to, src) {
			return syscall.EXDEV
		}
		return nil
	}
}

// oldDisk can neither rename without replacing nor link from elsewhere.
func oldDisk(call, path, to string) error {
	if call == "rename" {
		return syscall.ENOTSUP // is errors.ErrUnsupported
	}
	return nil
}

type kind struct {
	name string
	mode Mode
	disk func(src string) stepper
}

var kinds = []kind{
	{"copy", Copy, nil},
	{"move", Move, nil},
	{"move to another disk", Move, twoDisks},
	{"move by links", Move, func(string) stepper { return oldDisk }},
	{"symlink", Symlink, nil},
	{"hardlink", Hardlink, nil},
}

func (k kind) step(src string) stepper {
	if k.disk == nil {
		return nil
	}
	return k.disk(src)
}

// intact errs unless every content is there as often as before, or for copies at
// least as often, and sources are as they were unless they move.
func (k kind) intact(t rapid.TB, src, dst string, before map[string]string, all []string) {
	t.Helper()
	got := contents(t, src, dst)
	if k.mode != Move {
		same(t, "source", listTree(t, src), before)
		return
	}
	rest := slices.Clone(got)
	for _, c := range all {
		i := slices.Index(rest, c)
		if i < 0 {
			t.Fatalf("%.40q is lost: have %d files, want %d", c, len(got), len(all))
		}
		rest = slices.Delete(rest, i, i+1)
	}
}

// sorted errs unless all is where it belongs, once.
func (k kind) sorted(t rapid.TB, src, dst string, all []string, want string) {
	t.Helper()
	if got := names(t, dst); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := contents(t, src, dst); k.mode == Move && !slices.Equal(got, all) {
		t.Errorf("got %.30q, want %.30q", got, all)
	}
	filepath.Walk(dst, func(path string, _ os.FileInfo, _ error) error {
		if strings.HasPrefix(filepath.Base(path), ".squint-tmp-") {
			t.Errorf("left over: %s", path)
		}
		return nil
	})
}

// Every point of a run may be its last; whoever runs again finishes it, and undo
// takes all back. So may every point of that undo.
func TestCrashAnywhere(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			base := ramDisk(t)
			want, steps := "", 1
			defer func() { t.Logf("crashed before each of %d steps", steps) }()
			for cut := 0; cut <= steps; cut++ { // 0 never comes: a run without a crash
				src, dst := filepath.Join(base, fmt.Sprint("s", cut)), filepath.Join(base, fmt.Sprint("d", cut))
				small(t, src)
				before, all := listTree(t, src), contents(t, src)
				n, crashed := crashing(cut, k.step(src), func(step stepper) {
					_, err := sortAll(t, src, dst, k.mode, step)
					must(t, err)
				})
				if cut == 0 {
					steps, want = n, names(t, dst)
				} else if !crashed && cut < steps {
					t.Fatalf("no step %d of %d", cut, steps)
				}
				k.intact(t, src, dst, before, all)
				if cut%2 == 0 { // go on
					_, err := sortAll(t, src, dst, k.mode, k.step(src))
					must(t, err)
					k.sorted(t, src, dst, all, want)
				}
				for again := 0; again < 3; again++ { // back, interrupted twice
					crashing([]int{7, 2 + cut%29, 0}[again], k.step(src), func(step stepper) {
						undo(t, dst, "", step)
					})
					k.intact(t, src, dst, before, all)
				}
				for { // what a second run had done after the first was finished
					if _, err := undo(t, dst, "", k.step(src)); err != nil {
						break
					}
				}
				same(t, "source after undo", listTree(t, src), before)
				if got := names(t, dst); got != "" {
					t.Errorf("after undo: %q", got)
				}
				if t.Failed() {
					t.Fatalf("crash before step %d of %d", cut, steps)
				}
			}
		})
	}
}

// small is a source of few files in which everything happens.
func small(t rapid.TB, src string) {
	write(t, src, "a.jpg", "cat 1", "sub/a.jpg", "cat 2", "b.jpg", "pets/dog 1", "b.xmp", "side", "b.mov", "film", "c.png", "cat 3")
	must(t, os.Chmod(filepath.Join(src, "c.png"), 0o440))
}
