package dataset

import (
	"math"

	"squint/pkg/tensor"
)

// Set is labelled examples, decoded and resized once and kept as bytes,
// because bytes take a quarter of the room of float32 and a network's input
// had no more precision to begin with.
//
// Examples lie in the order of their content keys, which is as good as random:
// neighbours have nothing in common and any prefix is a fair sample. Nothing
// writes to a Set once it is loaded, so goroutines may share it.
type Set struct {
	Classes []string
	Shape   tensor.Shape // of one example
	Pixels  []uint8      // [N][H*W*C]
	Labels  []int        // [N], index into Classes
	Files   []string     // [N], Item.File
	Keys    []Key        // [N], equal for exact duplicates
	Groups  []Key        // [N], equal for near duplicates too: the least key of them
}

// Len returns N, the number of examples.
func (s *Set) Len() int { return len(s.Labels) }

// Image returns the pixels of example i, H*W*C bytes, which are the Set's own.
func (s *Set) Image(i int) []uint8 {
	n := s.Shape.Size()
	return s.Pixels[i*n : (i+1)*n : (i+1)*n]
}

// Counts returns the number of examples of each class.
func (s *Set) Counts() []int {
	counts := make([]int, len(s.Classes))
	for _, c := range s.Labels {
		counts[c]++
	}
	return counts
}

// MeanStd returns the mean and the standard deviation (of the population) of
// each channel on the scale 0..1, C values each: what Prep.Mean and Prep.Std
// want. Both are zero for an empty Set.
func (s *Set) MeanStd() (mean, std []float32) {
	c := s.Shape.C
	mean, std = make([]float32, c), make([]float32, c)
	if s.Len() == 0 {
		return mean, std
	}
	// Counting the 256 values is exact and needs one pass.
	counts := make([][256]int, c)
	for i := 0; i < len(s.Pixels); i += c {
		for ch := range c {
			counts[ch][s.Pixels[i+ch]]++
		}
	}
	n := float64(len(s.Pixels) / c)
	for ch := range c {
		var sum, squares float64
		for v, k := range counts[ch] {
			sum += float64(v) / 255 * float64(k)
		}
		m := sum / n
		for v, k := range counts[ch] {
			d := float64(v)/255 - m
			squares += d * d * float64(k)
		}
		mean[ch], std[ch] = float32(m), float32(math.Sqrt(squares/n))
	}
	return mean, std
}
