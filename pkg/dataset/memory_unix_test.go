//go:build unix

package dataset

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// TestLoadMemory: with too little memory for the pixels the data is the same, in
// a file that nobody sees.
func TestLoadMemory(t *testing.T) {
	root, scratch := t.TempDir(), t.TempDir()
	save(t, root, random(60, 4, 4, "a", "b", "c"))
	opt := Options{Prep: gray(48), Val: .2, Test: .2}
	want := load(t, root, opt)
	opt.Memory, opt.Scratch = 800<<10, scratch // for 405 KiB of pixels, 180 names
	got := load(t, root, opt)
	if want.mapped.Mapped() || !got.mapped.Mapped() {
		t.Fatal("the pixels are not where they should be")
	}
	sameData(t, "in a file", want, got)
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if err := got.Close(); err != nil {
		t.Error(err)
	}

	// What cannot work is said before a picture is opened.
	src, err := Scan(root)
	if err != nil {
		t.Fatal(err)
	}
	opt.Progress = func(int, int) { t.Error("a picture was opened") }
	for _, step := range []struct {
		memory  int64
		scratch string
		want    string
	}{
		{500 << 10, scratch, "for their names and keys alone"},
		{800 << 10, "/dev/null/x", "405 KiB of pixels"},
	} {
		opt.Memory, opt.Scratch = step.memory, step.scratch
		if _, err := src.Load(t.Context(), opt); err == nil || !strings.Contains(err.Error(), step.want) {
			t.Errorf("%v, want …%s…", err, step.want)
		}
	}
}

// TestLoadWatch: a picture whose time is over is skipped with the reason.
func TestLoadWatch(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(4, 4, 4, "a", "b"))
	begun := 0
	d := load(t, root, Options{Prep: gray(4), Threads: 1, Watch: func() func() error {
		begun++
		late := begun == 2
		return func() error {
			if late {
				return errors.New("too late")
			}
			return nil
		}
	}})
	if len(d.Skipped) != 1 || d.Skipped[0] != (Skipped{"a/1.png", "PNG not decoded to its end: too late"}) || d.Train.Len() != 7 {
		t.Errorf("%v, %d left", d.Skipped, d.Train.Len())
	}
}
