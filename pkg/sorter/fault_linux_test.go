package sorter

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// mounted mounts a file system for a test, which is skipped where that is not allowed.
func mounted(t *testing.T, dir, source, kind string, flags uintptr, data string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o777))
	if err := unix.Mount(source, dir, kind, flags, data); err != nil {
		t.Skipf("cannot mount: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

// accounted checks that each file has one entry, and what failed is where it was.
func accounted(t *testing.T, src string, before map[string]string, entries map[string]Entry) (placed, failed int) {
	t.Helper()
	for name, what := range before {
		if what[0] != '-' {
			continue
		}
		e, ok := entries[filepath.ToSlash(name)]
		switch {
		case !ok:
			t.Errorf("%q is not accounted for", name)
		case e.Outcome == Failed:
			failed++
			if got := listTree(t, src)[name]; got != what || e.Reason == "" {
				t.Errorf("%+v, and it is %q, was %q", e, got, what)
			}
		default:
			placed++
		}
	}
	return placed, failed
}

func noTemps(t *testing.T, dir string) {
	t.Helper()
	for _, f := range regular(dir) {
		if strings.HasPrefix(filepath.Base(f), ".squint-tmp-") {
			t.Errorf("left over: %s", f)
		}
	}
}

// A disk that fills up: what fits is sorted, the rest stays, nothing is half there;
// with room again, the rest follows.
func TestDiskFull(t *testing.T) {
	for _, k := range []kind{kinds[0], kinds[1]} {
		for _, options := range []string{"size=256k", "size=1m,nr_inodes=16"} {
			base := ramDisk(t)
			src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
			for i := range 20 {
				write(t, src, fmt.Sprintf("%d.jpg", i), fmt.Sprintf("cat %d %s", i, strings.Repeat("x", 20_000)))
			}
			write(t, src, "3.xmp", "side")
			mounted(t, dst, "tmpfs", "tmpfs", 0, options)
			before, all := listTree(t, src), contents(t, src)
			entries, err := sortAll(t, src, dst, k.mode, nil)
			if err == nil { // or the journal itself has no room: nothing was begun that is not finished below
				if placed, failed := accounted(t, src, before, entries); placed == 0 || failed == 0 {
					t.Errorf("%s: %d placed, %d failed", options, placed, failed)
				}
				noTemps(t, dst)
			}
			k.intact(t, src, dst, before, all)
			must(t, unix.Mount("tmpfs", dst, "tmpfs", unix.MS_REMOUNT, "size=8m,nr_inodes=1000"))
			_, err = sortAll(t, src, dst, k.mode, nil)
			must(t, err)
			k.intact(t, src, dst, before, all)
			if got := len(strings.Fields(names(t, dst))); got != 21 {
				t.Errorf("%s: %d files, want 21", options, got)
			}
			noTemps(t, dst)
		}
	}
}

// A source on a read-only file system can be copied from and not moved from.
func TestReadOnlySource(t *testing.T) {
	base := ramDisk(t)
	real, src, dst := filepath.Join(base, "real"), filepath.Join(base, "src"), filepath.Join(base, "dst")
	fixture(t, real)
	mounted(t, src, real, "", unix.MS_BIND, "")
	must(t, unix.Mount("", src, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	before := listTree(t, real)
	entries, err := sortAll(t, src, dst, Copy, nil)
	must(t, err)
	if e := entries["a.jpg"]; e.Outcome != Copied {
		t.Errorf("%+v", e)
	}
	same(t, "source", listTree(t, real), before)
	dst2 := filepath.Join(base, "dst2")
	entries, err = sortAll(t, src, dst2, Move, nil)
	must(t, err)
	if e := entries["a.jpg"]; e.Outcome == Moved || !strings.Contains(e.Reason, "read-only") {
		t.Errorf("%+v", e)
	}
	same(t, "source", listTree(t, real), before)
	noTemps(t, dst2)
}

// A destination folder on a read-only file system: what goes there stays, the rest
// is sorted.
func TestReadOnlyFolder(t *testing.T) {
	base := ramDisk(t)
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	fixture(t, src)
	before, all := listTree(t, src), contents(t, src)
	mounted(t, filepath.Join(dst, "cat"), filepath.Join(dst, "cat"), "", unix.MS_BIND, "")
	must(t, unix.Mount("", filepath.Join(dst, "cat"), "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	entries, err := sortAll(t, src, dst, Move, nil)
	must(t, err)
	if e := entries["a.jpg"]; e.Outcome != Failed || !strings.Contains(e.Reason, "read-only") {
		t.Errorf("%+v", e)
	}
	if e := entries["live.mov"]; e.Outcome != Moved {
		t.Errorf("%+v", e)
	}
	if got := contents(t, src, dst); !slices.Equal(got, all) {
		t.Errorf("got %q, want %q", got, all)
	}
	_, err = undo(t, dst, "", nil)
	must(t, err)
	same(t, "source", listTree(t, src), before)
}

// Through a bind mount the device numbers are equal and a rename fails all the
// same (EXDEV); and what is planned from a folder into itself by another path is
// in its place.
func TestBindMount(t *testing.T) {
	base := ramDisk(t)
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	fixture(t, src)
	before, all := listTree(t, src), contents(t, src)
	mounted(t, dst, filepath.Join(base, "src", "sub"), "", unix.MS_BIND, "") // the destination is a folder of the source
	for range 2 {
		_, err := sortAll(t, src, dst, Move, nil)
		must(t, err)
		if got := contents(t, src); !slices.Equal(got, all) {
			t.Fatalf("got %q, want %q", got, all)
		}
	}
	if got := names(t, src); !strings.Contains(got, "sub/a.jpg") || !strings.Contains(got, "sub/cat/a.jpg") {
		t.Errorf("got %s", got)
	}
	for range 2 {
		undo(t, dst, "", nil)
	}
	same(t, "source", listTree(t, src), before)
}

// A copy has the mode, the times and the extended attributes of its source.
func TestAttributesAreKept(t *testing.T) {
	for _, k := range []kind{kinds[0], kinds[2]} {
		src, dst := ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1")
		path := filepath.Join(src, "a.jpg")
		if err := unix.Setxattr(path, "user.rating", []byte("five\x00stars"), 0); err != nil {
			t.Skipf("no extended attributes: %v", err)
		}
		must(t, unix.Setxattr(path, "user.empty", nil, 0))
		must(t, os.Chmod(path, 0o640))
		when := unixTime(7)
		must(t, os.Chtimes(path, when, when))
		_, err := sortAll(t, src, dst, k.mode, k.step(src))
		must(t, err)
		copied := filepath.Join(dst, "cat", "a.jpg")
		st, err := os.Stat(copied)
		must(t, err)
		if !st.ModTime().Equal(when) || st.Mode() != 0o640 {
			t.Errorf("%s: %v, %v", k.name, st.ModTime(), st.Mode())
		}
		value := make([]byte, 100)
		n, err := unix.Getxattr(copied, "user.rating", value)
		if err != nil || string(value[:n]) != "five\x00stars" {
			t.Errorf("%s: %q, %v", k.name, value[:max(n, 0)], err)
		}
		if n, err := unix.Getxattr(copied, "user.empty", nil); n != 0 || err != nil {
			t.Errorf("%s: %d bytes, %v", k.name, n, err)
		}
	}
}

// Errors of real system calls, once and from then on.
func TestErrors(t *testing.T) {
	if os.Getenv("SQUINT_SWEEP") == "" {
		t.Skip("takes long; set SQUINT_SWEEP=1")
	}
	const rounds = 30
	errs := []string{"ENOSPC", "EIO", "EROFS", "EXDEV", "EDQUOT", "EACCES", "EPERM", "ENOMEM"}
	changes := []string{"openat", "write", "fsync", "renameat2", "linkat", "symlinkat", "unlinkat", "mkdirat", "fchmod", "utimensat", "fsetxattr", "pread64", "newfstatat"}
	total := 0
	for _, s := range sweeps(t) {
		s.reset()
		n := s.counts(s.sortArgs()...)
		rng := rand.New(rand.NewPCG(1, uint64(len(s.kind))))
		for _, call := range changes {
			for i := 0; i < rounds && n[call] > 0; i++ {
				e, k, on := errs[rng.IntN(len(errs))], 1+rng.IntN(n[call]), []string{"", "+"}[rng.IntN(2)]
				if call == "fchmod" && (e == "EACCES" || e == "EPERM") {
					continue // a file system without modes: a copy goes without
				}
				s.reset()
				inject := fmt.Sprintf("inject=%s:error=%s:when=%d%s", call, e, k, on)
				s.strace([]string{"-o", "/dev/null", "-e", "trace=" + call, "-e", inject}, s.sortArgs()) // it may well fail
				total++
				s.intact(inject)
				s.undoOrFinish(inject, i%2 == 0)
			}
		}
	}
	t.Logf("%d runs with errors", total)
}

// undoOrFinish goes on without errors. A run that had failed for some files has
// not their names: only that all is there, and comes back, is asked.
func (s *sweep) undoOrFinish(after string, finish bool) {
	s.t.Helper()
	if finish {
		must(s.t, s.run(s.sortArgs()...))
		s.intact(after + " and finished")
	}
	s.undo(after)
}

// No call that a run makes could replace a file: no rename without RENAME_NOREPLACE,
// no opening for writing without O_EXCL, but for the journal.
func TestNoCallThatReplaces(t *testing.T) {
	for _, s := range sweeps(t) {
		s.reset()
		log := filepath.Join(t.TempDir(), "log")
		for _, args := range [][]string{s.sortArgs(), {"undo", s.dst}} {
			if s.mode != Move && os.Getenv("SQUINT_SWEEP") == "" {
				continue
			}
			_, err := s.strace([]string{"-y", "-o", log, "-e", "trace=rename,renameat,renameat2,open,creat,openat,openat2,truncate,ftruncate"}, args)
			must(t, err)
			b, err := os.ReadFile(log)
			must(t, err)
			if err := replaces(string(b)); err != nil {
				t.Errorf("%s: %v", s.kind, err)
			}
		}
	}
}

func replaces(log string) error {
	seen := 0
	for line := range strings.Lines(log) {
		switch {
		case strings.Contains(line, "rename"):
			if !strings.Contains(line, "RENAME_NOREPLACE") {
				return fmt.Errorf("a rename that replaces: %s", line)
			}
		case strings.Contains(line, "O_TRUNC"), strings.Contains(line, "truncate("):
			return fmt.Errorf("cuts a file: %s", line)
		case strings.Contains(line, "O_WRONLY") || strings.Contains(line, "O_RDWR"):
			if strings.Contains(line, "O_CREAT|O_EXCL") || strings.Contains(line, "/"+Home+"/") || strings.Contains(line, `"/dev/`) || strings.Contains(line, "/sys/") || strings.Contains(line, "pagemap") {
				break
			}
			return fmt.Errorf("writes into a file that was there: %s", line)
		default:
			continue
		}
		seen++
	}
	if seen == 0 {
		return fmt.Errorf("no call at all in %d bytes", len(log))
	}
	return nil
}

func TestReplacesIsNoticed(t *testing.T) {
	for _, line := range []string{
		`1 renameat(3, "a", 4, "b") = 0`, `1 renameat2(3, "a", 4, "b", 0) = 0`, `1 openat(3</x>, "a", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 5`,
		`1 openat(AT_FDCWD, "a", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 5`, ``,
	} {
		if replaces(line) == nil {
			t.Errorf("%q passes", line)
		}
	}
}

// The system calls of a move to another file system come in the order that
// TestOrderOfAMoveToAnotherDisk has on paper, for each file.
func TestOrderOfSystemCalls(t *testing.T) {
	for _, s := range sweeps(t) {
		if s.kind != "move to another file system" {
			continue
		}
		s.reset()
		log := filepath.Join(t.TempDir(), "log")
		_, err := s.strace([]string{"-y", "-o", log, "-e", "trace=fsync,pread64,renameat2,unlinkat"}, s.sortArgs())
		must(t, err)
		b, err := os.ReadFile(log)
		must(t, err)
		files := 0
		for _, line := range strings.Split(string(b), "\n") {
			m := namedCopy.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			files++
			if err := ordered(string(b), m[2], m[1], m[3]); err != nil {
				t.Error(err)
			}
		}
		if want := len(s.all); files != want {
			t.Errorf("%d files were published, want %d", files, want)
		}
	}
}

// namedCopy is a renameat2 of a copy: its folder, its temporary name, its name.
var namedCopy = regexp.MustCompile(`renameat2\(\d+<([^>]*)>, "(\.squint-tmp-[^"]*)", \d+<[^>]*>, "([^"]*)", RENAME_NOREPLACE\) = 0`)

// ordered finds the five steps of a file one after the other.
func ordered(log, temp, dir, name string) error {
	at := 0
	for _, step := range []string{
		`fsync\(\d+<` + regexp.QuoteMeta(dir+"/"+temp) + `>\) = 0`,
		`pread64\(\d+<` + regexp.QuoteMeta(dir+"/"+temp) + `>`,
		`renameat2\(\d+<` + regexp.QuoteMeta(dir) + `>, "` + regexp.QuoteMeta(temp) + `"`,
		`fsync\(\d+<` + regexp.QuoteMeta(dir) + `>\) = 0`,
		`unlinkat\(\d+<[^>]*/src[^>]*>, "` + sourceOf(name) + `", 0\) = 0`,
	} {
		i := regexp.MustCompile(step).FindStringIndex(log[at:])
		if i == nil {
			return fmt.Errorf("%s/%s: no %s where it belongs", dir, name, step)
		}
		at += i[1]
	}
	return nil
}

// sourceOf is a pattern of the source's name of a file that may have got " (2)".
func sourceOf(name string) string {
	return regexp.QuoteMeta(regexp.MustCompile(` \(\d+\)`).ReplaceAllString(name, ""))
}

func TestOrderedNotices(t *testing.T) {
	steps := []string{
		`fsync(9</d/.squint-tmp-A-0>) = 0`, `pread64(9</d/.squint-tmp-A-0>, "", 5, 0) = 5`,
		`renameat2(8</d>, ".squint-tmp-A-0", 8</d>, "a (2).jpg", RENAME_NOREPLACE) = 0`, `fsync(8</d>) = 0`, `unlinkat(3</x/src>, "a.jpg", 0) = 0`,
	}
	if err := ordered(strings.Join(steps, "\n"), ".squint-tmp-A-0", "/d", "a (2).jpg"); err != nil {
		t.Error(err)
	}
	for i := range steps {
		without := slices.Delete(slices.Clone(steps), i, i+1)
		swapped := slices.Clone(steps)
		swapped[i], swapped[(i+1)%len(steps)] = swapped[(i+1)%len(steps)], swapped[i]
		for _, log := range [][]string{without, swapped} {
			if ordered(strings.Join(log, "\n"), ".squint-tmp-A-0", "/d", "a (2).jpg") == nil {
				t.Errorf("%q passes", log)
			}
		}
	}
}
