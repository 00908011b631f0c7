package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// check reads the file called name and says how it differs from f: an error
// that is os.ErrNotExist where it does not exist, nil where it is f.
func (f File) check(name string) error {
	r, err := os.Open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	st, err := r.Stat()
	switch {
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return fmt.Errorf("not a regular file")
	case st.Size() != f.Size:
		return fmt.Errorf("%d bytes, want %d", st.Size(), f.Size)
	}
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("SHA-256 %s, want %s", got, f.SHA256)
	}
	return nil
}

// place gives the checked and synced part file its name.
func place(part, name string) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%q appeared meanwhile and is not overwritten", name)
	}
	if err := os.Rename(part, name); err != nil {
		return err
	}
	// The name itself lasts through a power cut only when the directory is
	// synced; not every system can, and the file is whole either way.
	if d, err := os.Open(filepath.Dir(name)); err == nil {
		d.Sync()
		d.Close()
	}
	return nil
}
