package mapped

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve takes the room on the disk that a write to the map could not ask for
// any more: it would end the process.
func reserve(f *os.File, n int) error {
	err := unix.Fallocate(int(f.Fd()), 0, 0, int64(n))
	if errors.Is(err, unix.EOPNOTSUPP) {
		return fill(f, n)
	}
	return err
}
