// Command _gen writes the assembly of package simd. Run it from there with
//
//	go generate ./internal/simd
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	avx2.products()
	avx2.peak()
	Generate()
}
