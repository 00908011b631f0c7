//go:build linux || darwin

package sorter

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// copyAttributes gives dst, which is called name in d, the owner, extended
// attributes, mode and times of src. An owner or attribute that this user or file system may not have is left
// out, as cp -p does.
func (d *folder) copyAttributes(name string, dst, src *os.File) error {
	from, to := int(src.Fd()), int(dst.Fd())
	var st, own unix.Stat_t
	if err := unix.Fstat(from, &st); err != nil {
		return err
	}
	if err := unix.Fstat(to, &own); err != nil {
		return err
	}
	if st.Uid != own.Uid || st.Gid != own.Gid {
		if err := unix.Fchown(to, int(st.Uid), int(st.Gid)); err != nil && !notAllowed(err) {
			return fmt.Errorf("owner: %w", err)
		}
	}
	if err := copyXattrs(to, from); err != nil {
		return fmt.Errorf("extended attributes: %w", err)
	}
	if err := unix.Fchmod(to, uint32(st.Mode&0o7777)); err != nil && !notAllowed(err) {
		return fmt.Errorf("mode: %w", err)
	}
	return unix.UtimesNanoAt(d.fd, name, []unix.Timespec{st.Atim, st.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

func copyXattrs(to, from int) error {
	names := make([]byte, 64<<10) // as long as a list may be on Linux
	n, err := unix.Flistxattr(from, names)
	if notAllowed(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(names[:n]), "\x00"), "\x00") {
		if name == "" {
			continue
		}
		size, err := unix.Fgetxattr(from, name, nil)
		value := make([]byte, max(size, 0))
		if err == nil && size > 0 {
			size, err = unix.Fgetxattr(from, name, value)
		}
		if err == nil {
			err = unix.Fsetxattr(to, name, value[:size], 0)
		}
		if err != nil && !notAllowed(err) {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	return nil
}

// notAllowed tells errors that say: not here, or not you.
func notAllowed(err error) bool {
	return errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP) ||
		errors.Is(err, unix.ENOSYS)
}
