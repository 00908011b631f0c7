package safetensors

import "math"

// MaxHalf is the largest number that F16 holds.
const MaxHalf = 65504

// toHalf rounds to the nearest IEEE 754 binary16 number, of two as near to the
// one with an even last digit; what is too large becomes infinite.
func toHalf(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &^= 1 << 31
	switch {
	case b > 0x7f800000: // NaN, which must not become infinite
		return sign | 0x7c00 | max(uint16(b>>13&0x3ff), 1)
	case b >= 0x477ff000: // 65520, halfway from MaxHalf to the next there would be
		return sign | 0x7c00
	case b >= 0x38800000: // 2⁻¹⁴: the exponent has room
		b += 0xfff + b>>13&1
		return sign | uint16((b-0x38000000)>>13)
	}
	// Steps of 2⁻²⁴; the product is exact in float64.
	return sign | uint16(math.RoundToEven(float64(math.Float32frombits(b))*(1<<24)))
}

// fromHalf returns the number that binary16 digits stand for.
func fromHalf(h uint16) float32 {
	sign, exponent, digits := uint32(h&0x8000)<<16, uint32(h>>10&31), uint32(h&0x3ff)
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(digits)/(1<<24)))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | digits<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | digits<<13)
}
