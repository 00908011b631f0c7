//go:build !linux && !darwin && !windows

package sorter

import (
	"errors"
	"os"
	"syscall"
)

// renameNoReplace is not there; a link and a removal take its place.
func renameNoReplace(from, to string) error { return errors.ErrUnsupported }

// isOtherFileSystem tells errors of link that copying gets around.
func isOtherFileSystem(err error) bool { return errors.Is(err, syscall.EXDEV) }

func identify(path string) (ID, uint64, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return ID{}, 0, err
	}
	return identity(st)
}

func identifyFile(f *os.File) (ID, uint64, error) {
	st, err := f.Stat()
	if err != nil {
		return ID{}, 0, err
	}
	return identity(st)
}

func identity(st os.FileInfo) (ID, uint64, error) {
	s, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return ID{}, 0, errors.ErrUnsupported
	}
	return ID{uint64(s.Dev), uint64(s.Ino)}, uint64(s.Nlink), nil
}

func removeFile(path string) error { return syscall.Unlink(path) }

// sync makes the names within durable.
func (d *folder) sync() error {
	f, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
