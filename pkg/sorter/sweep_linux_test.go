package sorter

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// This file kills a real process before its kth system call of a kind, for every
// k and kind, and looks what is left. strace does the killing. The whole takes an
// hour; without SQUINT_SWEEP=1 a sample runs:
//
//	SQUINT_SWEEP=1 go test -run TestKill -v -timeout 3h ./pkg/sorter

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// child is "sort SRC DST MODE" or "undo DST", as the command does it, with what a
// file's first word says for a model.
func child(args []string) int {
	if err := childRun(args); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func childRun(args []string) error {
	ctx := context.Background()
	if args[0] == "undo" {
		s, err := Open(args[1])
		if err != nil {
			return err
		}
		defer s.Close()
		_, err = s.Undo(ctx, "", tell)
		return err
	}
	src, dst, mode := args[1], args[2], Mode(args[3])
	s, err := Open(dst)
	if err != nil {
		return err
	}
	defer s.Close()
	runs, err := s.Unfinished()
	if err != nil {
		return err
	}
	for _, r := range runs {
		r.Report = tell
		if err := r.Finish(ctx); err != nil {
			return err
		}
	}
	found, err := Scan(ctx, src, dst, isPicture)
	if err != nil {
		return err
	}
	p, err := NewPlan(src, dst, mode)
	if err != nil {
		return err
	}
	for _, ph := range found.Photos {
		var files []File
		for _, name := range append([]string{ph.Picture}, ph.Companions...) {
			f, err := Examine(src, name)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		p.Add(files, byContent(src, files[0]))
	}
	for _, e := range p.Rest {
		tell(e)
	}
	if len(p.Units) == 0 {
		return nil
	}
	r, err := s.Begin(p)
	if err != nil {
		return err
	}
	r.Report = tell
	if err := r.Apply(ctx, p); err != nil {
		return err
	}
	return r.End()
}

func tell(Entry) {}

// calls are the system calls that are killed at: all that change something, and
// those between which something could have been forgotten.
var calls = []string{
	"openat", "read", "pread64", "write", "pwrite64", "copy_file_range", "sendfile", "fsync", "fdatasync", "renameat2", "renameat", "linkat", "symlinkat", "unlinkat",
	"mkdirat", "fchmod", "fchown", "utimensat", "ftruncate", "close", "newfstatat", "fstat", "readlinkat", "flistxattr", "fgetxattr", "fsetxattr", "fadvise64", "getdents64", "flock",
}

// sweep is a source with 40 photos, a destination, and what is killed.
type sweep struct {
	t        *testing.T
	kind     string
	mode     Mode
	src, dst string
	before   map[string]string
	all      []string
	want     string // names in the destination when all is done
	kills    int
}

// reset makes the source anew.
func (s *sweep) reset() {
	for _, dir := range []string{s.src, s.dst} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			must(s.t, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
		must(s.t, os.MkdirAll(dir, 0o777))
	}
	for i := range 40 {
		name := fmt.Sprintf("%s/IMG_%d.jpg", []string{".", "a", "a/b", "c c"}[i%4], i/3) // names clash
		if _, err := os.Lstat(filepath.Join(s.src, name)); err == nil {
			name = fmt.Sprintf("more/%d.png", i)
		}
		write(s.t, s.src, name, fmt.Sprintf("%s %d %s", []string{"cat", "dog", "pets/big"}[i%3], i, strings.Repeat("x", i*50)))
		if i%8 == 0 {
			write(s.t, s.src, name+".xmp", fmt.Sprint("sidecar ", i))
		}
		if i%10 == 0 {
			path := filepath.Join(s.src, name)
			unix.Setxattr(path, "user.note", []byte("kept"), 0)
			must(s.t, os.Chmod(path, 0o440))
		}
	}
	for i, path := range regular(s.src) { // the same times each time
		must(s.t, os.Chtimes(path, unixTime(i), unixTime(i)))
	}
	if s.before == nil {
		s.before, s.all = listTree(s.t, s.src), contents(s.t, s.src)
	}
}

func unixTime(i int) time.Time { return time.Unix(1_500_000_000+int64(i), int64(i)) }

// run is the child without a process of its own, which takes longer.
func (s *sweep) run(args ...string) error { return childRun(args) }

func (s *sweep) sortArgs() []string { return []string{"sort", s.src, s.dst, string(s.mode)} }

// strace runs the child with options, and tells whether it was killed.
func (s *sweep) strace(options, args []string) (killed bool, err error) {
	cmd := exec.Command("strace", slices.Concat([]string{"-f", "-qq"}, options, []string{os.Args[0], "child"}, args)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if st, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && (st.Signal() == syscall.SIGKILL || st.ExitStatus() == 137) {
		return true, nil
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, &out)
	}
	return false, err
}

// counts returns how often each call is made by the thread that makes most of them.
func (s *sweep) counts(args ...string) map[string]int {
	s.t.Helper()
	log := filepath.Join(s.t.TempDir(), "log")
	if _, err := s.strace([]string{"-o", log, "-e", "trace=" + strings.Join(calls, ",")}, args); err != nil {
		s.t.Fatal(err)
	}
	b, err := os.ReadFile(log)
	must(s.t, err)
	byThread := map[string]map[string]int{}
	for line := range strings.Lines(string(b)) {
		thread, rest, _ := strings.Cut(line, " ")
		call, _, ok := strings.Cut(strings.TrimSpace(rest), "(")
		if !ok || strings.HasPrefix(call, "<") {
			continue
		}
		if byThread[call] == nil {
			byThread[call] = map[string]int{}
		}
		byThread[call][thread]++
	}
	most := map[string]int{}
	for call, threads := range byThread {
		for _, n := range threads {
			most[call] = max(most[call], n)
		}
	}
	return most
}

// kill ends args before the kth call of a kind.
func (s *sweep) kill(call string, k int, args ...string) bool {
	s.t.Helper()
	killed, err := s.strace([]string{"-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=" + call + ":signal=KILL:when=" + strconv.Itoa(k)}, args)
	if err != nil {
		s.t.Fatalf("%s %d: %v", call, k, err)
	}
	if killed {
		s.kills++
	}
	return killed
}

// intact checks that no photo is lost.
func (s *sweep) intact(after string) {
	s.t.Helper()
	kind{mode: s.mode}.intact(s.t, s.src, s.dst, s.before, s.all)
	if s.t.Failed() {
		s.t.Fatalf("%s, killed %s", s.kind, after)
	}
}

// finish runs again to the end, and back.
func (s *sweep) finish(after string) {
	s.t.Helper()
	must(s.t, s.run(s.sortArgs()...))
	kind{mode: s.mode}.sorted(s.t, s.src, s.dst, s.all, s.want)
	s.intact(after + " and finished")
	s.undo(after + ", finished and undone")
}

func (s *sweep) undo(after string) {
	s.t.Helper()
	for range 3 { // what was finished, and what was sorted after that
		if s.run("undo", s.dst) != nil {
			break
		}
	}
	same(s.t, "source", listTree(s.t, s.src), s.before)
	if got := names(s.t, s.dst); got != "" {
		s.t.Errorf("left in the destination: %q", got)
	}
	if s.t.Failed() {
		s.t.Fatalf("%s, killed %s", s.kind, after)
	}
}

// sweeps returns the ways to sort that are killed: also to another file system,
// where one can be mounted.
func sweeps(t *testing.T) []*sweep {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no strace")
	}
	base := ramDisk(t)
	var all []*sweep
	add := func(kind string, mode Mode, dst string) {
		s := &sweep{t: t, kind: kind, mode: mode, src: filepath.Join(base, "src"), dst: dst}
		s.reset()
		must(t, s.run(s.sortArgs()...))
		s.want = names(t, s.dst)
		all = append(all, s)
	}
	here, there := filepath.Join(base, "dst"), filepath.Join(base, "disk")
	add("copy", Copy, here)
	add("move", Move, here)
	add("symlink", Symlink, here)
	add("hardlink", Hardlink, here)
	must(t, os.MkdirAll(there, 0o777))
	if err := unix.Mount("tmpfs", there, "tmpfs", 0, "size=64m"); err == nil {
		t.Cleanup(func() { unix.Unmount(there, 0) })
		add("move to another file system", Move, filepath.Join(there, "dst"))
	} else {
		t.Logf("no second file system: %v", err)
	}
	return all
}

// Killed before any system call of a run, nothing is lost; who runs again finishes
// it; undo brings back names, contents, times and modes.
func TestKill(t *testing.T) {
	whole := os.Getenv("SQUINT_SWEEP") != ""
	total := 0
	for _, s := range sweeps(t) {
		if !whole && s.mode != Move {
			continue
		}
		s.reset()
		n := s.counts(s.sortArgs()...)
		for _, call := range calls {
			ks := make([]int, n[call])
			for i := range ks {
				ks[i] = i + 1
			}
			if !whole {
				ks = nil
				if s.mode == Move && (call == "renameat2" || call == "unlinkat") {
					if n[call] > 0 {
						ks = []int{1 + n[call]/2}
					}
				}
			}
			before := s.kills
			for _, k := range ks {
				s.reset()
				if !s.kill(call, k, s.sortArgs()...) {
					continue // Go does not make the same calls at the start each time
				}
				after := fmt.Sprintf("before %s %d of %d", call, k, n[call])
				s.intact(after)
				if k%2 == 0 {
					s.finish(after)
				} else {
					s.undo(after + " and undone")
				}
			}
			if whole {
				t.Logf("%s: %d kills before %s", s.kind, s.kills-before, call)
			}
		}
		total += s.kills
	}
	if total == 0 {
		t.Error("nothing was killed")
	}
	t.Logf("%d kills", total)
}

// The second crash, in the middle of recovering from the first or of undoing it, is
// as safe as the first.
func TestKillTwice(t *testing.T) {
	rounds := 2
	if os.Getenv("SQUINT_SWEEP") != "" {
		rounds = 120 // of each of the five kinds
	}
	total := 0
	for _, s := range sweeps(t) {
		if rounds == 2 && s.mode != Move {
			continue
		}
		rng := rand.New(rand.NewPCG(uint64(len(s.kind)), 6))
		s.reset()
		n := s.counts(s.sortArgs()...)
		draw := func(n map[string]int) (string, int) {
			for {
				if call := calls[rng.IntN(len(calls))]; n[call] > 0 {
					return call, 1 + rng.IntN(n[call])
				}
			}
		}
		for range rounds {
			s.reset()
			call, k := draw(n)
			if !s.kill(call, k, s.sortArgs()...) {
				continue
			}
			after := fmt.Sprintf("before %s %d", call, k)
			s.intact(after)
			again := s.sortArgs()
			if rng.IntN(2) == 0 {
				again = []string{"undo", s.dst}
			}
			call, k = draw(n)
			if killed, _ := s.strace([]string{"-o", "/dev/null", "-e", "trace=" + call, "-e", "inject=" + call + ":signal=KILL:when=" + strconv.Itoa(k/2+1)}, again); killed {
				total++
			}
			after += fmt.Sprintf(", %s again before %s %d", again[0], call, k/2+1)
			s.intact(after)
			s.finish(after)
		}
	}
	t.Logf("killed twice %d times", total)
}
