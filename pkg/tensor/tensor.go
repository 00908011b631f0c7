// Package tensor holds the two types that every other package shares: the
// Shape of one example and the Batch of examples that flows through a network.
package tensor

import "fmt"

// Shape is the size of one example: H rows of W pixels of C channels.
// A plain vector of n values is {1, 1, n}.
type Shape struct {
	H int `json:"h"`
	W int `json:"w"`
	C int `json:"c"`
}

// Vec returns the shape of a vector of n values.
func Vec(n int) Shape { return Shape{1, 1, n} }

// Size returns the number of values in one example.
func (s Shape) Size() int { return s.H * s.W * s.C }

// IsVec tells whether s is a plain vector.
func (s Shape) IsVec() bool { return s.H == 1 && s.W == 1 }

// String writes a vector as "10" and a picture as "28×28×1" (H×W×C).
func (s Shape) String() string {
	if s.IsVec() {
		return fmt.Sprint(s.C)
	}
	return fmt.Sprintf("%d×%d×%d", s.H, s.W, s.C)
}

// Batch is N examples of one shape in NHWC order (channels innermost), each
// image inside a border of Pad pixels which hold zeros: value (n, y, x, c) is
//
//	Data[((n*(H+2*Pad)+y+Pad)*(W+2*Pad)+x+Pad)*C + c]
//
// The border is there so that a convolution with zero padding reads its input
// where it lies, without a copy. Whoever writes into a Batch writes the images
// only and leaves the border zero; going through Row does that by itself.
// Vectors have Pad 0.
type Batch struct {
	N int
	Shape
	Pad  int
	Data []float32 // [N][H+2*Pad][W+2*Pad][C]
}

// NewBatch allocates a zeroed batch of n examples of shape s with a border of
// pad pixels.
func NewBatch(n int, s Shape, pad int) Batch {
	return Batch{N: n, Shape: s, Pad: pad, Data: make([]float32, n*(s.H+2*pad)*(s.W+2*pad)*s.C)}
}

// RowStride returns how far apart, in floats, two rows of one image begin.
func (b Batch) RowStride() int { return (b.W + 2*b.Pad) * b.C }

// ImageStride returns how far apart, in floats, two images begin.
func (b Batch) ImageStride() int { return (b.H + 2*b.Pad) * b.RowStride() }

// Offset returns the index in Data of channel 0 of pixel (y, x) of image n.
// Coordinates from -Pad address the border.
func (b Batch) Offset(n, y, x int) int {
	return ((n*(b.H+2*b.Pad)+y+b.Pad)*(b.W+2*b.Pad) + x + b.Pad) * b.C
}

// Row returns row y of image n without its border: W*C values.
func (b Batch) Row(n, y int) []float32 {
	o := b.Offset(n, y, 0)
	return b.Data[o : o+b.W*b.C : o+b.W*b.C]
}

// Runs returns how the images' values lie in memory as equally long contiguous
// runs: rows*n runs when there is a border, one run a batch when there is none.
// Loop "for i := range runs { b.Run(i) }" to visit every value but the border.
func (b Batch) Runs() int {
	if b.Pad == 0 {
		return 1
	}
	return b.N * b.H
}

// Run returns the i-th contiguous run of values, see Runs.
func (b Batch) Run(i int) []float32 {
	if b.Pad == 0 {
		return b.Data[:b.N*b.Size()]
	}
	return b.Row(i/b.H, i%b.H)
}

// First returns the batch of the first n examples; it shares Data.
func (b Batch) First(n int) Batch {
	if n > b.N {
		panic(fmt.Sprintf("tensor: first %d of a batch of %d", n, b.N))
	}
	b.N = n
	b.Data = b.Data[:n*b.ImageStride()]
	return b
}

// Part returns the batch of n examples from number from on; it shares Data.
func (b Batch) Part(from, n int) Batch {
	if from+n > b.N {
		panic(fmt.Sprintf("tensor: %d to %d of a batch of %d", from, from+n, b.N))
	}
	b.N = n
	b.Data = b.Data[from*b.ImageStride() : (from+n)*b.ImageStride()]
	return b
}

// Copy copies the images of src to dst, which has the same N and Shape and may
// have another border.
func Copy(dst, src Batch) {
	if dst.N != src.N || dst.Shape != src.Shape {
		panic(fmt.Sprintf("tensor: copy of %d×%v to %d×%v", src.N, src.Shape, dst.N, dst.Shape))
	}
	if dst.Pad == src.Pad {
		copy(dst.Data, src.Data[:src.N*src.ImageStride()])
		return
	}
	for n := range src.N {
		for y := range src.H {
			copy(dst.Row(n, y), src.Row(n, y))
		}
	}
}
