package simd

import "golang.org/x/sys/cpu"

func vectorTiers() []*kernels {
	// x/sys/cpu says no where the operating system does not keep the registers.
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA:
		return nil
	case x.HasAVX512F && x.HasAVX512VL && x.HasAVX512BW && x.HasAVX512DQ:
		return []*kernels{&avx512, &avx2}
	default:
		return []*kernels{&avx2}
	}
}

// avx2 is the tier for amd64 with AVX2 and FMA: the assembly itself where its
// arguments are the same, else the function in adapt_amd64.go that prepares them.
var avx2 = kernels{
	name:              "avx2",
	product:           productAVX2,
	transpose:         transposeStrips,
	add:               addAVX2,
	axpy:              axpyAVX2,
	scale:             scaleAVX2,
	ema:               emaAVX2,
	relu:              reluAVX2,
	addReLU:           addReLUAVX2,
	reluGrad:          reluGradAVX2,
	scaleShift:        scaleShiftWide,
	combine:           combineWide,
	normalize:         normalizeWide,
	sumRows:           sumRowsWide,
	moments:           momentsAVX2,
	dotRows:           dotRowsAVX2,
	maxPool:           maxPoolSafe,
	maxPoolScaleShift: maxPoolScaleShiftAVX2,
	maxPoolGrad:       maxPoolGradSafe,
	sgd:               sgdEither,
	adamW:             adamWSpread,
	sumSq:             sumSqRest,
	isFinite:          isFiniteRest,
}

// avx512 is the tier for amd64 with AVX-512 F, VL, BW and DQ. The products take
// most of the time; the passes over memory, which wait for it, are AVX2's.
var avx512 = func() kernels {
	k := avx2
	k.name, k.product = "avx512", productAVX512
	return k
}()
