//go:build linux || darwin

package sorter

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// folder is an open folder. Everything is done by a name of one component
// within one, so that a link which somebody plants on the way leads nowhere.
type folder struct{ fd int }

const openFlags = unix.O_RDONLY | unix.O_CLOEXEC

// openFolder opens what a user named, through links.
func openFolder(path string) (*folder, error) {
	return opened(again(func() (int, error) { return unix.Open(path, openFlags|unix.O_DIRECTORY, 0) }))
}

// sub opens a folder within; a link to one is refused.
func (d *folder) sub(name string) (*folder, error) {
	return opened(again(func() (int, error) {
		return unix.Openat(d.fd, name, openFlags|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	}))
}

func opened(fd int, err error) (*folder, error) {
	if err != nil {
		return nil, err
	}
	return &folder{fd}, nil
}

func (d *folder) close() { unix.Close(d.fd) }

func (d *folder) mkdir(name string) error { return unix.Mkdirat(d.fd, name, 0o777) }

// lstat looks at name itself, not where it leads.
func (d *folder) lstat(name string) (Stat, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return Stat{}, err
	}
	return newStat(&st), nil
}

func statFile(f *os.File) (Stat, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return Stat{}, err
	}
	return newStat(&st), nil
}

func newStat(st *unix.Stat_t) Stat {
	mode := fs.FileMode(st.Mode & 0o777)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	default:
		mode |= fs.ModeIrregular
	}
	return Stat{
		ID: ID{uint64(st.Dev), st.Ino}, Size: st.Size, MTime: st.Mtim.Nano(), CTime: st.Ctim.Nano(),
		Mode: mode, links: uint64(st.Nlink),
	}
}

// read opens a file to read. O_NONBLOCK: a pipe would wait for a writer.
func (d *folder) read(name string) (*os.File, error) {
	return asFile(name)(again(func() (int, error) {
		return unix.Openat(d.fd, name, openFlags|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	}))
}

// create makes a file that was not there.
func (d *folder) create(name string) (*os.File, error) {
	return asFile(name)(again(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	}))
}

func asFile(name string) func(fd int, err error) (*os.File, error) {
	return func(fd int, err error) (*os.File, error) {
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(fd), name), nil
	}
}

// rename gives a file another name unless something has it: see renameNoReplace.
func (d *folder) rename(name string, to *folder, as string) error {
	return renameNoReplace(d.fd, name, to.fd, as)
}

func (d *folder) link(name string, to *folder, as string) error {
	return unix.Linkat(d.fd, name, to.fd, as, 0)
}

func (d *folder) symlink(target, name string) error { return unix.Symlinkat(target, d.fd, name) }

func (d *folder) readlink(name string) (string, error) {
	buf := make([]byte, 1<<16)
	n, err := unix.Readlinkat(d.fd, name, buf)
	return string(buf[:max(n, 0)]), err
}

func (d *folder) remove(name string) error { return unix.Unlinkat(d.fd, name, 0) }

func (d *folder) rmdir(name string) error { return unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR) }

// names lists what is within.
func (d *folder) names() ([]string, error) {
	fd, err := again(func() (int, error) { return unix.Openat(d.fd, ".", openFlags|unix.O_DIRECTORY, 0) })
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), ".")
	defer f.Close()
	return f.Readdirnames(-1)
}

// sync makes the names within durable.
func (d *folder) sync() error {
	err := unix.Fsync(d.fd)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil // some network and FUSE file systems cannot sync a folder
	}
	return err
}

// setMTime puts back when something last changed within.
func (d *folder) setMTime(ns int64) error {
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return err
	}
	return unix.UtimesNanoAt(d.fd, ".", []unix.Timespec{st.Atim, unix.NsecToTimespec(ns)}, 0)
}

// isOtherFileSystem tells errors of rename that copying gets around. That is
// known by the error alone: through a bind mount both sides may have one device
// number.
func isOtherFileSystem(err error) bool { return errors.Is(err, unix.EXDEV) }

// again repeats a call that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		if v, err := call(); err != unix.EINTR {
			return v, err
		}
	}
}
