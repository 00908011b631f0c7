package augment

import (
	"slices"
	"testing"
)

// Golden values worked out by hand from the three formulas of colour.
func TestColour(t *testing.T) {
	for _, c := range []struct {
		name                             string
		brightness, contrast, saturation float64
		c                                int
		in, want                         []uint8
	}{
		{"nothing", 1, 1, 1, 3, []uint8{0, 128, 255, 1, 2, 3}, []uint8{0, 128, 255, 1, 2, 3}},
		{"brighter saturates", 1.5, 1, 1, 1, []uint8{0, 100, 170, 171, 255}, []uint8{0, 150, 255, 255, 255}},
		{"black", 0, 1, 1, 3, []uint8{9, 99, 255}, []uint8{0, 0, 0}},
		{"less contrast", 1, 0.5, 1, 1, []uint8{0, 100, 200}, []uint8{50, 100, 150}},
		{"more contrast saturates", 1, 2, 1, 1, []uint8{0, 100, 120, 240}, []uint8{0, 85, 125, 255}}, // mean 115
		{"no contrast", 1, 0, 1, 3, []uint8{255, 0, 0, 0, 0, 255}, []uint8{53, 53, 53, 53, 53, 53}},  // (77+29)·255/256 / 2 = 52.8
		{"no saturation", 1, 1, 0, 3, []uint8{200, 100, 50, 7, 7, 7}, []uint8{124, 124, 124, 7, 7, 7}},
		{"more saturation", 1, 1, 1.4, 3, []uint8{200, 100, 50}, []uint8{230, 90, 20}}, // luma 124.41
		{"grey has no saturation", 1, 1, 0, 1, []uint8{3, 200}, []uint8{3, 200}},
		// Luma 124.41, brighter by half: what is over 255 on the way comes back.
		{"all", 1.5, 0.5, 0.5, 3, []uint8{200, 100, 50}, []uint8{215, 177, 159}}, // 1.5·(½·(½·200+½·124.41)+½·124.41) = 214.96 …
	} {
		d := unchanged
		d.brightness, d.contrast, d.saturation = c.brightness, c.contrast, c.saturation
		got := slices.Clone(c.in)
		colour(got, c.c, &d)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v becomes %v, want %v", c.name, c.in, got, c.want)
		}
	}
}
