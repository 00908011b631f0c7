// Package safefile writes files so that nothing is ever half there: whoever
// looks, at any moment and after any crash or power cut, sees the old file or
// the new one, complete.
//
// The data goes to a temporary file in the same folder, which is synced and
// closed before it takes the name, and the folder is synced after that. When a
// function has returned without an error, the file is on disk; when it returns
// an error, its temporary file is gone. Only a killed process can leave one,
// named ".squint-tmp-…", which no program reads and anyone may delete.
//
// Errors name the file and wrap the system's error.
package safefile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts data at path and replaces the file that is there, which must be
// one that the caller itself wrote before. Anything but a regular file (a
// folder, a device, a symbolic link) is refused.
func Write(path string, data []byte) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("safefile: %w", err)
	case !st.Mode().IsRegular():
		// A rename would put a plain file in the place of /dev/null.
		return fmt.Errorf("safefile: %q is not a regular file (%s) and is not replaced", path, st.Mode().Type())
	}
	return write(path, data, os.Rename)
}

// Create puts data at path, where nothing may be yet, not even a dangling
// link: otherwise the error wraps fs.ErrExist and what is there stays as it is.
// That holds for a file that appears at the same moment too.
func Create(path string, data []byte) error {
	// Only to spare the writing; publish decides.
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "safefile: write", Path: path, Err: fs.ErrExist}
	}
	return write(path, data, publish)
}

// write writes data under a temporary name and gives it its name by move.
func write(path string, data []byte, move func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	temp := filepath.Join(dir, ".squint-tmp-"+rand.Text())
	defer func() {
		if err != nil {
			os.Remove(temp) // fails where there is none, or move has taken the name away
			err = &fs.PathError{Op: "safefile: write", Path: path, Err: cause(err)}
		}
	}()
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		// A failed sync is never tried again: the kernel may have dropped the
		// pages and would then call the second one a success.
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err = move(temp, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// cause takes the temporary name, which would only puzzle, out of an error.
func cause(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	}
	return err
}

// publish renames from to to unless something is there.
func publish(from, to string) error {
	err := renameNoReplace(from, to)
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	// A file system without such a rename: a second name, then one less. Link
	// refuses an existing name everywhere.
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}
