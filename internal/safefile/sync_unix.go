//go:build !windows

package safefile

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// syncDir makes the names in a folder durable: a rename alone may be undone by
// a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("written, but perhaps not yet on disk: %w", err)
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil // some network and FUSE file systems cannot sync a folder
	}
	if err != nil {
		return fmt.Errorf("written, but perhaps not yet on disk: %w", err)
	}
	return nil
}
