// Package mapped lends bytes that lie in a file instead of in memory, for what
// is larger than memory. The system keeps as much of them at hand as there is
// room for.
package mapped

import "fmt"

// Bytes are zero at first, and gone after Close.
type Bytes struct {
	B     []byte
	close func() error
}

// New lends n bytes of a file in dir that nobody else can see, and that is gone
// when they are given back or the process ends, however it does. All of its room
// on the disk is taken at once: a disk that is too full is an error here, not a
// crash later. The error wraps errors.ErrUnsupported where the system has no
// such files.
func New(dir string, n int) (*Bytes, error) {
	if n < 1 {
		return &Bytes{}, nil
	}
	b, err := create(dir, n)
	if err != nil {
		return nil, fmt.Errorf("a file of %d MiB in %q to keep pixels in: %w", n>>20, dir, err)
	}
	return b, nil
}

// Mapped tells whether the bytes lie in a file.
func (b *Bytes) Mapped() bool { return b.close != nil }

// Close gives the bytes back. Whoever still uses them crashes.
func (b *Bytes) Close() error {
	if b == nil || b.close == nil {
		return nil
	}
	unmap := b.close
	b.B, b.close = nil, nil
	return unmap()
}
