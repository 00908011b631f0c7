package explain

import (
	"image"
	"math"
	"testing"

	"squint/pkg/conv"
	"squint/pkg/imageio"
	"squint/pkg/mlp"
	"squint/pkg/model"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

func build(t *testing.T, in tensor.Shape, specs nn.Specs) *model.Model {
	t.Helper()
	net, err := nn.New(in, 1, specs...)
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Prep: imageio.Prep{Size: in}, Net: net}
	for i := range nn.Classes(net.Outputs()) {
		m.Classes = append(m.Classes, string(rune('a'+i)))
	}
	return m
}

func classifier(t *testing.T, m *model.Model) *model.Classifier {
	t.Helper()
	c, err := m.NewClassifier(1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A network that only looks at one bright pixel, and is put off by another.
func TestOcclusionFindsThePixel(t *testing.T) {
	in := tensor.Shape{H: 16, W: 16, C: 1}
	m := build(t, in, mlp.Perceptron(1, nn.Sigmoid{}))
	w := make([]float32, 256)
	const speaks, against = 5*16 + 3, 12*16 + 12
	w[speaks], w[against] = 6, -2
	m.Net.Params()[0].Import(w)
	m.Net.Sync()
	pixels := make([]uint8, 256)
	pixels[speaks], pixels[against] = 255, 255
	h := Occlusion(m, classifier(t, m), pixels)
	if h.Answer != 1 {
		t.Fatalf("answer %d, want 1: the log-odds are 6 − 2", h.Answer)
	}
	best, worst := 0, 0
	for i, v := range h.V {
		if v > h.V[best] {
			best = i
		}
		if v < h.V[worst] {
			worst = i
		}
	}
	// Covering the pixel costs 6 of the log-odds, less what the colour around it adds back.
	if h.V[speaks] != h.V[best] || math.Abs(float64(h.V[speaks])-6) > 0.5 {
		t.Errorf("heat %v at the pixel, %v at %d", h.V[speaks], h.V[best], best)
	}
	if h.V[against] != h.V[worst] || h.V[against] > -1.5 {
		t.Errorf("heat %v at the pixel that speaks against it, %v at %d", h.V[against], h.V[worst], worst)
	}
	if h.V[0] > 0.5 || h.V[255-15] > 0.5 {
		t.Errorf("heat %v and %v in empty corners", h.V[0], h.V[255-15])
	}
}

func TestFiltersAreTheWeights(t *testing.T) {
	m := build(t, tensor.Shape{H: 8, W: 8, C: 3}, nn.Specs{conv.Conv2D{Filters: 2, Kernel: 3, Pad: 1}, nn.ReLU{}, nn.Flatten{}, mlp.Dense{Units: 2}, nn.Softmax{}})
	w := make([]float32, 2*3*9)
	for i := range w {
		w[i] = float32(i)
	}
	m.Net.Params()[0].Import(w)
	tiles, err := Filters(m)
	if err != nil {
		t.Fatal(err)
	}
	// Filter 1, channel 2, row 1, column 0 is PyTorch's [1][2][1][0] = 27+18+3.
	if len(tiles) != 2 || tiles[1].V[(1*3+0)*3+2] != 48 {
		t.Errorf("%d tiles, %v", len(tiles), tiles[1].V)
	}
}

// The maps of a convolution that only copies its input are the input.
func TestMapsAreTheLayer(t *testing.T) {
	in := tensor.Shape{H: 6, W: 6, C: 1}
	m := build(t, in, nn.Specs{conv.Conv2D{Filters: 2, Kernel: 3, Pad: 1}, nn.ReLU{}, nn.Flatten{}, mlp.Dense{Units: 2}, nn.Softmax{}})
	w := make([]float32, 18)
	w[4], w[9+4] = 1, 3 // the middle of each kernel
	m.Net.Params()[0].Import(w)
	m.Net.Sync()
	pixels := make([]uint8, 36)
	for i := range pixels {
		pixels[i] = uint8(7 * i)
	}
	tiles, err := Maps(m, pixels, FirstMaps(m))
	if err != nil {
		t.Fatal(err)
	}
	for c, factor := range []float64{1, 3} {
		for i, v := range tiles[c].V {
			if want := factor * float64(pixels[i]) / 255; math.Abs(float64(v)-want) > 1e-5 {
				t.Fatalf("map %d, pixel %d: %v, want %v", c, i, v, want)
			}
		}
	}
	if _, err := Maps(m, pixels, 5); err == nil {
		t.Error("layer 5 of 5 was shown")
	}
}

// All that is shown works for every architecture that is shipped.
func TestEveryArchitecture(t *testing.T) {
	for name, specs := range map[string]nn.Specs{
		"perceptron": mlp.Perceptron(3, nn.Sigmoid{}),
		"mlp":        mlp.MLP([]int{20, 10}, 3, nn.ReLU{}, nn.Sigmoid{}, 0.1),
		"lenet":      conv.LeNet5(3, nn.Softmax{}),
		"convnet":    conv.ConvNet(8, 2, 1, nil, nn.Sigmoid{}, 0.1),
	} {
		t.Run(name, func(t *testing.T) {
			m := build(t, tensor.Shape{H: 20, W: 24, C: 3}, specs)
			pixels := make([]uint8, m.Prep.Size.Size())
			for i := range pixels {
				pixels[i] = uint8(i * 31)
			}
			h := Occlusion(m, classifier(t, m), pixels)
			if img := h.Draw(image.NewGray(image.Rect(0, 0, 24, 20))); img.Rect.Dy() < panel {
				t.Errorf("drawn %v", img.Rect)
			}
			tiles, err := Filters(m)
			if err != nil {
				t.Fatal(err)
			}
			Sheet(tiles, true)
			for layer := range m.Net.Specs {
				tiles, err := Maps(m, pixels, layer)
				if err != nil {
					t.Fatalf("layer %d: %v", layer, err)
				}
				Sheet(tiles, false)
			}
			if n := len(Layers(m)); n != len(m.Net.Specs) {
				t.Errorf("%d names of %d layers", n, len(m.Net.Specs))
			}
		})
	}
}

func TestSheetScale(t *testing.T) {
	img := Sheet([]Tile{{tensor.Shape{H: 1, W: 2, C: 1}, []float32{-2, 4}}}, true)
	if a, b := img.RGBAAt(6, 6), img.RGBAAt(img.Rect.Dx()-6, 6); a.R != 64 || b.R != 255 { // 127.5 − 63.75, and the most
		t.Errorf("%v and %v", a, b)
	}
}
