package sorter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ID tells a file from every other of the system for as long as it exists,
// whatever its names are.
type ID struct {
	Dev uint64 `json:"dev"`
	Ino uint64 `json:"ino"`
}

// Stat is what is known of a file without reading it.
type Stat struct {
	ID
	Size  int64       `json:"size"`
	MTime int64       `json:"mtime"` // nanoseconds since 1970
	CTime int64       `json:"ctime"` // of the last change of content, mode or name; 0 where the system has none
	Mode  fs.FileMode `json:"mode"`
	links uint64      // names that it has
}

// untouched tells whether s can only be the file w with the same content:
// without a ctime that differs, nobody has written to it.
func (s Stat) untouched(w Stat) bool { return s.like(w) && s.CTime == w.CTime }

// like tells whether s is the file w by all that a program leaves as it is when
// it writes and wants to hide it; renaming and linking change the ctime too.
func (s Stat) like(w Stat) bool {
	return s.ID == w.ID && s.Size == w.Size && s.MTime == w.MTime && s.Mode.Type() == w.Mode.Type()
}

// Sum is a SHA-256.
type Sum [sha256.Size]byte

func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// MarshalText writes 64 hexadecimal digits.
func (s Sum) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads 64 hexadecimal digits.
func (s *Sum) UnmarshalText(text []byte) error {
	if len(text) != 2*len(s) {
		return fmt.Errorf("SHA-256 %q: %d digits, want %d", text, len(text), 2*len(s))
	}
	_, err := hex.Decode(s[:], text)
	return err
}

// errChanged is of a source that is not what it was when the plan was made.
var errChanged = errors.New("changed meanwhile, left where it is")

// Examine returns the file path below root as it is now, with its sum. It must
// be a regular file: links are not followed.
func Examine(root, path string) (File, error) {
	full := filepath.Join(root, filepath.FromSlash(path))
	f, err := openRegular(full)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	was, err := statFile(f)
	if err != nil {
		return File{}, err
	}
	sum, err := sumOf(f)
	if err != nil {
		return File{}, err
	}
	now, err := statFile(f)
	if err == nil && !now.untouched(was) {
		err = errChanged
	}
	return File{From: path, Was: was, Sum: sum}, err
}

// openRegular opens a regular file to read.
func openRegular(path string) (*os.File, error) {
	dir, err := openFolder(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.close()
	f, err := dir.read(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		f.Close()
		if err == nil {
			err = errors.New("not a regular file")
		}
		return nil, err
	}
	return f, nil
}

func sumOf(r io.Reader) (s Sum, err error) {
	h := sha256.New()
	_, err = io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 256<<10))
	h.Sum(s[:0])
	return s, err
}
