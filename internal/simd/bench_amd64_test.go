package simd

import "testing"

func BenchmarkPeak(b *testing.B) {
	const n = 1000
	peak, lanes := peakAVX2, 8
	if Tier() == "avx512" {
		peak, lanes = peakAVX512, 16
	}
	for b.Loop() {
		peak(n)
	}
	b.ReportMetric(float64(2*lanes*10*n*b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
