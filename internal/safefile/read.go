package safefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Read returns the contents of a regular file of at most limit bytes. It follows
// links, and refuses folders, pipes and devices without waiting for them. The
// limit is looked at before memory is taken; a file that grows or shrinks
// meanwhile is an error.
func Read(path string, limit int64) ([]byte, error) {
	// O_NONBLOCK: opening a pipe would wait for somebody to write into it, and
	// looking before opening would let the file be exchanged in between.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readRegular(f, limit)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", path, err)
	}
	return data, nil
}

func readRegular(f *os.File, limit int64) ([]byte, error) {
	st, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, errors.New("a folder, want a file")
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("not a regular file (%s)", st.Mode().Type())
	case st.Size() > limit:
		return nil, fmt.Errorf("%d bytes, the limit is %d", st.Size(), limit)
	}
	data := make([]byte, st.Size())
	if n, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("shrank while it was read: byte %d of %d: %w", n, len(data), err)
	}
	if n, _ := f.Read(make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("grew while it was read: more than %d bytes", len(data))
	}
	return data, nil
}
