package sorter

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget asks the kernel to drop the pages of a synced file, so that reading it
// back asks the disk. It is free not to.
func forget(f *os.File) { unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
