package conv

import (
	"slices"

	"squint/pkg/mlp"
	"squint/pkg/nn"
)

// LeNet5 returns LeNet-5 (LeCun et al. 1998) as it is usually written today,
// with ReLU and max pooling: 61,706 weights for 28×28×1 and 10 outputs.
// Smaller pictures than 28×28 work down to 12×12. Pooling comes before ReLU, which gives
// the same numbers (the largest value, or 0) for a quarter of the work.
func LeNet5(outputs int, output nn.Spec) nn.Specs {
	return nn.Specs{
		Conv2D{Filters: 6, Kernel: 5, Pad: 2}, MaxPool{Size: 2}, nn.ReLU{},
		Conv2D{Filters: 16, Kernel: 5}, MaxPool{Size: 2}, nn.ReLU{},
		nn.Flatten{},
		mlp.Dense{Units: 120}, nn.ReLU{},
		mlp.Dense{Units: 84}, nn.ReLU{},
		mlp.Dense{Units: outputs, Init: "glorot"}, output,
	}
}

// ConvNet returns the modern stack for pictures of any size from 8×8 on:
// groups of convolution – max pool – batch norm – ReLU with a residual block
// of two convolutions behind each, doubling the channels from width on, then
// global pooling and one dense layer. Pooling comes before batch norm and ReLU,
// which then have a quarter of the values to touch.
//
// Photos of 48 pixels or more first pass a stem, see LearnedStem and
// WhitenedStem, which quarters the work of everything behind it.
func ConvNet(width, groups, outputs int, stem nn.Specs, output nn.Spec, dropout float32) nn.Specs {
	s := slices.Clone(stem)
	conv := func(filters int) Conv2D { return Conv2D{Filters: filters, Kernel: 3, Pad: 1, NoBias: true} }
	for g := range groups {
		w := width << g
		s = append(s,
			conv(w), MaxPool{Size: 2}, BatchNorm{}, nn.ReLU{},
			Residual{Body: nn.Specs{conv(w), BatchNorm{}, nn.ReLU{}, conv(w), BatchNorm{Zero: true}}}, nn.ReLU{},
		)
	}
	s = append(s, GlobalPool{Mode: "avgmax"})
	if dropout > 0 {
		s = append(s, nn.Dropout{P: dropout})
	}
	return append(s, mlp.Dense{Units: outputs, Init: "glorot"}, output)
}

// LearnedStem is 24 filters of 4×4 at stride 2 that are learnt as all others.
func LearnedStem() nn.Specs {
	return nn.Specs{Conv2D{Filters: 24, Kernel: 4, Stride: 2, Pad: 1, NoBias: true}, BatchNorm{}, nn.ReLU{}}
}

// WhitenedStem has as many filters, which Whiten sets before training and
// nothing changes afterwards. It needs no batch norm: its outputs have variance 1.
func WhitenedStem() nn.Specs {
	return nn.Specs{Conv2D{Filters: 24, Kernel: 4, Stride: 2, Pad: 1, NoBias: true, Frozen: true, Init: Whitening}, nn.ReLU{}}
}

// DigitNet returns the stack for handwriting of about 28×28 pixels: pairs of
// 3×3 convolutions at width, 2·width and 4·width channels, the first two pairs
// each halving the picture, the last as a residual step, then global pooling and
// one dense layer. Width 32 has 289,000 weights.
func DigitNet(width, outputs int, output nn.Spec, dropout float32) nn.Specs {
	conv := func(filters int) Conv2D { return Conv2D{Filters: filters, Kernel: 3, Pad: 1, NoBias: true} }
	s := nn.Specs{
		conv(width), BatchNorm{}, nn.ReLU{}, conv(width), MaxPool{Size: 2}, BatchNorm{}, nn.ReLU{},
		conv(2 * width), BatchNorm{}, nn.ReLU{}, conv(2 * width), MaxPool{Size: 2}, BatchNorm{}, nn.ReLU{},
		conv(4 * width), BatchNorm{}, nn.ReLU{},
		Residual{Body: nn.Specs{conv(4 * width), BatchNorm{}}}, nn.ReLU{},
		GlobalPool{Mode: "avgmax"},
	}
	if dropout > 0 {
		s = append(s, nn.Dropout{P: dropout})
	}
	return append(s, mlp.Dense{Units: outputs, Init: "glorot"}, output)
}
