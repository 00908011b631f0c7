package imageio

import (
	"image"
	"testing"

	"github.com/disintegration/imaging"
)

// One operation is the resizing of one decoded photo of about 500×375.
func BenchmarkResize(b *testing.B) {
	var imgs []*image.YCbCr
	for _, f := range photos(b) {
		img, _, err := Decode(f, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if m, ok := img.(*image.YCbCr); ok {
			imgs = append(imgs, m)
		}
	}
	const side = 128
	dst := make([]uint8, 3*side*side)
	b.Run("planes", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m := imgs[i%len(imgs)]
			resizeYCbCr(dst, m, m.Rect, side, side)
		}
	})
	b.Run("grey", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m := imgs[i%len(imgs)]
			r, _ := rowsOf(m, true)
			resizeGray(dst, r, m.Rect, side, side)
		}
	})
	b.Run("imaging", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			imaging.Resize(imgs[i%len(imgs)], side, side, imaging.Linear)
		}
	})
}
