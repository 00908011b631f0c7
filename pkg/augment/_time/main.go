package main

import (
	"fmt"
	"runtime"
	"squint/pkg/augment"
	"squint/pkg/tensor"
	"syscall"
)

func now() int64 {
	var ts [2]int64
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 3, uintptr(ptr(&ts)), 0)
	return ts[0]*1e9 + ts[1]
}

func main() {
	runtime.LockOSThread()
	g, s, b := tensor.Shape{H: 28, W: 28, C: 1}, tensor.Shape{H: 64, W: 64, C: 3}, tensor.Shape{H: 128, W: 128, C: 3}
	el, crop, out := augment.Digits(), augment.Photos(), augment.Photos()
	el.ElasticShare = 1
	crop.Brightness, crop.Contrast, crop.Saturation = 0, 0, 0
	out.CropAreaMin, out.CropAreaMax = 3, 3
	for _, c := range []struct {
		n    string
		p    augment.Policy
		f, t tensor.Shape
	}{{"digits", augment.Digits(), g, g}, {"elastic", el, g, g}, {"photos", augment.Photos(), s, s}, {"nocolour", crop, s, s}, {"zoomed out", out, s, s}, {"photos 128", augment.Photos(), b, b}, {"128 to 64", augment.Photos(), b, s}} {
		a, _ := augment.NewSized(c.p, c.f, c.t)
		src, dst := make([]uint8, c.f.Size()), make([]uint8, c.t.Size())
		x := uint32(1)
		for i := range src {
			x = x*1664525 + 1013904223
			src[i] = uint8(x >> 24)
		}
		best := 1e18
		for r := 0; r < 150; r++ {
			t := now()
			for i := range uint64(32) {
				a.Apply(dst, src, 1, 2, i, 1)
			}
			best = min(best, float64(now()-t)/32)
		}
		fmt.Printf("%-12s %8.1f µs\n", c.n, best/1000)
	}
}
