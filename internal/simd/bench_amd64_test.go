package simd

import "testing"

func BenchmarkPeak(b *testing.B) {
	const n = 1000
	for b.Loop() {
		peakAVX2(n)
	}
	b.ReportMetric(float64(2*8*10*n*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
