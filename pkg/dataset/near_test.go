package dataset

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every pair that comparing each with each finds, and no other, once.
func TestSimilarFindsAll(t *testing.T) {
	compare := func(similar func([]picture, nearness, int) ([]pair, bool)) (ok bool) {
		r := rand.New(rand.NewPCG(6, 6))
		l := lookAt(scene(r, 32, 32)) // one for all: hashes alone decide here
		mean, deviation := l.moments()
		for _, n := range []nearness{{radius: 7, tolerance: 1, effort: 1 << 20}, {radius: 3, tolerance: 1, effort: 1 << 20}} {
			pictures := make([]picture, 400)
			for i := range pictures {
				h := r.Uint64()
				if i%3 > 0 { // the one before with some bits flipped, anywhere or in one quarter
					h = pictures[i-1].hash
					for range r.IntN(10) {
						h ^= 1 << (r.IntN(64) % (16 + 48*(i%2)))
					}
				}
				pictures[i] = picture{key: numbered(i), look: &l, hash: h, mean: mean, deviation: deviation}
			}
			var want [][2]int
			for a := range pictures {
				for b := a + 1; b < len(pictures); b++ {
					if bits.OnesCount64(pictures[a].hash^pictures[b].hash) <= n.radius {
						want = append(want, [2]int{a, b})
					}
				}
			}
			pairs, complete := similar(pictures, n, math.MaxInt)
			if _, ok := similar(pictures, n, len(want)-1); ok {
				return false
			}
			if _, ok := similar(pictures, n, len(want)); !ok {
				return false
			}
			var got [][2]int
			for _, p := range pairs {
				got = append(got, [2]int{p.a, p.b})
			}
			slices.SortFunc(got, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
			if !complete || !slices.Equal(got, want) || len(want) < 100 {
				return false
			}
		}
		return true
	}
	if !compare(similar) {
		t.Error("similar is not comparing each with each")
	}
	for name, wrong := range map[string]func([]picture, nearness, int) ([]pair, bool){
		"one bit less": func(p []picture, n nearness, most int) ([]pair, bool) {
			n.radius--
			return similar(p, n, most)
		},
		"one pair twice": func(p []picture, n nearness, most int) ([]pair, bool) {
			pairs, ok := similar(p, n, most)
			if ok {
				pairs = append(pairs, pairs[0])
			}
			return pairs, ok
		},
	} {
		if compare(wrong) {
			t.Errorf("the check does not notice %s", name)
		}
	}
}

func TestSimilarGivesUp(t *testing.T) {
	l := lookAt(scene(rand.New(rand.NewPCG(6, 6)), 32, 32))
	pictures := make([]picture, 3000)
	for i := range pictures {
		pictures[i] = newPicture(i, image.NewGray(image.Rect(0, 0, 1, 1)))
		pictures[i].look, pictures[i].deviation = &l, 50
	}
	if pairs, ok := similar(pictures, tight, math.MaxInt); ok || pairs != nil {
		t.Errorf("%d pairs among 3000 of one hash", len(pairs))
	}
	for i := range pictures {
		pictures[i].deviation = 0
	}
	if pairs, ok := similar(pictures, tight, math.MaxInt); !ok || len(pairs) > 0 {
		t.Error("white pages are near duplicates")
	}
}

// Each of the two kinds of comparison counts.
func TestSimilarCounts(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	l := lookAt(scene(r, 32, 32))
	for name, test := range map[string]struct {
		n     int
		apart uint64 // bits that are random
	}{"looks": {100, 0}, "hashes": {3000, 0xffff_ffff_ffff_0000}} {
		pictures := make([]picture, test.n)
		for i := range pictures {
			pictures[i] = picture{key: numbered(i), look: &l, hash: r.Uint64() & test.apart, deviation: 50}
		}
		n := nearness{radius: 3, tolerance: 1, effort: 1000}
		if _, ok := similar(pictures, n, math.MaxInt); ok {
			t.Errorf("%s are compared without end", name)
		}
		n.effort = 1 << 20
		if _, ok := similar(pictures, n, math.MaxInt); !ok {
			t.Errorf("%s: gave up too early", name)
		}
	}
}

// sorted puts pictures into the order of keys, which nearGroups wants.
func sorted(pictures []picture) []picture {
	slices.SortFunc(pictures, func(a, b picture) int { return slices.Compare(a.key[:], b.key[:]) })
	return pictures
}

// The nearness suits the set.
func TestNearGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	trimmed := func(img *image.NRGBA) image.Image { // one pixel in a hundred on one side
		return img.SubImage(image.Rect(1, 0, img.Rect.Dx(), img.Rect.Dy()))
	}
	photos := func() (all []picture) {
		for i := range 100 {
			img := scene(r, 48, 48)
			all = append(all, newPicture(2*i, img))
			if i < 5 {
				all = append(all, newPicture(2*i+1, trimmed(img)))
			}
		}
		return all
	}
	// A part for inspection that always lies in the same place, scratched or not.
	part := scene(r, 48, 48)
	screws := func() (all []picture) {
		for i := range 100 {
			img := image.NewNRGBA(part.Rect)
			for k, v := range part.Pix {
				img.Pix[k] = uint8(min(255, max(0, float64(v)+3*r.NormFloat64())))
			}
			if i%2 == 1 {
				for x := range 8 {
					img.SetNRGBA(20+x, 30, color.NRGBA{255, 255, 255, 255})
				}
			}
			p := newPicture(i, img)
			p.class = i % 2
			all = append(all, p)
		}
		return all
	}
	// Everything between the same and not the same: a thing that turns into another.
	between := func() (all []picture) {
		a, b := scene(r, 48, 48), scene(r, 48, 48)
		for i := range 200 {
			img, f := image.NewNRGBA(a.Rect), float64(i)/2000+2*r.Float64()
			for k := range img.Pix {
				img.Pix[k] = uint8(float64(a.Pix[k])*min(1, f) + float64(b.Pix[k])*(1-min(1, f)))
			}
			if i >= 100 { // far from all others
				img = scene(r, 48, 48)
			}
			all = append(all, newPicture(i, img))
		}
		return all
	}
	// Few copies, and many that were taken one after the other: some of the next.
	series := func() (all []picture) {
		for i := range 100 {
			img := scene(r, 48, 48)
			all = append(all, newPicture(2*i, img))
			if i >= 80 {
				continue
			}
			second, next := image.NewNRGBA(img.Rect), scene(r, 48, 48)
			for k, v := range img.Pix {
				second.Pix[k] = v
				if i >= 4 {
					second.Pix[k] = uint8((87*int(v) + 13*int(next.Pix[k])) / 100)
				}
			}
			all = append(all, newPicture(2*i+1, second))
		}
		return all
	}
	// Every second picture once more in another class, which class -1 hides.
	twins := func(class int) (all []picture) {
		for i := range 100 {
			img := scene(r, 48, 48)
			all = append(all, newPicture(2*i, img))
			if i%2 == 0 {
				p := newPicture(2*i+1, trimmed(img))
				p.class = class
				all = append(all, p)
			}
		}
		return all
	}
	for _, test := range []struct {
		name     string
		pictures []picture
		how      string
		joined   func(n int) bool
	}{
		{"a series", series(), "tight", func(n int) bool { return n >= 4 && n <= 8 }},
		{"half in another class", twins(1), "off", func(n int) bool { return n == 0 }},
		{"half in two classes themselves", twins(-1), "loose", func(n int) bool { return n > 40 }},
		{"photos and trimmed ones", photos(), "loose", func(n int) bool { return n == 5 }},
		{"parts scratched or not", screws(), "off", func(n int) bool { return n == 0 }},
		{"all that lies between two", between(), "off", func(n int) bool { return n == 0 }},
		{"nothing", nil, "loose", func(n int) bool { return n == 0 }},
	} {
		pictures := sorted(test.pictures)
		groups, how := nearGroups(pictures)
		n := 0
		for i, p := range pictures {
			if groups[i] != p.key {
				n++
			}
		}
		if how != test.how || !test.joined(n) {
			t.Errorf("%s: %s, %d of %d joined", test.name, how, n, len(pictures))
		}
	}
}

func TestJoin(t *testing.T) {
	pictures := make([]picture, 7)
	for i := range pictures {
		pictures[i].key = numbered(i)
	}
	got := join(pictures, []pair{{a: 5, b: 6}, {a: 1, b: 4}, {a: 4, b: 5}, {a: 2, b: 3}})
	for i, want := range []int{0, 1, 2, 2, 1, 1, 1} {
		if got[i] != numbered(want) {
			t.Errorf("picture %d is in group %v, want %d", i, got[i], want)
		}
	}
}

// What Load answers: near duplicates have one group, the least of their keys, and
// lie in one part, while their keys tell them apart.
func TestLoadKeepsNearDuplicatesTogether(t *testing.T) {
	root := scenes(t, 60, "a", "b")
	for i := range 20 {
		b, err := os.ReadFile(filepath.Join(root, fmt.Sprintf("a/%d.jpg", i)))
		if err != nil {
			t.Fatal(err)
		}
		// Some in another class too, which must not tear them apart.
		put(t, root, fmt.Sprintf("%c/again%d.jpg", 'a'+i/15, i), compressed(t, decoded(t, b), 60))
	}
	d := load(t, root, Options{Prep: gray(8), Val: .3, Test: .3})
	type place struct {
		part       *Set
		key, group Key
	}
	for _, s := range []*Set{d.Train, d.Val, d.Test} {
		for i, f := range s.Files {
			if f[0] == 'b' && !strings.Contains(f, "again") && s.Groups[i] != s.Keys[i] {
				t.Errorf("%s has a near duplicate", f)
			}
		}
	}
	for i := range 20 {
		var p, q place
		for _, s := range []*Set{d.Train, d.Val, d.Test} {
			for k, f := range s.Files {
				switch f {
				case fmt.Sprintf("a/%d.jpg", i):
					p = place{s, s.Keys[k], s.Groups[k]}
				case fmt.Sprintf("%c/again%d.jpg", 'a'+i/15, i):
					q = place{s, s.Keys[k], s.Groups[k]}
				}
			}
		}
		least := p.key
		if bytes.Compare(q.key[:], least[:]) < 0 {
			least = q.key
		}
		if p.part != q.part || p.key == q.key || p.group != least || q.group != least {
			t.Errorf("picture %d and its copy: %v, %v", i, p, q)
		}
	}
}

// straddles counts the groups that lie in two of the parts that were split off.
func straddles(examples []example) (n int) {
	parts := map[Key]Part{}
	for _, e := range examples {
		if p, ok := parts[e.group]; ok && p != e.part {
			n++
		}
		parts[e.group] = e.part
	}
	return n
}

// More pictures, among them near duplicates of old ones, move only old ones
// that are in a group with a new one; and groups stay together.
func TestSplitOfGroups(t *testing.T) {
	check := func(split splitter, old, all []example) (moved, straddling int) {
		before, after := slices.Clone(old), slices.Clone(all)
		split(before, .2, .2)
		split(after, .2, .2)
		touched := map[Key]bool{}
		for _, e := range after[len(old):] {
			touched[e.group] = true
		}
		for i := range before {
			if before[i].part != after[i].part && !touched[after[i].group] {
				moved++
			}
		}
		return moved, straddles(before) + straddles(after)
	}
	byKey := func(examples []example, val, test float64) { // which forgets the groups
		alone := slices.Clone(examples)
		for i := range alone {
			alone[i].group = alone[i].key
		}
		split(alone, val, test)
		for i := range examples {
			examples[i].part = alone[i].part
		}
	}
	blind := true
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(0, 1<<30).Draw(t, "start")
		// 200 old pictures a class, some of them in pairs by chance, and new ones.
		var pairs []pair
		pictures := make([]picture, 500)
		for i := range pictures {
			pictures[i].key = numbered(start + i)
		}
		mix := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		place := mix.Perm(500) // the new ones are anywhere among the keys
		isOld := func(i int) bool { return place[i] < 400 }
		for range 60 {
			pairs = append(pairs, pair{a: mix.IntN(500), b: mix.IntN(500)})
		}
		build := func(pairs []pair, all bool) (examples []example) {
			groups := join(pictures, pairs)
			for _, wantOld := range []bool{true, false} {
				for i := range pictures {
					if isOld(i) == wantOld && (all || wantOld) {
						examples = append(examples, example{class: i % 2, key: pictures[i].key, group: groups[i]})
					}
				}
			}
			return examples
		}
		amongOld := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return !isOld(p.a) || !isOld(p.b) })
		old, all := build(amongOld, false), build(pairs, true)
		if moved, straddling := check(split, old, all); moved > 0 || straddling > 0 {
			t.Fatalf("%d moved, %d groups in two parts", moved, straddling)
		}
		_, straddling := check(byKey, old, all)
		blind = blind && straddling == 0
	})
	if blind {
		t.Error("a split by keys tears no group apart: the check is blind")
	}
}
