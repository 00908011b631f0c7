package main

import "unsafe"

func ptr(t *[2]int64) unsafe.Pointer { return unsafe.Pointer(t) }
