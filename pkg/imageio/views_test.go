package imageio

import (
	"slices"
	"testing"

	"squint/pkg/tensor"
)

func TestViews(t *testing.T) {
	s := tensor.Shape{H: 2, W: 3, C: 3}
	src := make([]uint8, s.Size())
	for i := range src {
		src[i] = uint8(i + 1)
	}
	at := func(v []uint8, y, x, c int) uint8 {
		if y < 0 || x < 0 || y >= s.H || x >= s.W {
			return 0
		}
		return v[(y*s.W+x)*s.C+c]
	}
	for v, want := range map[Views]int{ViewsOne: 1, ViewsMirror: 2, ViewsShifts: 9} {
		if v.Count() != want {
			t.Errorf("%q: %d views, want %d", v, v.Count(), want)
		}
		var sum float32
		var seen [][]uint8
		for i := range v.Count() {
			sum += v.Weight(i)
			dst := slices.Repeat([]uint8{77}, len(src))
			v.Fill(dst, src, s, i)
			dy, dx := 0, 0
			if v == ViewsShifts {
				dy, dx = i/3-1, i%3-1
			}
			for y := range s.H {
				for x := range s.W {
					for c := range s.C {
						want := at(src, y-dy, x-dx, c)
						if v == ViewsMirror && i == 1 {
							want = at(src, y, s.W-1-x, c)
						}
						if at(dst, y, x, c) != want {
							t.Fatalf("%q, view %d: (%d, %d, %d) is %d, want %d", v, i, y, x, c, at(dst, y, x, c), want)
						}
					}
				}
			}
			for _, other := range seen {
				if slices.Equal(other, dst) {
					t.Errorf("%q: view %d repeats another", v, i)
				}
			}
			seen = append(seen, dst)
		}
		if sum < 0.999999 || sum > 1.000001 {
			t.Errorf("%q: weights sum to %v", v, sum)
		}
	}
	p := Prep{Size: s, Views: "all"}
	if p.Validate() == nil {
		t.Error(`views "all" were accepted`)
	}
	// One pixel wide: a shift leaves nothing, and does not panic.
	one, dst := tensor.Shape{H: 1, W: 1, C: 1}, []uint8{9}
	ViewsShifts.Fill(dst, []uint8{5}, one, 0)
	if dst[0] != 0 {
		t.Errorf("a pixel moved out of its picture left %d", dst[0])
	}
}
