package simd

import "golang.org/x/sys/cpu"

func vectorTiers() []*kernels {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return []*kernels{&avx2}
	}
	return nil
}

// avx2 is the tier for amd64 with AVX2 and FMA: the assembly itself where its
// arguments are the same, else the function in adapt_amd64.go that prepares them.
var avx2 = kernels{
	name:        "avx2",
	product:     productAVX2,
	add:         addAVX2,
	axpy:        axpyAVX2,
	scale:       scaleAVX2,
	ema:         emaAVX2,
	relu:        reluAVX2,
	reluGrad:    reluGradAVX2,
	scaleShift:  scaleShiftWide,
	combine:     combineWide,
	normalize:   normalizeWide,
	sumRows:     sumRowsAVX2,
	moments:     momentsAVX2,
	dotRows:     dotRowsAVX2,
	maxPool:     maxPoolSafe,
	maxPoolGrad: maxPoolGradSafe,
	sgd:         sgdEither,
	adamW:       adamWSpread,
	sumSq:       sumSqRest,
	isFinite:    isFiniteRest,
}
