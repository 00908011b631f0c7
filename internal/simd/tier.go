package simd

import (
	"fmt"
	"os"
)

// kernels is one tier: the functions that the exported ones call after they
// have checked their arguments.
type kernels struct {
	name string

	product func(p Product, c, a, b, bias []float32, add bool)

	transpose func(dst []float32, ldd int, src []float32, lds, rows, cols int)

	add      func(dst, src []float32)
	axpy     func(dst, src []float32, a float32)
	scale    func(dst []float32, a float32)
	ema      func(avg, w []float32, d, e float32)
	relu     func(dst, src []float32)
	addReLU  func(dst, a, b []float32)
	reluGrad func(dx, dy, y []float32)

	scaleShift func(dst, src, scale, shift []float32)
	combine    func(dx, dy, x, a, b, d []float32)
	normalize  func(dst []float32, src []uint8, scale, shift []float32)
	sumRows    func(sum, src []float32)
	moments    func(sum, sumsq []float64, src []float32)
	dotRows    func(sumDy, sumDyX []float64, dy, x []float32)

	maxPool           func(dst []float32, arg []uint8, top, bottom []float32, c int)
	maxPoolScaleShift func(dst, top, bottom, scale, shift []float32, floor float32)
	maxPoolGrad       func(dtop, dbottom, dy []float32, arg []uint8, c int)

	sgd   func(w, v, g []float32, lr, momentum, decay float32, nesterov bool)
	adamW func(w, m, v, g []float32, k adamWFactors)

	sumSq    func(x []float32) [16]float64
	isFinite func(x []float32) bool
}

var twin = kernels{
	name:              "go",
	product:           productGo,
	transpose:         transposeGo,
	add:               addGo,
	axpy:              axpyGo,
	scale:             scaleGo,
	ema:               emaGo,
	relu:              reluGo,
	addReLU:           addReLUGo,
	reluGrad:          reluGradGo,
	scaleShift:        scaleShiftGo,
	combine:           combineGo,
	normalize:         normalizeGo,
	sumRows:           sumRowsGo,
	moments:           momentsGo,
	dotRows:           dotRowsGo,
	maxPool:           maxPoolGo,
	maxPoolScaleShift: maxPoolScaleShiftGo,
	maxPoolGrad:       maxPoolGradGo,
	sgd:               sgdGo,
	adamW:             adamWGo,
	sumSq:             sumSqGo,
	isFinite:          isFiniteGo,
}

// tiers lists what this machine can run, best first.
var tiers = append(vectorTiers(), &twin)

// active is the tier in use.
var active = chosen(os.Getenv("SQUINT_SIMD"))

func chosen(name string) *kernels {
	if name == "" {
		return tiers[0]
	}
	for _, t := range tiers {
		if t.name == name {
			return t
		}
	}
	panic(fmt.Sprintf("simd: tier %q asked for, this machine has %v", name, Tiers()))
}

// Tier returns the name of the tier in use: "avx512", "avx2" or "go".
func Tier() string { return active.name }

// Tiers lists the tiers that this machine can run, best first.
func Tiers() []string {
	names := make([]string, len(tiers))
	for i, t := range tiers {
		names[i] = t.name
	}
	return names
}

// Use switches to the named tier until the function that it returns is called.
// It is for tests: nothing may be running in another goroutine.
//
//	defer simd.Use("go")()
func Use(name string) (restore func()) {
	before := active
	active = chosen(name)
	return func() { active = before }
}

// chunk is the number of values that one kernel call is given at most:
// assembly cannot be preempted, and this many take about 10 µs.
const chunk = 1 << 14

// sameLen panics unless all lengths are that of the first slice.
func sameLen(name string, n int, others ...int) {
	for _, o := range others {
		if o != n {
			panic(fmt.Sprintf("simd: %s: slices of %d and %d values", name, n, o))
		}
	}
}
