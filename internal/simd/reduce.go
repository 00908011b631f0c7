package simd

import "math"

// SumSq returns the sum of x[i]*x[i] in float64, where the squares are exact.
// Sixteen sums, each over every sixteenth value of up to 16384 values, are
// added to the sums over those before, and in the end to each other in order.
func SumSq(x []float32) float64 {
	var lanes [16]float64
	for i := 0; i < len(x); i += chunk {
		part := active.sumSq(x[i:min(i+chunk, len(x))])
		for l, s := range part {
			lanes[l] += s
		}
	}
	sum := 0.0
	for _, s := range lanes {
		sum += s
	}
	return sum
}

func sumSqGo(x []float32) (lanes [16]float64) {
	for i, v := range x {
		lanes[i%16] += float64(v) * float64(v)
	}
	return lanes
}

// IsFinite tells whether no x[i] is infinite or NaN.
func IsFinite(x []float32) bool {
	for i := 0; i < len(x); i += chunk {
		if !active.isFinite(x[i:min(i+chunk, len(x))]) {
			return false
		}
	}
	return true
}

// infinity is the bits of +Inf; those of NaN without the sign are greater.
const infinity = 0x7f800000

func isFiniteGo(x []float32) bool {
	for _, v := range x {
		if math.Float32bits(v)&^(1<<31) >= infinity {
			return false
		}
	}
	return true
}
