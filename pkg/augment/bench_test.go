package augment

import (
	"testing"

	"squint/pkg/tensor"
)

func BenchmarkApply(b *testing.B) {
	elastic := Digits()
	elastic.ElasticShare = 1
	affine := Digits()
	affine.Elastic, affine.ElasticShare = 0, 0
	crop := Photos()
	crop.Brightness, crop.Contrast, crop.Saturation = 0, 0, 0
	out := Photos()
	out.CropAreaMin, out.CropAreaMax = 3, 3
	for _, c := range []struct {
		name     string
		p        Policy
		from, to tensor.Shape
	}{
		{"digits/28×28×1", Digits(), tensor.Shape{H: 28, W: 28, C: 1}, tensor.Shape{H: 28, W: 28, C: 1}},
		{"digits-elastic/28×28×1", elastic, tensor.Shape{H: 28, W: 28, C: 1}, tensor.Shape{H: 28, W: 28, C: 1}},
		{"digits-affine/28×28×1", affine, tensor.Shape{H: 28, W: 28, C: 1}, tensor.Shape{H: 28, W: 28, C: 1}},
		{"photos/64×64×3", Photos(), tensor.Shape{H: 64, W: 64, C: 3}, tensor.Shape{H: 64, W: 64, C: 3}},
		{"photos-nocolour/64×64×3", crop, tensor.Shape{H: 64, W: 64, C: 3}, tensor.Shape{H: 64, W: 64, C: 3}},
		{"photos-zoomed-out/64×64×3", out, tensor.Shape{H: 64, W: 64, C: 3}, tensor.Shape{H: 64, W: 64, C: 3}},
		{"photos/128×128×3", Photos(), tensor.Shape{H: 128, W: 128, C: 3}, tensor.Shape{H: 128, W: 128, C: 3}},
		{"photos/128×128×3to64×64×3", Photos(), tensor.Shape{H: 128, W: 128, C: 3}, tensor.Shape{H: 64, W: 64, C: 3}},
	} {
		b.Run(c.name, func(b *testing.B) {
			a, err := NewSized(c.p, c.from, c.to)
			if err != nil {
				b.Fatal(err)
			}
			src, dst := noise(c.from), make([]uint8, c.to.Size())
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				a.Apply(dst, src, 1, 2, uint64(i), 1)
			}
		})
	}
}

// noise is a picture of no meaning.
func noise(s tensor.Shape) []uint8 {
	pix := make([]uint8, s.Size())
	x := uint32(1)
	for i := range pix {
		x = x*1664525 + 1013904223
		pix[i] = uint8(x >> 24)
	}
	return pix
}
