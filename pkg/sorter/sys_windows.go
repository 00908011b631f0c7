package sorter

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// renameNoReplace renames unless something has the new name (fs.ErrExist), and
// waits until that is on disk. It neither replaces nor copies: both take a flag.
func renameNoReplace(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(f, t, windows.MOVEFILE_WRITE_THROUGH)
}

// isOtherFileSystem tells errors of rename that copying gets around.
func isOtherFileSystem(err error) bool { return errors.Is(err, windows.ERROR_NOT_SAME_DEVICE) }

// identify looks at path itself, not where it leads.
func identify(path string) (ID, uint64, error) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return ID{}, 0, err
	}
	h, err := windows.CreateFile(p, 0, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_BACKUP_SEMANTICS|windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		return ID{}, 0, err
	}
	defer windows.CloseHandle(h)
	return identifyHandle(h)
}

func identifyFile(f *os.File) (ID, uint64, error) { return identifyHandle(windows.Handle(f.Fd())) }

func identifyHandle(h windows.Handle) (ID, uint64, error) {
	var info windows.ByHandleFileInformation
	err := windows.GetFileInformationByHandle(h, &info)
	return ID{uint64(info.VolumeSerialNumber), uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)}, uint64(info.NumberOfLinks), err
}

// removeFile removes a file and no folder, also one that is read-only.
func removeFile(path string) error {
	if st, err := os.Lstat(path); err != nil || st.IsDir() {
		return errors.Join(err, windows.ERROR_DIRECTORY)
	}
	return os.Remove(path)
}

// sync does nothing: Windows keeps folders in NTFS's journal and has no way to
// sync one.
func (d *folder) sync() error { return nil }
