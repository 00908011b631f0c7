//go:build unix && !linux

package mapped

import "os"

func reserve(f *os.File, n int) error { return fill(f, n) }
