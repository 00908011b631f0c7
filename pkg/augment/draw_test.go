package augment

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// anyPolicy draws every field from the range that Validate lets pass.
func anyPolicy(t *rapid.T) Policy {
	f := func(name string, lo, hi float32) float32 { return rapid.Float32Range(lo, hi).Draw(t, name) }
	return Policy{
		Shift: f("shift", 0, 1), Rotate: f("rotate", 0, 180), Shear: f("shear", 0, 2),
		ScaleMin: f("scale min", 0.1, 1), ScaleMax: f("scale max", 1, 10),
		Elastic: f("elastic", 0.1, 100), ElasticSigma: f("sigma", 1, 50), ElasticShare: f("share", 0.1, 1),
		CropAreaMin: f("area min", 0.01, 1), CropAreaMax: f("area max", 1, 16), CropRatio: f("ratio", 1, 4),
		Brightness: f("brightness", 0, 1), Contrast: f("contrast", 0, 1), Saturation: f("saturation", 0, 1),
		Erase: f("erase", 0.1, 1), EraseShare: f("erase share", 0.1, 1),
		Flip:   rapid.SampledFrom([]FlipMode{FlipNone, FlipRandom, FlipAlternating}).Draw(t, "flip"),
		Border: rapid.SampledFrom([]Border{BorderZero, BorderEdge, BorderMirror}).Draw(t, "border"),
	}
}

func TestDrawsStayWithinThePolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		strength := rapid.Float32Range(0, 1).Draw(t, "strength")
		d := p.draw(rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "epoch"), rapid.Uint64().Draw(t, "index"), strength)

		s := float64(strength)
		const eps = 1e-9 // of float64 logarithms and powers
		in := func(name string, v, lo, hi float64) {
			if !(v >= lo*(1-eps)-eps && v <= hi*(1+eps)+eps) {
				t.Fatalf("%s %v, want %v to %v", name, v, lo, hi)
			}
		}
		about := func(name string, v, mid float64, bound float32) {
			in(name, v, mid-s*float64(bound), mid+s*float64(bound))
		}
		about("shift", d.shiftX, 0, p.Shift)
		about("shift", d.shiftY, 0, p.Shift)
		about("turn", d.turn*180/math.Pi, 0, p.Rotate)
		about("shear", d.shear, 0, p.Shear)
		about("brightness", d.brightness, 1, p.Brightness)
		about("contrast", d.contrast, 1, p.Contrast)
		about("saturation", d.saturation, 1, p.Saturation)
		in("scale", d.scale, math.Pow(float64(p.ScaleMin), s), math.Pow(float64(p.ScaleMax), s))
		if d.elastic != 0 && d.elastic != s*float64(p.Elastic) {
			t.Fatalf("elastic %v, want 0 or %v", d.elastic, s*float64(p.Elastic))
		}
		in("erase", d.erase, 0, s*float64(p.Erase))

		in("crop area", d.cropW*d.cropH, 0, math.Pow(float64(p.CropAreaMax), s))
		limit := max(1, math.Sqrt(float64(p.CropAreaMax)))
		for _, c := range [2][2]float64{{d.cropW, d.cropX}, {d.cropH, d.cropY}} {
			in("crop side", c[0], 0, limit)
			// The smaller of picture and window lies within the larger.
			in("crop offset", math.Abs(c[1]), 0, math.Abs(1-c[0])/2)
		}
		if d.cropW < limit && d.cropH < limit { // not cut to fit
			in("crop area", d.cropW*d.cropH, math.Pow(float64(p.CropAreaMin), s), math.Pow(float64(p.CropAreaMax), s))
			r := math.Pow(float64(p.CropRatio), s)
			in("crop ratio", d.cropW/d.cropH, 1/r, r)
		}
	})
}

// Bounds alone would be kept by draws that are all zero. A uniform draw comes
// within 1 % of both ends of its range in 4000 tries but for a chance of
// 2·0.995^4000 = 4e-9.
func TestDrawsFillTheirRanges(t *testing.T) {
	p := everything(BorderZero)
	p.ElasticShare, p.EraseShare = 0.3, 0.3
	get := []struct {
		name   string
		of     func(d *deform) float64
		lo, hi float64
	}{
		{"shift x", func(d *deform) float64 { return d.shiftX }, -0.1, 0.1},
		{"shift y", func(d *deform) float64 { return d.shiftY }, -0.1, 0.1},
		{"turn", func(d *deform) float64 { return d.turn }, -math.Pi / 9, math.Pi / 9},
		{"scale", func(d *deform) float64 { return math.Log(d.scale) }, math.Log(0.7), math.Log(1.4)},
		{"shear", func(d *deform) float64 { return d.shear }, -0.2, 0.2},
		{"brightness", func(d *deform) float64 { return d.brightness }, 0.6, 1.4},
		{"contrast", func(d *deform) float64 { return d.contrast }, 0.6, 1.4},
		{"saturation", func(d *deform) float64 { return d.saturation }, 0.6, 1.4},
	}
	const n = 4000
	lo, hi := make([]float64, len(get)), make([]float64, len(get))
	for i := range get {
		lo[i], hi[i] = math.Inf(1), math.Inf(-1)
	}
	flips, elastic, erased := 0, 0, 0
	for i := range uint64(n) {
		d := p.draw(5, i%7, i, 1)
		for k, g := range get {
			lo[k], hi[k] = min(lo[k], g.of(&d)), max(hi[k], g.of(&d))
		}
		if d.flip {
			flips++
		}
		if d.elastic > 0 {
			elastic++
		}
		if d.erase > 0 {
			erased++
		}
	}
	for k, g := range get {
		if near := (g.hi - g.lo) / 100; lo[k] > g.lo+near || hi[k] < g.hi-near {
			t.Errorf("%s: %v to %v in %d draws, want nearly %v to %v", g.name, lo[k], hi[k], n, g.lo, g.hi)
		}
	}
	// Five standard deviations of a count of n draws.
	for _, c := range []struct {
		name string
		got  int
		p    float64
	}{{"flips", flips, 0.5}, {"elastic", elastic, 0.3}, {"erased", erased, 0.3}} {
		if want := c.p * n; math.Abs(float64(c.got)-want) > 5*math.Sqrt(n*c.p*(1-c.p)) {
			t.Errorf("%s: %d of %d, want about %v", c.name, c.got, n, want)
		}
	}
}

func TestAlternatingFlip(t *testing.T) {
	p := Policy{Flip: FlipAlternating}
	const n = 2000
	first := 0
	for i := range uint64(n) {
		now := p.draw(3, 0, i, 1).flip
		if now {
			first++
		}
		for e := range uint64(6) {
			// Strength tapers amounts; the flip has to go on alternating.
			if got := p.draw(3, e, i, 1-float32(e)/5).flip; got != (now == (e%2 == 0)) {
				t.Fatalf("example %d, flipped in epoch 0: %v, in epoch %d: %v", i, now, e, got)
			}
		}
	}
	if math.Abs(float64(first)-n/2) > 5*math.Sqrt(n)/2 { // five standard deviations
		t.Errorf("%d of %d flipped in epoch 0, want about half", first, n)
	}
	same := 0
	for i := range uint64(n) {
		if p.draw(3, 0, i, 1).flip == p.draw(4, 0, i, 1).flip {
			same++
		}
	}
	if math.Abs(float64(same)-n/2) > 5*math.Sqrt(n)/2 {
		t.Errorf("two seeds agree on %d of %d flips, want about half", same, n)
	}
}
