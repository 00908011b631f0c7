package simd

import "golang.org/x/sys/cpu"

func vectorTiers() []*kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		avx2 := twin
		avx2.name = "avx2"
		avx2.product = productAVX2
		return []*kernels{&avx2}
	}
	return nil
}
