package sorter

import (
	"os"

	"golang.org/x/sys/unix"
)

// forget turns the cache off for what is read of f from here on.
func forget(f *os.File) { unix.FcntlInt(f.Fd(), unix.F_NOCACHE, 1) }
