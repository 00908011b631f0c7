package dataset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// example is a picture while Load decides about it.
type example struct {
	item  int // index into Source.Items, and the place of its pixels
	class int
	part  Part
	key   Key
}

// uniform turns a content key into a number in [0,1), evenly spread and
// unrelated to the order of the keys, which is that of the examples in a Set.
func uniform(k Key) float64 {
	sum := sha256.Sum256(append([]byte("squint split\x00"), k[:]...))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// share returns the part for the number u.
func share(u, val, test float64) Part {
	switch {
	case u < test:
		return Test
	case u < test+val:
		return Val
	}
	return Train
}

// split sets the part of every example. A part that the source gives to any
// example is taken as given. A part that it does not give is split off from
// whatever is in neither val nor test: the shares val and test of it.
//
// The part of a picture follows from its content key alone: a number u, evenly
// spread over [0,1), is derived from it; below test it is in the test part,
// below test+val in the validation part. So
//
//   - more pictures never move an old one to another part,
//   - exact copies of a picture are together, in one class or in two,
//   - neither names nor the seed of a training run matter.
//
// The price is that the counts are not exactly the shares: they spread as coin
// flips do, with a standard deviation of 0.6 points for a tenth of 2,500
// pictures. Exact counts by class would need the rank of each picture among
// those of its class, and every new picture changes ranks.
//
// There is one exception. A class of three or more distinct pictures has at
// least one in each part that is wanted, and every class has one in train, if
// need be by taking those whose u is nearest. Only this can move a picture when
// others are added, and only in a class too small for its shares. Pictures
// that occur in several classes are left out of it, so that they stay together.
func split(examples []example, val, test float64) {
	for _, e := range examples {
		switch e.part {
		case Val:
			val = 0
		case Test:
			test = 0
		}
	}

	class := map[Key]int{} // of each picture to split, -1 for several
	for _, e := range examples {
		if e.part == Val || e.part == Test {
			continue
		}
		if c, ok := class[e.key]; ok && c != e.class {
			class[e.key] = -1
		} else {
			class[e.key] = e.class
		}
	}

	type picture struct {
		key Key
		u   float64
	}
	part := make(map[Key]Part, len(class))
	byClass := map[int][]picture{}
	for k, c := range class { // in any order: the pictures are sorted below
		u := uniform(k)
		part[k] = share(u, val, test)
		if c >= 0 {
			byClass[c] = append(byClass[c], picture{k, u})
		}
	}
	for _, pictures := range byClass { // in any order: classes do not touch each other
		slices.SortFunc(pictures, func(a, b picture) int {
			return cmp.Or(cmp.Compare(a.u, b.u), bytes.Compare(a.key[:], b.key[:]))
		})
		// In the order of u the test part comes first, then the validation
		// part up to held, then train.
		n, tests, held, minTest, minVal := len(pictures), 0, 0, 0, 0
		for _, p := range pictures {
			switch part[p.key] {
			case Test:
				tests++
				held++
			case Val:
				held++
			}
		}
		if n >= 3 && test > 0 {
			minTest = 1
		}
		if n >= 3 && val > 0 {
			minVal = 1
		}
		held = min(max(held, minTest+minVal), n-1)
		tests = min(max(tests, minTest), held-minVal)
		for i, p := range pictures {
			switch {
			case i < tests:
				part[p.key] = Test
			case i < held:
				part[p.key] = Val
			default:
				part[p.key] = Train
			}
		}
	}

	for i := range examples {
		if e := &examples[i]; e.part != Val && e.part != Test {
			e.part = part[e.key]
		}
	}
}
