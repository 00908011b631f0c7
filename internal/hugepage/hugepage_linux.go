package hugepage

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// advise asks for large pages. It is advice: whatever becomes of it, the numbers are there.
func advise(x []float32) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
	page := uintptr(unix.Getpagesize())
	skip := -uintptr(unsafe.Pointer(&b[0])) % page // whole pages, or it is an error
	unix.Madvise(b[skip:len(b)&^int(page-1)], unix.MADV_HUGEPAGE)
}
