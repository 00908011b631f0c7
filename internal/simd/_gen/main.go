// Command _gen writes the assembly of package simd. Run it from the module's
// root with
//
//	go generate ./internal/simd
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	avx2.tiles()
	avx2.pack()
	avx2.transpose()
	avx2.vectors()
	avx2.channels()
	avx2.sums()
	avx2.pools()
	avx2.optimizers()
	avx2.reductions()
	avx2.peak()
	avx512.tiles()
	avx512.peak()
	Generate()
}
