package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ReadFile returns the contents of a regular file, within lim.FileBytes. It
// follows links, and refuses folders, pipes and devices without waiting for
// them. Every error is a *fs.PathError that names the file.
func ReadFile(path string, lim Limits) ([]byte, error) {
	return readFile(path, lim, func(int64) error { return nil })
}

// readFile calls admit with the length before it takes that much memory.
func readFile(path string, lim Limits, admit func(bytes int64) error) ([]byte, error) {
	// O_NONBLOCK: opening a pipe would wait for somebody to write into it, and
	// looking before opening would let the file be exchanged in between.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readRegular(f, lim, admit)
	if err != nil {
		var named *fs.PathError
		if errors.As(err, &named) {
			return nil, err
		}
		return nil, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return data, nil
}

func readRegular(f *os.File, lim Limits, admit func(bytes int64) error) ([]byte, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch m := st.Mode(); {
	case m.IsDir():
		return nil, errors.New("a folder, not a picture file")
	case !m.IsRegular():
		return nil, fmt.Errorf("not a regular file (%s)", m.Type())
	}
	limit := lim.orDefault().FileBytes
	if st.Size() > limit {
		return nil, tooLarge("%d bytes, the limit is %d", st.Size(), limit)
	}
	if err := admit(st.Size()); err != nil {
		return nil, err
	}
	return readAll(f, limit, st.Size())
}

// ReadAll returns everything that r gives, within lim.FileBytes: for standard
// input and network bodies. Nothing at all is an error, as for a file.
func ReadAll(r io.Reader, lim Limits) ([]byte, error) {
	return readAll(r, lim.orDefault().FileBytes, 0)
}

// readAll reads r, which is expected to give size bytes, and may lie.
func readAll(r io.Reader, limit, size int64) ([]byte, error) {
	var buf bytes.Buffer
	buf.Grow(int(size) + bytes.MinRead) // or Buffer would double once more to see the end
	n, err := buf.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case n > limit:
		return nil, tooLarge("more than the limit of %d bytes", limit)
	case n == 0:
		return nil, errEmpty
	}
	return buf.Bytes(), nil
}

// IsImageName tells by its extension whether a file found while walking through
// a folder is meant to be a picture. It includes kinds that Decode refuses, so
// that they are reported and not passed over in silence. What a file really is,
// only its content says.
func IsImageName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp",
		".heic", ".heif", ".avif", ".tif", ".tiff":
		return true
	}
	return false
}
