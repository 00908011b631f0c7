package augment

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"testing"

	"pgregory.net/rapid"

	"squint/pkg/tensor"
)

var (
	grey     = tensor.Shape{H: 28, W: 28, C: 1}
	colour64 = tensor.Shape{H: 64, W: 64, C: 3}
	odd      = tensor.Shape{H: 9, W: 14, C: 3}
	shapes   = []tensor.Shape{grey, colour64, odd, {H: 1, W: 1, C: 3}, {H: 1, W: 5, C: 1}}
)

func newAugmenter(t testing.TB, p Policy, s tensor.Shape) *Augmenter {
	t.Helper()
	a, err := New(p, s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// everything is a policy of which every part is at work on every example.
func everything(b Border) Policy {
	return Policy{
		Flip: FlipRandom, Shift: 0.1, Rotate: 20, ScaleMin: 0.7, ScaleMax: 1.4, Shear: 0.2,
		Elastic: 1, ElasticSigma: 4, ElasticShare: 1,
		CropAreaMin: 0.3, CropAreaMax: 4, CropRatio: 1.5, Border: b,
		Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Erase: 0.2, EraseShare: 1,
	}
}

func TestNoDeformationIsExact(t *testing.T) {
	for _, s := range shapes {
		src := noise(s)
		for _, border := range []Border{"", BorderZero, BorderEdge, BorderMirror} {
			a := newAugmenter(t, Policy{Border: border}, s)
			dst := make([]uint8, s.Size())
			a.Apply(dst, src, 1, 2, 3, 1)
			if !bytes.Equal(dst, src) {
				t.Errorf("%v: the zero policy with border %q changes bytes", s, border)
			}
			clear(dst)
			d := unchanged
			a.resample(dst, src, &d) // the long way round
			if !bytes.Equal(dst, src) {
				t.Errorf("%v: resampling in place with border %q changes bytes", s, border)
			}
		}
		a := newAugmenter(t, everything(BorderEdge), s)
		a.policy.Flip = FlipNone
		dst := make([]uint8, s.Size())
		a.Apply(dst, src, 1, 2, 3, 0)
		if !bytes.Equal(dst, src) {
			t.Errorf("%v: strength 0 changes bytes", s)
		}
	}
}

func TestNoPolicyForVectors(t *testing.T) {
	s := tensor.Vec(10)
	src, dst := noise(s), make([]uint8, s.Size())
	newAugmenter(t, Policy{}, s).Apply(dst, src, 1, 2, 3, 1)
	if !bytes.Equal(dst, src) {
		t.Errorf("%v becomes %v", src, dst)
	}
}

func TestFlipsAreExact(t *testing.T) {
	for _, s := range shapes {
		src, dst, want := noise(s), make([]uint8, s.Size()), make([]uint8, s.Size())
		for y := range s.H {
			for x := range s.W {
				copy(want[(y*s.W+x)*s.C:][:s.C], src[(y*s.W+s.W-1-x)*s.C:])
			}
		}
		d := unchanged
		d.flip = true
		newAugmenter(t, Policy{}, s).render(dst, src, &d)
		if !bytes.Equal(dst, want) {
			t.Errorf("%v: a flip is not exact", s)
		}
	}
}

func TestWholeShiftsAreExact(t *testing.T) {
	outside := map[Border]func(i, n int) int{ // index of what is seen at i, -1 for black
		BorderZero: func(i, n int) int {
			if i < 0 || i >= n {
				return -1
			}
			return i
		},
		BorderEdge: func(i, n int) int { return min(max(i, 0), n-1) },
		BorderMirror: func(i, n int) int {
			for i < 0 || i >= n {
				if i < 0 {
					i = -1 - i
				} else {
					i = 2*n - 1 - i
				}
			}
			return i
		},
	}
	for border, at := range outside {
		for _, s := range shapes {
			a := newAugmenter(t, Policy{Border: border}, s)
			src, dst := noise(s), make([]uint8, s.Size())
			for _, by := range [][2]int{{1, 0}, {0, -1}, {3, 2}, {-5, 4}, {s.W, 0}, {-2*s.W - 1, 3 * s.H}} {
				d := unchanged
				d.shiftX, d.shiftY = float64(by[0])/float64(s.W), float64(by[1])/float64(s.H)
				a.render(dst, src, &d)
				for i, got := range dst {
					x, y := at(i/s.C%s.W-by[0], s.W), at(i/s.C/s.W-by[1], s.H)
					var want uint8
					if x >= 0 && y >= 0 {
						want = src[(y*s.W+x)*s.C+i%s.C]
					}
					if got != want {
						t.Fatalf("%v, border %s, shift %v: byte %d is %d, want %d", s, border, by, i, got, want)
					}
				}
			}
		}
	}
}

func TestSameKeySameBytes(t *testing.T) {
	for _, p := range []Policy{Digits(), Photos(), everything(BorderMirror)} {
		for _, s := range []tensor.Shape{grey, odd} {
			a, b := newAugmenter(t, p, s), newAugmenter(t, p, s)
			src := noise(s)
			const n = 20
			var first [n][]uint8
			for i := range first {
				first[i] = make([]uint8, s.Size())
				a.Apply(first[i], src, 7, 3, uint64(i), 1)
			}
			dst := make([]uint8, s.Size())
			for i := n - 1; i >= 0; i-- { // another Augmenter, another order
				b.Apply(dst, src, 7, 3, uint64(i), 1)
				if !bytes.Equal(dst, first[i]) {
					t.Fatalf("%v: example %d depends on more than its key", s, i)
				}
			}
			for _, k := range [][3]uint64{{8, 3, 0}, {7, 4, 0}, {7, 3, 1}, {3, 7, 0}} {
				if b.Apply(dst, src, k[0], k[1], k[2], 1); bytes.Equal(dst, first[0]) {
					t.Errorf("%v: key %v gives the bytes of key [7 3 0]", s, k)
				}
			}
		}
	}
}

// The sums were printed by this test, on amd64 alike with
// GOAMD64=v3, which fuses products and sums, and on 386: a change
// means that recorded runs no longer train on the pictures they were recorded
// with, or that an architecture disagrees.
func TestRecordedBytes(t *testing.T) {
	for _, c := range []struct {
		p    Policy
		s    tensor.Shape
		want string
	}{
		{Digits(), grey, "0fe143401e75ab45"},
		{Photos(), colour64, "32997536a2c74aae"},
		{degrading(), colour64, "9bbe05970149f69f"},
		{everything(BorderZero), odd, "f5eb575918430bb3"},
		{everything(BorderEdge), grey, "f0e216b44b2f061e"},
		{everything(BorderMirror), odd, "19f13fa8166e57e5"},
	} {
		a, src, dst, h := newAugmenter(t, c.p, c.s), noise(c.s), make([]uint8, c.s.Size()), fnv.New64a()
		for i := range uint64(50) {
			a.Apply(dst, src, 1, i%5, i, 1)
			h.Write(dst)
		}
		if got := fmt.Sprintf("%016x", h.Sum64()); got != c.want {
			t.Errorf("%v, border %s: sum %s, want %s", c.s, c.p.Border, got, c.want)
		}
	}
}

// Whatever Validate lets pass works on any picture. In one of one grey value,
// geometry changes nothing but where zeros come in.
func TestAnyPolicyOnAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		p.Brightness, p.Contrast = 0, 0
		side := rapid.OneOf(rapid.IntRange(1, 40), rapid.Just(300))
		from := tensor.Shape{H: side.Draw(t, "h"), W: side.Draw(t, "w"), C: rapid.SampledFrom([]int{1, 3}).Draw(t, "c")}
		to := tensor.Shape{H: rapid.IntRange(1, 40).Draw(t, "to h"), W: rapid.IntRange(1, 40).Draw(t, "to w"), C: from.C}
		a, err := NewSized(p, from, to)
		if err != nil {
			t.Fatal(err)
		}
		src, dst := bytes.Repeat([]byte{200}, from.Size()), make([]uint8, to.Size())
		a.Apply(dst, src, 1, rapid.Uint64().Draw(t, "epoch"), rapid.Uint64().Draw(t, "index"), 1)
		for i, v := range dst {
			if v > 200 || v < 200 && p.Border != BorderZero {
				t.Fatalf("value %d is %d, of a picture of nothing but 200", i, v)
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	for _, p := range []Policy{Digits(), Photos(), degrading(), everything(BorderMirror)} {
		a := newAugmenter(t, p, colour64)
		src, dst := noise(colour64), make([]uint8, colour64.Size())
		i := uint64(0)
		if n := testing.AllocsPerRun(20, func() { a.Apply(dst, src, 1, 2, i, 1); i++ }); n != 0 {
			t.Errorf("%v allocations an example, want none", n)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, s := range []tensor.Shape{{H: 0, W: 8, C: 1}, {H: 8, W: 8, C: 4}, {H: 8, W: 1 << 20, C: 1}, tensor.Vec(784)} {
		if _, err := New(Policy{Shift: 0.1}, s); err == nil {
			t.Errorf("New took examples of %v", s)
		}
	}
	if _, err := NewSized(Policy{}, grey, colour64); err == nil {
		t.Error("NewSized makes colour of grey")
	}
	defer func() {
		if recover() == nil {
			t.Error("Apply took a source of the wrong size")
		}
	}()
	newAugmenter(t, Policy{}, grey).Apply(make([]uint8, 784), make([]uint8, 783), 0, 0, 0, 1)
}
