// Package rng derives every random draw of the project from a key: the seed of
// the run, the purpose of the draw and its place (epoch, example, layer …).
// Nothing is streamed, so a draw does not depend on what was drawn before it:
// resuming needs no generator state, and any order of work on any number of
// cores gives the same numbers.
package rng

import "math/rand/v2"

// Purposes keep draws apart which happen to share the rest of their key.
const (
	Init    uint64 = 1 + iota // initial weights: seed, parameter
	Shuffle                   // order of the examples: seed, epoch
	Dropout                   // dropout masks: seed, epoch, first example, layer
	Augment                   // deformations: seed, epoch, example
)

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of
// the input moves every bit of the output.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// Key folds the parts into one 64-bit key.
func Key(parts ...uint64) uint64 {
	k := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		k = mix(k ^ mix(p+0x9e3779b97f4a7c15))
	}
	return k
}

// At returns the i-th 64-bit draw under a key.
func At(key, i uint64) uint64 { return mix(key + (i+1)*0x9e3779b97f4a7c15) }

// Float returns the i-th draw under a key as a number in [0, 1).
func Float(key, i uint64) float32 { return float32(At(key, i)>>40) / (1 << 24) }

// New returns a generator (PCG-DXSM) for a key, for draws whose count is not
// known beforehand.
func New(parts ...uint64) *rand.Rand {
	k := Key(parts...)
	return rand.New(rand.NewPCG(k, mix(k)))
}
