package safefile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mount mounts a tmpfs, which only root may.
func mount(t *testing.T, flags uintptr, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skip("cannot mount a tmpfs:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	return dir
}

func TestFullDisk(t *testing.T) {
	dir := mount(t, 0, "size=64k")
	path := filepath.Join(dir, "a")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	big := bytes.Repeat([]byte("x"), 100<<10)
	if err := Write(path, big); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write: %v, want %v", err, syscall.ENOSPC)
	}
	if err := Create(filepath.Join(dir, "b"), big); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Create: %v, want %v", err, syscall.ENOSPC)
	}
	wantFile(t, path, "old")
	if got := names(t, dir); got != "a" {
		t.Errorf("folder holds %q, want only a", got)
	}
}

func TestReadOnlyFileSystem(t *testing.T) {
	dir := mount(t, syscall.MS_RDONLY, "")
	for _, f := range []func(string, []byte) error{Write, Create} {
		if err := f(filepath.Join(dir, "a"), nil); !errors.Is(err, syscall.EROFS) {
			t.Errorf("error %v, want %v", err, syscall.EROFS)
		}
	}
	if _, err := NewDir(filepath.Join(dir, "a")); !errors.Is(err, syscall.EROFS) {
		t.Errorf("NewDir: %v, want %v", err, syscall.EROFS)
	}
}

func TestReadOnlyFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if err := Write(filepath.Join(dir, "a"), nil); !errors.Is(err, os.ErrPermission) {
		t.Errorf("error %v, want %v", err, os.ErrPermission)
	}
}

// A pipe that nobody writes to must not hold the reader up.
func TestReadPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Skip("no pipes here:", err)
	}
	if _, err := Read(path, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("Read of a pipe: %v", err)
	}
}
