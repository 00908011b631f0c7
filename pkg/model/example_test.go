package model_test

import (
	"fmt"
	"image"
	"log"

	"squint/pkg/model"

	_ "squint/pkg/conv" // kinds of layer that model files may hold
	_ "squint/pkg/mlp"
)

func Example() {
	m, err := model.Read("testdata/v1.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	photo := image.NewGray(image.Rect(0, 0, 640, 480)) // imageio.Decode reads real ones
	probs, err := m.Classify(photo)
	if err != nil {
		log.Fatal(err)
	}
	for i, class := range m.Classes {
		fmt.Printf("%s %.2f\n", class, probs[i])
	}
	// Output:
	// cat 0.20
	// dog 0.55
	// égal <3 0.25
}
