package digits

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestSqrt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<40).Draw(t, "n")
		if r := sqrt(n); r*r > n || (r+1)*(r+1) <= n {
			t.Fatalf("sqrt(%d) = %d", n, r)
		}
	})
}

func TestDice(t *testing.T) {
	const n = 20000
	d := newDice(1, 2, 3)
	var sum, squares float64
	faces := map[int64]int{}
	for range n {
		v := float64(d.around(500, 100))
		sum += v
		squares += (v - 500) * (v - 500)
		faces[d.between(1, 6)]++
	}
	// Four standard errors: 100/√n·4 = 2.8 of the mean, about 100/√(2n)·4 = 2 of the deviation.
	if mean, dev := sum/n, math.Sqrt(squares/n); math.Abs(mean-500) > 2.8 || math.Abs(dev-100) > 2 {
		t.Errorf("around(500, 100): mean %.1f, deviation %.1f", mean, dev)
	}
	for face := int64(1); face <= 6; face++ {
		if c := faces[face]; c < n/6-210 || c > n/6+210 { // four standard errors of √(n·5/36) = 53
			t.Errorf("between(1, 6): %d came %d times of %d", face, c, n)
		}
	}
	if len(faces) != 6 {
		t.Errorf("between(1, 6) gave %v", faces)
	}
}

func TestDiceAreKeyed(t *testing.T) {
	first := func(seed uint64, class, index int) uint64 { return newDice(seed, class, index).src.Uint64() }
	if again := first(1, 2, 3); first(1, 2, 3) != again {
		t.Error("the same key gives other dice")
	}
	for _, other := range []uint64{first(2, 2, 3), first(1, 3, 3), first(1, 2, 4), first(1, 3, 2)} {
		if other == first(1, 2, 3) {
			t.Error("another key gives the same dice")
		}
	}
}

// The curve goes through every knot, and turns at once only where it may.
func TestCurve(t *testing.T) {
	s := bones(1, "0,0 40,0 40,40! 80,40").strokes[0]
	for i := range s {
		s[i].x, s[i].y = s[i].x*unit, s[i].y*unit
	}
	line := curve(s)
	if len(line) != steps*3+1 {
		t.Fatalf("%d points, want %d", len(line), steps*3+1)
	}
	turn := func(i int) float64 { // cosine of the turn at a knot
		a, b, c := line[i*steps-1], line[i*steps], line[i*steps+1]
		ux, uy, vx, vy := float64(b.x-a.x), float64(b.y-a.y), float64(c.x-b.x), float64(c.y-b.y)
		return (ux*vx + uy*vy) / math.Hypot(ux, uy) / math.Hypot(vx, vy)
	}
	for i, k := range s {
		if line[i*steps] != k.point {
			t.Errorf("knot %d: the curve passes %v, want %v", i, line[i*steps], k.point)
		}
	}
	// The pieces that meet in a knot are chords: an eighth of a right-angled bend
	// each, so at a smooth knot they turn by 30°, at the corner by 95°.
	if smooth, corner := turn(1), turn(2); smooth < 0.8 || corner > 0.5 {
		t.Errorf("cosine %.2f at the smooth knot, %.2f at the corner", smooth, corner)
	}
}

func TestBonesRejectsNonsense(t *testing.T) {
	for _, text := range []string{"", "1,2", "1,2 x,3", "1,2 3,4 /", "1;2 3;4"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("bones(%q) did not panic", text)
				}
			}()
			bones(1, text)
		}()
	}
}
