package imageio_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
)

// A picture file becomes a network's input.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "photo.png")
	if err := writePicture(path); err != nil {
		log.Fatal(err)
	}

	prep := imageio.Prep{
		Size: tensor.Shape{H: 1, W: 2, C: 3},
		Mean: []float32{0.5, 0.5, 0.5},
		Std:  []float32{0.5, 0.5, 0.5},
	}
	data, err := imageio.ReadFile(path, imageio.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	img, info, err := imageio.Decode(data, imageio.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	pixels := make([]uint8, prep.Size.Size())
	if err := prep.Bytes(pixels, img); err != nil {
		log.Fatal(err)
	}
	x := make([]float32, len(pixels))
	prep.Floats(x, pixels)
	fmt.Println(info.Format, info.Width, info.Height)
	fmt.Println(pixels)
	fmt.Println(x)
	// Output:
	// png 2 1
	// [255 0 0 0 0 255]
	// [1 -1 -1 -1 -1 1]
}

// writePicture writes one red and one blue pixel.
func writePicture(path string) error {
	m := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	m.Set(0, 0, color.NRGBA{255, 0, 0, 255})
	m.Set(1, 0, color.NRGBA{0, 0, 255, 255})
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, m); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
