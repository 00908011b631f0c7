// Package simd holds the loops that take the time: matrix products, and passes
// over long vectors of float32. Each exists once in plain Go, the twin, which
// runs anywhere and is the reference, and once more for every tier of vector
// instructions that the project supports.
//
// # Tiers
//
// The best tier of the machine is chosen once, when the program starts: "avx512"
// (amd64 with AVX-512 F, VL, BW and DQ), which has a Product of its own and
// shares the rest with "avx2" (amd64 with AVX2 and FMA), or "go". The environment
// variable SQUINT_SIMD forces one, for tests; a name that the machine does not
// have is a panic, not a silent fallback. It is read before "go test" watches
// the environment, so say -count=1, or the answer is the cached one of another
// tier:
//
//	SQUINT_SIMD=go go test -count=1 ./...
//
// A test that wants all tiers in one run calls Use for each of Tiers. On a machine
// without AVX-512, emulate/run.sh runs the tests with it.
//
// # Same bits
//
// Every function rounds and sums in one order, written in its comment, so all
// but Product give the same bits on every tier. Product gives the same bits on
// every vector tier, which use fused multiply-adds; the twin, here as on other
// architectures, rounds twice where they round once and so may differ in the
// last places.
//
// # Concurrency
//
// The functions are serial, keep no state and allocate nothing. They may run
// in many goroutines at once on slices that do not overlap. Slices of one call
// may be the same slice only where the comment says so, and may not overlap in
// any other way. Lengths are checked; a wrong one is a bug in the caller and
// panics. One stay in assembly, which cannot be preempted, is kept far below
// 100 µs.
//
// # Assembly
//
// kernels_amd64.s and the declarations beside it are written by the generator
// in _gen, which is a module of its own. After a change there:
//
//	go generate ./internal/simd && git diff --exit-code internal/simd
//
// The first half writes them anew; both together check that they are what the
// generator makes. A kernel's name ends in its tier.
//
//go:generate go -C _gen run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg simd
package simd
