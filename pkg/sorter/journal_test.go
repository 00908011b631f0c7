package sorter

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// aJournal returns a destination whose journal ends in the middle of a move, with
// the journal's bytes.
func aJournal(t testing.TB, src, dst string) []byte {
	t.Helper()
	small(t, src)
	_, crashed := crashing(20, twoDisks(src), func(step stepper) { sortAll(t, src, dst, Move, step) })
	if !crashed {
		t.Fatal("not interrupted")
	}
	b, err := os.ReadFile(filepath.Join(dst, Home, "0001.journal"))
	must(t, err)
	return b
}

// A journal whose end is missing, wherever it was torn, is one that can be gone on
// with; for what is not in it was not done, or is found where it is.
func TestTornJournal(t *testing.T) {
	base := ramDisk(t)
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	j := aJournal(t, src, dst)
	all := contents(t, src) // nothing has moved yet
	path := filepath.Join(dst, Home, "0001.journal")
	begin := bytes.Index(j, []byte(`{"do":"begin"`))
	for n := begin; n < len(j); n += 7 {
		must(t, os.WriteFile(path, j[:n], 0o600))
		if left, err := Interrupted(dst); err != nil || left != bytes.Contains(j[:n], []byte(`"begin","n":6}`+"\n")) {
			t.Fatalf("torn at %d of %d: unfinished %v, %v", n, len(j), left, err)
		}
	}
	// garbage behind it is half a line too
	must(t, os.WriteFile(path, append(j, "\x00\x00\x00garbage"...), 0o600))
	_, err := sortAll(t, src, dst, Move, nil)
	must(t, err)
	if got := contents(t, src, dst); !slices.Equal(got, all) {
		t.Errorf("got %q, want %q", got, all)
	}
}

// Any other damage is found, and nothing is done.
func TestDamagedJournal(t *testing.T) {
	base := ramDisk(t)
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	j := aJournal(t, src, dst)
	before := listTree(t, base)
	last := bytes.LastIndexByte(j[:len(j)-1], '\n')
	for i := 0; i < last; i++ {
		bad := slices.Clone(j)
		bad[i] ^= 1 << (i % 8)
		must(t, os.WriteFile(filepath.Join(dst, Home, "0001.journal"), bad, 0o600))
		if _, err := Interrupted(dst); !errors.Is(err, ErrDamaged) {
			t.Fatalf("bit %d of byte %d of %d: %v", i%8, i, len(j), err)
		}
	}
	if _, err := sortAll(t, src, dst, Move, nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("sorting: %v", err)
	}
	if _, err := undo(t, dst, "", nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("undoing: %v", err)
	}
	same(t, "all", listTree(t, base), before)
}

// A journal that leads out of its folders, or is of others, does nothing.
func TestForeignJournal(t *testing.T) {
	for what, change := range map[string]func(r *record){
		"to a folder above":   func(r *record) { r.To = "../out.jpg" },
		"from a folder above": func(r *record) { r.From = "x/../../out.jpg" },
		"absolute":            func(r *record) { r.To = "/etc/out.jpg" },
		"NUL":                 func(r *record) { r.To = "a\x00b" },
		"empty":               func(r *record) { r.From = "" },
		"number":              func(r *record) { r.N = 7 },
		"unit":                func(r *record) { r.Unit = 9 },
		"kind":                func(r *record) { r.Do = "rm -rf" },
	} {
		base := ramDisk(t)
		src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
		rewrite(t, filepath.Join(dst, Home, "0001.journal"), aJournal(t, src, dst), func(n int, r *record) {
			if r.Do == "file" && r.N == 1 {
				change(r)
			}
		})
		if _, err := sortAll(t, src, dst, Move, nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	base := ramDisk(t)
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	must(t, os.MkdirAll(filepath.Join(base, "other"), 0o777))
	rewrite(t, filepath.Join(dst, Home, "0001.journal"), aJournal(t, src, dst), func(n int, r *record) {
		if r.Head != nil {
			r.Head.Src.Path = name(filepath.Join(base, "other"))
		}
	})
	if _, err := sortAll(t, src, dst, Move, nil); err == nil || !strings.Contains(err.Error(), "is not the one that run 0001 worked on") {
		t.Errorf("another folder: %v", err)
	}
}

// rewrite changes records of a journal and writes it with right checksums.
func rewrite(t testing.TB, path string, journal []byte, change func(n int, r *record)) {
	t.Helper()
	var out []byte
	n := 0
	_, err := readJournal(bytes.NewReader(journal), func(r record) error {
		change(n, &r)
		n++
		line, err := encode(r)
		out = append(out, line...)
		return err
	})
	must(t, err)
	must(t, os.WriteFile(path, out, 0o600))
}

// Whatever a journal says, reading it ends with an error or a run whose files all
// lie below its folders, and running that touches nothing else.
func FuzzJournal(f *testing.F) {
	base := ramDisk(f)
	seed := aJournal(f, filepath.Join(base, "seed"), filepath.Join(base, "seeded"))
	f.Add(seed, false)
	for line := range bytes.Lines(seed) {
		f.Add(line, false)
		if len(line) > 9 {
			f.Add(line[9:], true)
		}
	}
	src, dst := filepath.Join(base, "src"), filepath.Join(base, "dst")
	for _, dir := range []string{src, filepath.Join(dst, Home)} {
		must(f, os.MkdirAll(dir, 0o777))
	}
	f.Fuzz(func(t *testing.T, data []byte, sign bool) {
		if sign { // else hardly anything gets past the checksums
			text := data
			data = nil
			for line := range bytes.Lines(append([]byte(headOf(seed)), text...)) {
				data = append(data, signed(bytes.TrimSuffix(line, []byte("\n")))...)
			}
		}
		must(t, os.WriteFile(filepath.Join(dst, Home, "0001.journal"), data, 0o600))
		s := &Store{Dst: dst}
		r, err := s.load("0001")
		if err != nil {
			return
		}
		for _, it := range r.files {
			if checkPath(it.From) != nil || checkPath(it.To) != nil {
				t.Fatalf("%q to %q", it.From, it.To)
			}
		}
		for _, dir := range r.made {
			if checkPath(dir) != nil {
				t.Fatalf("makes %q", dir)
			}
		}
	})
}

// headOf is the first line of a journal, without its checksum.
func headOf(journal []byte) string {
	line, _, _ := strings.Cut(string(journal), "\n")
	return line[9:] + "\n"
}

// The records of a journal come back as they were written.
func TestJournalRoundTrip(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	fixture(t, src)
	_, err := sortAll(t, src, dst, Move, nil)
	must(t, err)
	b, err := os.ReadFile(filepath.Join(dst, Home, "0001.journal"))
	must(t, err)
	var again []byte
	n, err := readJournal(bytes.NewReader(b), func(r record) error {
		line, err := encode(r)
		again = append(again, line...)
		return err
	})
	if err != nil || n != int64(len(b)) || !bytes.Equal(again, b) {
		t.Errorf("%d of %d bytes, %v\n%s", n, len(b), err, again)
	}
}

// A run ends between two pictures when its context does, and goes on later.
func TestInterruptedRun(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	write(t, src, "a.jpg", "cat 1", "b.jpg", "dog 1", "c.jpg", "cat 2")
	all := contents(t, src)
	s, err := Open(dst)
	must(t, err)
	p := plan(t, src, dst, Move)
	r, err := s.Begin(p)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	s.home.step, r.to.step = nil, func(call, path, to string) error {
		if call == "mkdir" && strings.HasSuffix(path, "dog") {
			cancel()
		}
		return nil
	}
	if err := r.Apply(ctx, p); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if got := names(t, src); got != "c.jpg" {
		t.Errorf("left: %q", got)
	}
	if left, err := Interrupted(dst); !left || err != nil {
		t.Errorf("unfinished: %v, %v", left, err)
	}
	_, err = sortAll(t, src, dst, Move, nil)
	must(t, err)
	if got := contents(t, src, dst); !slices.Equal(got, all) || names(t, dst) != "cat/a.jpg cat/c.jpg dog/b.jpg" {
		t.Errorf("got %q, %q", got, names(t, dst))
	}
}
