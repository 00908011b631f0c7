package report

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/jpeg"
	"image/png"

	"squint/pkg/dataset"
)

// thumbnail returns a picture of a set, as the network sees it, as a data URI:
// small ones as PNG, to the pixel, others as JPEG.
func thumbnail(s *dataset.Set, i int) template.URL {
	var b bytes.Buffer
	kind, err := "png", error(nil)
	if img := Picture(s, i); s.Shape.H*s.Shape.W <= 48*48 {
		err = png.Encode(&b, img)
	} else {
		kind, err = "jpeg", jpeg.Encode(&b, img, &jpeg.Options{Quality: 80})
	}
	if err != nil {
		panic(err) // pixels in memory always encode
	}
	return template.URL("data:image/" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
}

// Picture returns example i of a set as an image.
func Picture(s *dataset.Set, i int) image.Image {
	pixels, r := s.Image(i), image.Rect(0, 0, s.Shape.W, s.Shape.H)
	if s.Shape.C == 1 {
		return &image.Gray{Pix: pixels, Stride: s.Shape.W, Rect: r}
	}
	img := image.NewRGBA(r)
	for at := range s.Shape.W * s.Shape.H {
		copy(img.Pix[4*at:], pixels[3*at:3*at+3])
		img.Pix[4*at+3] = 255
	}
	return img
}
