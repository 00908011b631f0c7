package eval

import (
	"fmt"
	"math"
	"slices"
)

// Strange is the share of the validation pictures, which do show one of the
// classes, that is taken for strange all the same: the price of noticing what
// shows none.
const Strange = 0.05

// Prototypes are directions in which the features of pictures of the classes
// lie, several a class, by which a picture that shows none of the classes is told
// from those that do. V is [prototypes][D], each of length 1.
type Prototypes struct {
	D int
	V []float32
}

const (
	mostPerClass = 8    // prototypes of a class, where the classes are few
	mostInAll    = 512  // prototypes
	clusterSteps = 8    // of k-means, which has settled by then but for single pictures
	mostOfClass  = 2000 // pictures that the prototypes of a class are made of
)

// NewPrototypes returns the prototypes of the features, [len(labels)][d], of pictures
// that the network has learnt from: the mean directions of the clusters into which
// spherical k-means parts the pictures of each class (Dhillon and Modha 2001).
func NewPrototypes(features []float32, labels []int, classes, d int) *Prototypes {
	if len(features) != len(labels)*d {
		panic(fmt.Sprintf("eval: %d features of %d pictures, want %d each", len(features), len(labels), d))
	}
	of := make([][][]float32, classes) // directions, by class
	for i, label := range labels {
		if v, ok := direction(features[i*d : (i+1)*d]); ok && len(of[label]) < mostOfClass {
			of[label] = append(of[label], v)
		}
	}
	p := &Prototypes{D: d}
	for _, points := range of {
		p.V = append(p.V, clusters(points, min(mostPerClass, max(1, mostInAll/classes)), d)...)
	}
	return p
}

// direction returns v at length 1.
func direction(v []float32) ([]float32, bool) {
	norm := 0.0
	for _, x := range v {
		norm += float64(x) * float64(x)
	}
	if !(norm > 0) || math.IsInf(norm, 0) {
		return nil, false
	}
	u := make([]float32, len(v))
	for i, x := range v {
		u[i] = float32(float64(x) / math.Sqrt(norm))
	}
	return u, true
}

// clusters returns the mean directions [≤k][d] of k clusters of points. It
// begins with points from all over their order, which is as good as random.
func clusters(points [][]float32, k, d int) []float32 {
	k = min(k, len(points))
	centres := make([][]float32, k)
	for c := range centres {
		centres[c] = points[c*len(points)/k]
	}
	for range clusterSteps {
		sums := make([][]float32, k)
		for c := range sums {
			sums[c] = make([]float32, d)
		}
		for _, v := range points {
			_, c := nearest(centres, v)
			for j, x := range v {
				sums[c][j] += x
			}
		}
		for c, sum := range sums {
			if u, ok := direction(sum); ok { // else it lost all its points
				centres[c] = u
			}
		}
	}
	return slices.Concat(centres...)
}

// nearest returns the greatest product of v with a centre, and which it is.
func nearest(centres [][]float32, v []float32) (float64, int) {
	best, at := math.Inf(-1), 0
	for c, u := range centres {
		dot := float32(0)
		for j, x := range u {
			dot += x * v[j]
		}
		if float64(dot) > best {
			best, at = float64(dot), c
		}
	}
	return best, at
}

// Familiarity tells how much a picture with features f looks like those of some
// class: ‖f‖·cos⁵, where cos is the cosine of the angle between f and the
// nearest prototype, and 0 for an angle of 90° or more. What a network has not
// learnt to see leaves its features small, or points them elsewhere; each of the
// two alone misses much that the other notices (docs/trust.md).
func (p *Prototypes) Familiarity(f []float32) float32 {
	norm, best := 0.0, 0.0
	for _, v := range f {
		norm += float64(v) * float64(v)
	}
	for at := 0; at < len(p.V); at += p.D {
		dot := 0.0
		for j, v := range p.V[at : at+p.D] {
			dot += float64(v) * float64(f[j])
		}
		best = max(best, dot)
	}
	if !(norm > 0) || math.IsInf(norm, 0) {
		return 0
	}
	norm = math.Sqrt(norm)
	return float32(norm * math.Pow(min(best/norm, 1), 5))
}

// quantile returns the value that the share q of v lies below.
func quantile(v []float32, q float64) float32 {
	sorted := slices.Sorted(slices.Values(v))
	return sorted[int(q*float64(len(sorted)))]
}
