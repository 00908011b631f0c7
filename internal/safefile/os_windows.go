package safefile

import (
	"os"

	"golang.org/x/sys/windows"
)

// renameNoReplace renames unless to exists, and waits until that is on disk.
func renameNoReplace(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err == nil {
		var t *uint16
		if t, err = windows.UTF16PtrFromString(to); err == nil {
			err = windows.MoveFileEx(f, t, windows.MOVEFILE_WRITE_THROUGH)
		}
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}

// syncDir does nothing: Windows keeps folders in NTFS's journal and has no way
// to sync one.
func syncDir(string) error { return nil }
