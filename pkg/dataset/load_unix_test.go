//go:build unix

package dataset

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Opening a pipe that nobody writes to would wait for ever.
func TestLoadSkipsPipe(t *testing.T) {
	root := t.TempDir()
	save(t, root, random(3, 4, 4, "a", "b"))
	if err := syscall.Mkfifo(filepath.Join(root, "b", "pipe.png"), 0o666); err != nil {
		t.Fatal(err)
	}
	d := load(t, root, Options{Prep: gray(4)})
	if len(d.Skipped) != 1 || d.Skipped[0].File != "b/pipe.png" || !strings.Contains(d.Skipped[0].Reason, "not a regular file") {
		t.Errorf("skipped %v", d.Skipped)
	}
}
