//go:build unix

package mapped

import (
	"os"

	"golang.org/x/sys/unix"
)

func create(dir string, n int) (*Bytes, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".squint-tmp-pixels-*")
	if err != nil {
		return nil, err
	}
	defer f.Close() // the map holds it
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if err := reserve(f, n); err != nil {
		return nil, err
	}
	b, err := unix.Mmap(int(f.Fd()), 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return &Bytes{b, func() error { return unix.Munmap(b) }}, nil
}

// fill takes the room by writing to all of it.
func fill(f *os.File, n int) error {
	zeros := make([]byte, 1<<20)
	for n > 0 {
		k, err := f.Write(zeros[:min(n, len(zeros))])
		if err != nil {
			return err
		}
		n -= k
	}
	return nil
}
