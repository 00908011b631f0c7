package imageio

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDilated compares the running maxima with the definition.
func TestDilated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := newPlane(rapid.IntRange(1, 20).Draw(t, "w"), rapid.IntRange(1, 20).Draw(t, "h"))
		for i := range p.v {
			p.v[i] = rapid.Int16Range(-300, 300).Draw(t, "v")
		}
		before := slices.Clone(p.v)
		r := rapid.IntRange(1, 25).Draw(t, "r")
		got := p.dilated(r)
		for y := range p.h {
			for x := range p.w {
				want := int16(math.MinInt16)
				for v := max(y-r, 0); v <= min(y+r, p.h-1); v++ {
					for u := max(x-r, 0); u <= min(x+r, p.w-1); u++ {
						want = max(want, p.v[v*p.w+u])
					}
				}
				if g := got.v[y*p.w+x]; g != want {
					t.Fatalf("radius %d at (%d, %d) of %d×%d: %d, want %d", r, x, y, p.w, p.h, g, want)
				}
			}
		}
		for i, v := range p.closed(r).v {
			if v < p.v[i] {
				t.Fatal("the closing is darker than the picture")
			}
		}
		for i, v := range p.opened(r).v {
			if v > p.v[i] {
				t.Fatal("the opening is lighter than the picture")
			}
		}
		if !slices.Equal(p.v, before) {
			t.Fatal("the plane itself has changed")
		}
	})
}

// TestGround: the surface is the paper's, though a fifth of the picture is something
// else, all darker, on one side.
func TestGround(t *testing.T) {
	want := surface{180, 20, -15, -12, 8, -10}
	p := newPlane(200, 150)
	r := rand.New(rand.NewPCG(1, 1))
	for y := range p.h {
		for x := range p.w {
			u, v := p.unit(x, y)
			level := want.at(u, v) + 3*r.NormFloat64()
			if x < 40 {
				level -= 60
			}
			p.v[y*p.w+x] = int16(math.Round(level))
		}
	}
	got := p.ground()
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1.5 { // noise of 3 over 3000 pixels leaves a few tenths
			t.Errorf("coefficient %d: %.1f, want %.1f", i, got[i], want[i])
		}
	}
}

// TestLightStrokes: thin or fat, small or large, what is narrow is the stroke, however
// much larger the spaces are that it surrounds.
func TestLightStrokes(t *testing.T) {
	for _, size := range []int{20, 60, 120, 240} {
		for _, width := range []int{1, 2, 4, 8, 16, 32} {
			if width*5 > size {
				continue // no hole is left
			}
			p := newPlane(256, 256)
			for i := range p.v {
				p.v[i] = 30
			}
			from, to := 128-size/2, 128+size/2
			for y := from; y < to; y++ {
				for x := from; x < to; x++ {
					if min(x-from, y-from) < width || min(to-x, to-y) <= width {
						p.v[y*p.w+x] = 200
					}
				}
			}
			if p.darkness() >= 0 {
				t.Errorf("a light ring of %d, %d wide, is taken for dark", size, width)
			}
			if p.negative().darkness() <= 0 {
				t.Errorf("a dark ring of %d, %d wide, is taken for light", size, width)
			}
		}
	}
}
