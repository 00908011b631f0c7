package imageio

import (
	"math"
	"testing"

	"squint/pkg/tensor"
)

func TestFloats(t *testing.T) {
	// (v/255 - mean)/std in Python floats, for ImageNet's and MNIST's usual values.
	rgb := Prep{Size: tensor.Shape{H: 1, W: 2, C: 3}, Mean: []float32{.485, .456, .406}, Std: []float32{.229, .224, .225}}
	gray := Prep{Size: tensor.Shape{H: 1, W: 2, C: 1}, Mean: []float32{.1307}, Std: []float32{.3081}}
	plain := Prep{Size: tensor.Shape{H: 1, W: 3, C: 1}}
	for _, c := range []struct {
		p    *Prep
		src  []uint8
		want []float64
	}{
		{&rgb, []uint8{0, 128, 255, 0, 128, 255}, []float64{-2.1179039301310043, .20518207282913153, 2.64, -2.1179039301310043, .20518207282913153, 2.64}},
		{&gray, []uint8{33, 33}, []float64{-.004181224583309463, -.004181224583309463}},
		{&plain, []uint8{0, 51, 255}, []float64{0, .2, 1}},
	} {
		got := make([]float32, len(c.src))
		c.p.Floats(got, c.src)
		for i := range got {
			// Mean and Std are float32, the golden values' are float64: 6e-8 of either.
			if math.Abs(float64(got[i])-c.want[i]) > 1e-6 {
				t.Errorf("%d: %v, want %v", i, got[i], c.want[i])
			}
		}
	}
}

func TestFloatsRefusesOtherLengths(t *testing.T) {
	p := Prep{Size: tensor.Shape{H: 1, W: 1, C: 3}}
	for _, n := range [][2]int{{3, 6}, {6, 3}, {4, 4}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d floats for %d bytes went through", n[0], n[1])
				}
			}()
			p.Floats(make([]float32, n[0]), make([]uint8, n[1]))
		}()
	}
}

func TestFloatsAllocatesNothing(t *testing.T) {
	for _, c := range []int{1, 3} {
		p := Prep{Size: tensor.Shape{H: 8, W: 8, C: c}, Mean: make([]float32, c)}
		src, dst := make([]uint8, p.Size.Size()), make([]float32, p.Size.Size())
		if n := testing.AllocsPerRun(10, func() { p.Floats(dst, src) }); n != 0 {
			t.Errorf("%d channels: %v allocations", c, n)
		}
	}
}

func BenchmarkFloats(b *testing.B) {
	for _, s := range []tensor.Shape{{H: 28, W: 28, C: 1}, {H: 100, W: 100, C: 1}, {H: 128, W: 128, C: 3}} {
		b.Run(s.String(), func(b *testing.B) {
			p := Prep{Size: s, Mean: make([]float32, s.C)}
			src, dst := make([]uint8, s.Size()), make([]float32, s.Size())
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				p.Floats(dst, src)
			}
		})
	}
}
