package sorter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recorded runs a sort and returns its changes in order, with short names.
func recorded(t *testing.T, src, dst string, mode Mode, disk stepper) []string {
	t.Helper()
	var log []string
	short := func(p string) string {
		p = strings.ReplaceAll(strings.ReplaceAll(p, src, "src"), dst, "dst")
		if i := strings.Index(p, ".squint-tmp-"); i >= 0 {
			p = p[:i] + "temp"
		}
		return p
	}
	_, err := sortAll(t, src, dst, mode, func(call, path, to string) error {
		if disk != nil {
			if err := disk(call, path, to); err != nil {
				return err
			}
		}
		line := call + " " + short(path)
		if to != "" {
			line += " " + short(to)
		}
		log = append(log, line)
		return nil
	})
	must(t, err)
	return log
}

// The order in which a file that moves to another disk is made safe, step by step.
// The list is that of notes on durability everywhere: content, then name, then
// folder, and the old name last.
func TestOrderOfAMoveToAnotherDisk(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	write(t, src, "a.jpg", "cat 1")
	got := recorded(t, src, dst, Move, twoDisks(src))
	want := []string{
		"write journal dst/.squint/0001.journal", // all that is to be done
		"sync journal dst/.squint/0001.journal",
		"sync folder dst/.squint",
		"write journal dst/.squint/0001.journal", // before the folder is made
		"mkdir dst/cat",
		"create dst/cat/temp",
		"write file dst/cat/temp",
		"sync file dst/cat/temp",
		"read back dst/cat/temp",
		"write journal dst/.squint/0001.journal", // which file the copy is
		"sync journal dst/.squint/0001.journal",
		"rename dst/cat/temp dst/cat/a.jpg",
		"sync folder dst",
		"sync folder dst/cat",
		"remove src/a.jpg",
		"sync folder src",
		"write journal dst/.squint/0001.journal", // done
		"write journal dst/.squint/0001.journal", // end
		"sync journal dst/.squint/0001.journal",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A disk is what survives a power cut: contents once they are synced, and names
// once their folder is; what is not may be there or not. A rename within a file
// system happens whole or not at all.
type disk struct {
	synced map[string]bool   // files whose content is
	names  map[string]bool   // names that are
	adds   map[string]string // names that may be there, with their folder
	gone   map[string]string // names that may be gone
}

// cut replays changes up to n and tells what files are surely there and whole.
func (d *disk) after(log []string) (sure []string) {
	for _, line := range log {
		f := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "create "):
			d.adds[f[1]] = filepath.Dir(f[1])
		case strings.HasPrefix(line, "sync file "):
			d.synced[f[2]] = true
		case strings.HasPrefix(line, "rename "):
			from, to := f[1], f[2]
			d.synced[to] = d.synced[from]
			if d.names[from] { // old and new name are one change
				d.names[from] = false
				d.names[to] = true
			} else {
				d.adds[to] = filepath.Dir(to)
			}
			delete(d.adds, from)
		case strings.HasPrefix(line, "remove "):
			d.gone[f[1]] = filepath.Dir(f[1])
		case strings.HasPrefix(line, "sync folder "):
			for name, dir := range d.adds {
				if dir == f[2] {
					d.names[name] = true
					delete(d.adds, name)
				}
			}
		}
	}
	for name, there := range d.names {
		if _, gone := d.gone[name]; there && !gone && d.synced[name] {
			sure = append(sure, name)
		}
	}
	return sure
}

// powerCut returns an error for the first change after which a power cut could
// leave a file nowhere.
func powerCut(log []string, file string) error {
	for n := range len(log) + 1 {
		d := disk{map[string]bool{"src/" + file: true}, map[string]bool{"src/" + file: true}, map[string]string{}, map[string]string{}}
		sure := d.after(log[:n])
		if !slices.ContainsFunc(sure, func(name string) bool { return filepath.Base(name) == file }) {
			return fmt.Errorf("after %q nothing is sure", log[n-1])
		}
	}
	return nil
}

func TestPowerCutAnywhere(t *testing.T) {
	for _, k := range kinds {
		if k.mode != Copy && k.mode != Move || k.name == "move by links" { // which has no renames to model
			continue
		}
		src, dst := ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1", "b.jpg", "dog 1", "b.xmp", "side")
		log := recorded(t, src, dst, k.mode, k.step(src))
		for _, file := range []string{"a.jpg", "b.jpg", "b.xmp"} {
			if err := powerCut(log, file); err != nil {
				t.Errorf("%s: %s: %v", k.name, file, err)
			}
		}
	}
}

// The model above notices each step that is left out, and a wrong order.
func TestPowerCutIsNoticed(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	write(t, src, "a.jpg", "cat 1")
	log := recorded(t, src, dst, Move, twoDisks(src))
	if err := powerCut(log, "a.jpg"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"sync file dst/cat/temp", "rename dst/cat/temp dst/cat/a.jpg", "sync folder dst/cat"} {
		i := slices.Index(log, step)
		if i < 0 {
			t.Fatalf("no %q", step)
		}
		if powerCut(slices.Delete(slices.Clone(log), i, i+1), "a.jpg") == nil {
			t.Errorf("without %q nothing is noticed", step)
		}
	}
	early := slices.Clone(log)
	i, j := slices.Index(early, "remove src/a.jpg"), slices.Index(early, "sync folder dst/cat")
	early[i], early[j] = early[j], early[i]
	if powerCut(early, "a.jpg") == nil {
		t.Error("a source that is removed too early is not noticed")
	}
}

// A name that somebody takes between the last look and the call that would give it
// to a picture stays somebody's: the picture gets the next.
func TestNothingIsReplaced(t *testing.T) {
	for _, k := range kinds {
		src, dst := ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1", "b.jpg", "cat 2", "b.xmp", "side", "c.jpg", "cat 3")
		all := contents(t, src)
		theirs := map[string]string{}
		disk := k.step(src)
		entries, err := sortAll(t, src, dst, k.mode, func(call, path, to string) error {
			if disk != nil {
				if err := disk(call, path, to); err != nil {
					return err
				}
			}
			at := to
			if call == "symlink" {
				at = path
			}
			if strings.HasPrefix(at, dst) && !strings.Contains(at, Home) && !strings.Contains(at, "(4)") {
				content := fmt.Sprint("theirs ", len(theirs))
				if f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
					f.WriteString(content)
					f.Close()
					theirs[at] = content
				}
			}
			return nil
		})
		must(t, err)
		if len(theirs) == 0 {
			t.Fatalf("%s: nobody came between", k.name)
		}
		for path, content := range theirs {
			if b, err := os.ReadFile(path); err != nil || string(b) != content {
				t.Errorf("%s: %q is %q, was %q", k.name, path, b, content)
			}
		}
		for _, e := range entries {
			if b, err := os.ReadFile(filepath.Join(dst, e.To)); err != nil || !slices.Contains(all, string(b)) || e.Reason != "" {
				t.Errorf("%s: %+v: %q, %v", k.name, e, b, err)
			}
		}
		if !strings.Contains(names(t, dst), "b (4).jpg cat/b (4).xmp") {
			t.Errorf("%s: what belongs together has not stayed together: %s", k.name, names(t, dst))
		}
	}
}

// A disk that gives back something else than was written to it is found out before
// the source goes.
func TestCopyIsReadBack(t *testing.T) {
	for _, k := range []kind{kinds[0], kinds[2]} {
		src, dst := ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1", "b.jpg", "dog 1")
		before := listTree(t, src)
		disk := k.step(src)
		entries, err := sortAll(t, src, dst, k.mode, func(call, path, to string) error {
			if call == "read back" && strings.Contains(path, "cat") {
				must(t, os.WriteFile(path, []byte("cat 2"), 0o666))
			}
			if disk != nil {
				return disk(call, path, to)
			}
			return nil
		})
		must(t, err)
		if e := entries["a.jpg"]; e.Outcome != Failed || !strings.Contains(e.Reason, "did not read back") {
			t.Errorf("%+v", e)
		}
		if k.mode == Move {
			delete(before, "b.jpg")
		}
		same(t, "source", listTree(t, src), before)
		if got := names(t, dst); got != "dog/b.jpg" {
			t.Errorf("in the destination: %q", got)
		}
	}
}

// A source that changes at any moment is not removed in its new form, and not
// lost in the old one without being told.
func TestSourceChangesMidway(t *testing.T) {
	src := ramDisk(t)
	write(t, src, "a.jpg", "cat 1")
	n := len(recorded(t, src, ramDisk(t), Move, twoDisks(src)))
	for at := 1; at <= n; at++ {
		src, dst := ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1")
		calls := 0
		changed := false
		entries, err := sortAll(t, src, dst, Move, func(call, path, to string) error {
			if calls++; calls == at {
				if _, err := os.Stat(src + "/a.jpg"); err == nil && call != "remove" { // then it is too late to tell
					must(t, os.WriteFile(src+"/a.jpg", []byte("CAT 1"), 0o666))
					changed = true
				}
			}
			return twoDisks(src)(call, path, to)
		})
		must(t, err)
		b, err := os.ReadFile(src + "/a.jpg")
		if changed && (err != nil || string(b) != "CAT 1" || entries["a.jpg"].Outcome == Moved || entries["a.jpg"].Reason == "") {
			t.Errorf("changed before call %d: %q, %v, %+v", at, b, err, entries["a.jpg"])
		}
	}
}

// What is planned for a file that somebody takes away in between is an error about
// that file, and about no other.
func TestSourceGoesMidway(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	write(t, src, "a.jpg", "cat 1", "b.jpg", "dog 1")
	entries, err := sortAll(t, src, dst, Move, func(call, path, to string) error {
		if call == "mkdir" && strings.HasSuffix(path, "cat") {
			must(t, os.Remove(src+"/a.jpg"))
		}
		return nil
	})
	must(t, err)
	if e := entries["a.jpg"]; e.Outcome != Failed || !strings.Contains(e.Reason, "neither") || entries["b.jpg"].Outcome != Moved {
		t.Errorf("%+v", entries)
	}
}

// A crash after somebody took a picture's name, and it got the next: it is looked
// for under the name that it has.
func TestCrashBetweenNames(t *testing.T) {
	for _, k := range kinds[:4] {
		for cut := 1; cut < 60; cut++ {
			src, dst := ramDisk(t), ramDisk(t)
			write(t, src, "a.jpg", "cat 1", "b.jpg", "cat 2", "b.xmp", "side")
			before := listTree(t, src)
			disk := k.step(src)
			taken := false
			crashing(cut, func(call, path, to string) error {
				if !taken && strings.HasSuffix(to, "/cat/a.jpg") || strings.HasSuffix(to, "/cat/b.xmp") {
					os.WriteFile(to, []byte("theirs"), 0o666)
					taken = true
				}
				if disk != nil {
					return disk(call, path, to)
				}
				return nil
			}, func(step stepper) { sortAll(t, src, dst, k.mode, step) })
			entries, err := sortAll(t, src, dst, k.mode, disk)
			must(t, err)
			for _, e := range entries {
				if e.Outcome == Failed {
					t.Errorf("%s, crash before step %d: %+v", k.name, cut, e)
				}
			}
			for undone := error(nil); undone == nil; {
				_, undone = undo(t, dst, "", disk)
			}
			same(t, "source after undo", listTree(t, src), before)
			if t.Failed() {
				t.Fatalf("%s, crash before step %d", k.name, cut)
			}
		}
	}
}

// A folder that somebody replaces by a link in the middle leads nowhere.
func TestLinksAreNotFollowed(t *testing.T) {
	for _, k := range kinds {
		src, dst, outside := ramDisk(t), ramDisk(t), ramDisk(t)
		write(t, src, "a.jpg", "cat 1", "x/b.jpg", "dog 1")
		write(t, dst, "cat/old.jpg", "old")
		all := contents(t, src)
		disk := k.step(src)
		swapped := false
		entries, err := sortAll(t, src, dst, k.mode, func(call, path, to string) error {
			if !swapped && call == "sync journal" {
				swapped = true
				must(t, os.Rename(dst+"/cat", dst+"/was cat"))
				must(t, os.Symlink(outside, dst+"/cat"))
			}
			if disk != nil {
				return disk(call, path, to)
			}
			return nil
		})
		must(t, err)
		if e := entries["a.jpg"]; e.Outcome != Failed || !strings.Contains(e.Reason, "a link stands in the way") {
			t.Errorf("%s: %+v", k.name, e)
		}
		if got := names(t, outside); got != "" {
			t.Errorf("%s: outside is %q", k.name, got)
		}
		for _, c := range all {
			if !slices.Contains(contents(t, src, dst), c) {
				t.Errorf("%s: %q is lost", k.name, c)
			}
		}
	}
}

// 20 sorts of one tree at once: one works, the others are told so, and nothing is
// done twice.
func TestOneAtATime(t *testing.T) {
	src, dst := ramDisk(t), ramDisk(t)
	fixture(t, src)
	all := contents(t, src)
	s, err := Open(dst)
	must(t, err)
	if _, err := Open(dst); !errors.Is(err, ErrLocked) {
		t.Errorf("a second one: %v", err)
	}
	s.Close()
	ended := make(chan error)
	for range 20 {
		go func() {
			_, err := sortAll(t, src, dst, Move, nil)
			ended <- err
		}()
	}
	worked := 0
	for range 20 {
		switch err := <-ended; {
		case err == nil:
			worked++
		case !errors.Is(err, ErrLocked):
			t.Error(err)
		}
	}
	if got := contents(t, src, dst); worked == 0 || !slices.Equal(got, all) {
		t.Errorf("%d worked; %q, want %q", worked, got, all)
	}
}
