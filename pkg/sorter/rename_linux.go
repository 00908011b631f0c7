package sorter

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNoReplace renames unless something has the new name (fs.ErrExist).
// Where the kernel or the file system cannot, the error is
// errors.ErrUnsupported; a plain rename would replace, so it is no substitute.
func renameNoReplace(from int, name string, to int, as string) error {
	err := unix.Renameat2(from, name, to, as, unix.RENAME_NOREPLACE)
	switch err {
	case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP:
		return errors.ErrUnsupported
	}
	return err
}
