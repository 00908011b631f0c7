//go:build !linux && !darwin

package sorter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// folder is a folder by its path, for systems without calls that are relative
// to an open one. A link planted on the way is looked for, not made impossible.
type folder struct{ path string }

// openFolder takes what a user named, through links.
func openFolder(path string) (*folder, error) {
	st, err := os.Stat(path)
	if err == nil && !st.IsDir() {
		err = syscall.ENOTDIR
	}
	return &folder{path}, err
}

// sub is a folder within; a link to one is refused.
func (d *folder) sub(name string) (*folder, error) {
	st, err := os.Lstat(d.at(name))
	if err == nil && !st.IsDir() {
		err = syscall.ENOTDIR
	}
	return &folder{d.at(name)}, err
}

func (d *folder) at(name string) string { return filepath.Join(d.path, name) }

func (d *folder) close() {}

func (d *folder) mkdir(name string) error { return os.Mkdir(d.at(name), 0o777) }

// lstat looks at name itself, not where it leads.
func (d *folder) lstat(name string) (Stat, error) {
	st, err := os.Lstat(d.at(name))
	if err != nil {
		return Stat{}, err
	}
	s := Stat{Size: st.Size(), MTime: st.ModTime().UnixNano(), Mode: st.Mode()}
	s.ID, s.links, err = identify(d.at(name))
	return s, err
}

func statFile(f *os.File) (Stat, error) {
	st, err := f.Stat()
	if err != nil {
		return Stat{}, err
	}
	s := Stat{Size: st.Size(), MTime: st.ModTime().UnixNano(), Mode: st.Mode()}
	s.ID, s.links, err = identifyFile(f)
	return s, err
}

// read opens a file to read.
func (d *folder) read(name string) (*os.File, error) {
	if st, err := os.Lstat(d.at(name)); err != nil || !st.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("not a regular file"))
	}
	return os.Open(d.at(name))
}

// create makes a file that was not there.
func (d *folder) create(name string) (*os.File, error) {
	return os.OpenFile(d.at(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// rename gives a file another name unless something has it: see renameNoReplace.
func (d *folder) rename(name string, to *folder, as string) error {
	return renameNoReplace(d.at(name), to.at(as))
}

func (d *folder) link(name string, to *folder, as string) error {
	return os.Link(d.at(name), to.at(as))
}

func (d *folder) symlink(target, name string) error { return os.Symlink(target, d.at(name)) }

func (d *folder) readlink(name string) (string, error) { return os.Readlink(d.at(name)) }

func (d *folder) remove(name string) error { return removeFile(d.at(name)) }

func (d *folder) rmdir(name string) error {
	if st, err := os.Lstat(d.at(name)); err != nil || !st.IsDir() {
		return errors.Join(err, syscall.ENOTDIR)
	}
	return os.Remove(d.at(name)) // fails where something is within
}

// names lists what is within.
func (d *folder) names() ([]string, error) {
	entries, err := os.ReadDir(d.path)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

// setMTime puts back when something last changed within.
func (d *folder) setMTime(ns int64) error { return os.Chtimes(d.path, time.Time{}, time.Unix(0, ns)) }

// copyAttributes gives dst, which is called name in d, the mode and times of
// src.
func (d *folder) copyAttributes(name string, dst, src *os.File) error {
	st, err := src.Stat()
	if err != nil {
		return err
	}
	if err := os.Chtimes(d.at(name), time.Time{}, st.ModTime()); err != nil {
		return fmt.Errorf("times: %w", err)
	}
	if err := dst.Chmod(st.Mode().Perm()); err != nil && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("mode: %w", err)
	}
	return nil
}

// forget would drop cached pages; there is no portable way.
func forget(*os.File) {}
