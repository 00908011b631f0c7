package mapped

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// TestFull: no room is an error at once, where a write into the map would be the end.
func TestFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounts a file system of 1 MiB")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip(err)
	}
	defer syscall.Unmount(dir, 0)
	if _, err := New(dir, 2<<20); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v, want %v", err, syscall.ENOSPC)
	}
}
