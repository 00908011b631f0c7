package augment

import "math"

// Luma is 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), in 256ths.
const lumaR, lumaG, lumaB = 77, 150, 29

// colour changes the values of pix, of c channels, in place. With Y the luma of
// a pixel and M that of the whole picture,
//
//	p ← saturation·p + (1-saturation)·Y
//	p ← contrast·p + (1-contrast)·M
//	p ← brightness·p
//
// as torchvision's adjust_saturation, _contrast and _brightness do, but in one
// step, so that nothing is cut off at 0 and 255 which comes back later.
func colour(pix []uint8, c int, d *deform) {
	const bits = 16
	sat := d.saturation
	if c == 1 {
		sat = 1 // a grey pixel is its own luma
	}
	own := fixed16(d.brightness * d.contrast * sat)
	luma := fixed16(d.brightness * d.contrast * (1 - sat))
	add := int64(1 << (bits - 1)) // to round
	if d.contrast != 1 {
		mean := means(pix, c)
		m := mean[0]
		if c == 3 {
			m = (float64(lumaR*mean[0]) + float64(lumaG*mean[1]) + float64(lumaB*mean[2])) / 256
		}
		add += fixed16(d.brightness * (1 - d.contrast) * m)
	}
	if c == 1 {
		for i, v := range pix {
			pix[i] = clamp((own*int64(v) + add) >> bits)
		}
		return
	}
	for ; len(pix) >= 3; pix = pix[3:] {
		r, g, b := int64(pix[0]), int64(pix[1]), int64(pix[2])
		y := add + (luma*(lumaR*r+lumaG*g+lumaB*b))>>8
		pix[0] = clamp((own*r + y) >> bits)
		pix[1] = clamp((own*g + y) >> bits)
		pix[2] = clamp((own*b + y) >> bits)
	}
}

func fixed16(f float64) int64 { return int64(math.Round(f * (1 << 16))) }

func clamp(v int64) uint8 {
	if uint64(v) > 255 { // seldom
		return uint8(^v >> 63) // 0 if negative, else 255
	}
	return uint8(v)
}

// means returns the mean value of each channel; those of a grey picture are
// one.
func means(pix []uint8, c int) [3]float64 {
	var sum [3]int64
	n := float64(len(pix) / c)
	if c == 1 {
		for _, v := range pix {
			sum[0] += int64(v)
		}
	} else {
		var r, g, b int64
		for ; len(pix) >= 3; pix = pix[3:] {
			r, g, b = r+int64(pix[0]), g+int64(pix[1]), b+int64(pix[2])
		}
		sum = [3]int64{r, g, b}
	}
	return [3]float64{float64(sum[0]) / n, float64(sum[1]) / n, float64(sum[2]) / n}
}
