//go:build unix

package main

import (
	"cmp"
	"os"
	"path/filepath"
	"syscall"
)

// specialFiles makes what has a picture's name and is no file of bytes, and returns
// the lines for the reasons.
func specialFiles(dir string) (reasons string, err error) {
	return "pipe.jpg\tnot a regular file\nzero.jpg\tnot a regular file\ndangling.png\tno such file\n", cmp.Or(
		syscall.Mkfifo(filepath.Join(dir, "pipe.jpg"), 0o666),
		os.Symlink("/dev/zero", filepath.Join(dir, "zero.jpg")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling.png")),
	)
}
