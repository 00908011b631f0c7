//go:build !amd64

package simd

func vectorTiers() []*kernels { return nil }
