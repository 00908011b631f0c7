package safetensors

import (
	"math"
	"testing"
)

// Numbers of the tables in IEEE 754's article on Wikipedia ("Half-precision
// floating-point format"), and NumPy's float16.
func TestHalfOfKnownNumbers(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		f float32
		h uint16
	}{
		{0, 0}, {float32(math.Copysign(0, -1)), 0x8000}, {1, 0x3c00}, {-2, 0xc000}, {1.0 / 3, 0x3555},
		{5.960464477539063e-08, 1}, {6.097555160522461e-05, 0x3ff}, {6.103515625e-05, 0x400}, {0.99951171875, 0x3bff}, {1.0009765625, 0x3c01},
		{MaxHalf, 0x7bff}, {65519.996, 0x7bff}, {65520, 0x7c00}, {1e38, 0x7c00}, {-inf, 0xfc00}, {1e-45, 0}, {2.9802322e-08, 0}, {2.9802326e-08, 1},
		{8.940697e-08, 2}, {1.00048828125, 0x3c00}, {1.00146484375, 0x3c02}, // halfway: to the even one
		{6.1005354e-05, 0x400}, // halfway between the last two without and with an exponent
	} {
		if got := toHalf(c.f); got != c.h {
			t.Errorf("toHalf(%g) = %04x, want %04x", c.f, got, c.h)
		}
	}
}

// Every binary16 number survives, and any float32 between two neighbours goes
// to the nearer one.
func TestEveryHalf(t *testing.T) {
	for h := range 1 << 16 {
		f := fromHalf(uint16(h))
		if got := toHalf(f); got != uint16(h) {
			t.Fatalf("%04x is %g, which becomes %04x", h, f, got)
		}
		if math.Float32bits(f)&^(1<<31) >= math.Float32bits(MaxHalf) {
			continue
		}
		next := fromHalf(uint16(h) + 1)
		middle := (f + next) / 2 // exact in float32
		for _, c := range []struct {
			v    float32
			want float32
		}{{math.Nextafter32(middle, f), f}, {math.Nextafter32(middle, next), next}, {middle, []float32{f, next}[h&1]}} {
			if got := fromHalf(toHalf(c.v)); got != c.want {
				t.Fatalf("%g between %g and %g becomes %g", c.v, f, next, got)
			}
		}
	}
	if v := fromHalf(toHalf(math.Float32frombits(0x7f800001))); v == v {
		t.Errorf("NaN becomes %g", v)
	}
}
