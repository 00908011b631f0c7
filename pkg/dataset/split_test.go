package dataset

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Golden from Python: int.from_bytes(sha256(b"squint split\0" +
// bytes(range(32))).digest()[:8], "big") >> 11) / 2**53. A change would move
// everybody's pictures between the parts.
func TestUniformGolden(t *testing.T) {
	var k Key
	for i := range k {
		k[i] = byte(i)
	}
	if got, want := uniform(k), 0.6635263279638943; got != want {
		t.Errorf("uniform = %v, want %v", got, want)
	}
}

// numbered returns a key for picture n.
func numbered(n int) (k Key) {
	binary.BigEndian.PutUint64(k[:], uint64(n))
	return k
}

// alone is an example of picture n that is in no group with others.
func alone(class, n int) example {
	return example{class: class, key: numbered(n), group: numbered(n)}
}

func counts(examples []example) (train, val, test int) {
	for _, e := range examples {
		switch e.part {
		case Train:
			train++
		case Val:
			val++
		case Test:
			test++
		}
	}
	return
}

// Golden, from the same Python: below 0.3 is test, below 0.6 validation.
func TestSplitGolden(t *testing.T) {
	var all []example
	for n := range 12 {
		all = append(all, alone(0, n))
	}
	split(all, .3, .3)
	var got []Part
	for _, e := range all {
		got = append(got, e.part)
	}
	if want := []Part{Val, Train, Train, Train, Train, Test, Test, Val, Train, Test, Train, Train}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSplitShares(t *testing.T) {
	const n, share = 20000, 0.1
	all := make([]example, n)
	for i := range all {
		all[i] = alone(i%2, i)
	}
	split(all, share, 2*share)
	// The counts are binomial. Five standard deviations: a right splitter fails
	// for one in two million choices of the pictures, and these are fixed.
	check := func(name string, got int, p float64) {
		if want, sd := n*p, math.Sqrt(n*p*(1-p)); math.Abs(float64(got)-want) > 5*sd {
			t.Errorf("%s: %d examples, want %.0f ± %.0f", name, got, want, sd)
		}
	}
	train, val, test := counts(all)
	check("train", train, 1-3*share)
	check("val", val, share)
	check("test", test, 2*share)
}

type splitter func(examples []example, val, test float64)

// moved returns how many examples of old change their part when more are added,
// in classes that are too large for the rule about small ones.
func moved(split splitter, old, more []example, val, test float64) int {
	before, after := slices.Clone(old), append(slices.Clone(old), more...)
	split(before, val, test)
	split(after, val, test)
	n := 0
	for i := range before {
		if before[i].part != after[i].part {
			n++
		}
	}
	return n
}

func TestSplitNeverMovesOldPictures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(2, 4).Draw(t, "classes")
		start := rapid.IntRange(0, 1<<30).Draw(t, "start")
		draw := func(from, n int) []example {
			all := make([]example, n)
			for i := range all {
				all[i] = alone(i%classes, start+from+i)
			}
			return all
		}
		// With 150 pictures a class and shares from 0.1, a class without one in
		// some part has a probability of 0.9^150 = 1e-7.
		n := 150 * classes
		old, more := draw(0, n), draw(n, rapid.IntRange(1, 200).Draw(t, "more"))
		val, test := rapid.Float64Range(0.1, 0.4).Draw(t, "val"), rapid.Float64Range(0.1, 0.4).Draw(t, "test")
		if k := moved(split, old, more, val, test); k > 0 {
			t.Fatalf("%d of %d moved", k, n)
		}
	})
}

// What exact shares would do, and that moved sees it.
func TestSplitByRankMoves(t *testing.T) {
	byRank := func(examples []example, val, test float64) {
		order := make([]int, len(examples))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int {
			return int(math.Copysign(1, uniform(examples[a].key)-uniform(examples[b].key)))
		})
		for rank, i := range order {
			examples[i].part = share(float64(rank)/float64(len(order)), val, test)
		}
	}
	old, more := make([]example, 300), make([]example, 30)
	for i := range old {
		old[i] = alone(0, i)
	}
	for i := range more {
		more[i] = alone(0, 1000+i)
	}
	if moved(byRank, old, more, 0.1, 0.1) == 0 {
		t.Error("a split by rank moved nothing: the check is blind")
	}
}

// Small classes, copies and given parts, in any mixture.
func TestSplitRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.IntRange(0, 1<<30).Draw(t, "start")
		together := rapid.IntRange(1, 3).Draw(t, "pictures in a group")
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) example {
			n := rapid.IntRange(0, 30).Draw(t, "picture")
			return example{
				class: rapid.IntRange(0, 3).Draw(t, "class"),
				key:   numbered(start + n),
				group: numbered(start + n/together*together),
				part:  rapid.SampledFrom([]Part{"", "", "", Train, Val, Test}).Draw(t, "part"),
			}
		}), 1, 60).Draw(t, "examples")
		if rapid.Bool().Draw(t, "nothing given") {
			for i := range all {
				all[i].part = ""
			}
		}
		val := rapid.SampledFrom([]float64{0, 0.01, 0.2, 0.5}).Draw(t, "val")
		test := rapid.SampledFrom([]float64{0, 0.01, 0.2, 0.49}).Draw(t, "test")
		given := slices.Clone(all)
		split(all, val, test)

		wanted := []Part{Train}
		if val > 0 && !slices.ContainsFunc(given, func(e example) bool { return e.part == Val }) {
			wanted = append(wanted, Val)
		}
		if test > 0 && !slices.ContainsFunc(given, func(e example) bool { return e.part == Test }) {
			wanted = append(wanted, Test)
		}
		classes := map[Key]map[int]bool{} // of the groups that are split
		parts := map[Key]Part{}
		for i, e := range all {
			if g := given[i].part; g == Val || g == Test {
				if e.part != g {
					t.Fatalf("%+v given as %s", e, g)
				}
				continue
			}
			if !slices.Contains(wanted, e.part) {
				t.Fatalf("%+v, wanted are %v", e, wanted)
			}
			if p, ok := parts[e.group]; ok && p != e.part {
				t.Fatalf("a group in %s and %s", p, e.part)
			}
			parts[e.group] = e.part
			if classes[e.group] == nil {
				classes[e.group] = map[int]bool{}
			}
			classes[e.group][e.class] = true
		}
		for c := range 4 {
			n, in := 0, map[Part]bool{}
			for k, cs := range classes {
				if cs[c] && len(cs) == 1 {
					n++
					in[parts[k]] = true
				}
			}
			if n >= 1 && !in[Train] {
				t.Fatalf("class %d of %d has none in train", c, n)
			}
			for _, p := range wanted {
				if n >= 3 && !in[p] {
					t.Fatalf("class %d of %d has none in %s", c, n, p)
				}
			}
		}
	})
}
