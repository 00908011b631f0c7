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
	group Key // the least key among those of its near duplicates and its own
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
// What is split is groups: a picture with its exact copies and near duplicates
// (see nearGroups), which so are together, in one class or in several. The part of a
// group follows from the least content key in it alone: a number u, evenly
// spread over [0,1), is derived from it; below test it is in the test part,
// below test+val in the validation part. So neither names nor the seed of a
// training run matter, and more pictures do not move old ones to another part,
// with three exceptions:
//
//   - A new picture that is a near duplicate of an old one has a lower key, in
//     one case of two, and then its group goes where that key says; one that is
//     a near duplicate of two old pictures joins their groups. No rule could avoid that:
//     alone, the two may belong into different parts, and either may be the new one.
//   - A class of three or more groups has at least one in each part that is
//     wanted, and every class has one in train, if need be by taking those
//     whose u is nearest. That moves only pictures of classes too small for their
//     shares. Groups that lie in several classes are left out of it.
//   - If so many new pictures look like each other that another nearness suits the
//     set, groups of near duplicates form or fall apart. Pictures that have none
//     stay.
//
// The price of deciding by content is that the counts are not exactly the shares: they
// spread as coin flips do, with a standard deviation of 0.6 points for a tenth
// of 2,500 pictures. Exact counts by class would need the rank of each picture
// among those of its class, and every new picture changes ranks.
func split(examples []example, val, test float64) {
	for _, e := range examples {
		switch e.part {
		case Val:
			val = 0
		case Test:
			test = 0
		}
	}

	class := map[Key]int{} // of each group to split, -1 for several
	for _, e := range examples {
		if e.part == Val || e.part == Test {
			continue
		}
		if c, ok := class[e.group]; ok && c != e.class {
			class[e.group] = -1
		} else {
			class[e.group] = e.class
		}
	}

	type unit struct {
		group Key
		u     float64
	}
	part := make(map[Key]Part, len(class))
	byClass := map[int][]unit{}
	for g, c := range class { // in any order: the groups are sorted below
		u := uniform(g)
		part[g] = share(u, val, test)
		if c >= 0 {
			byClass[c] = append(byClass[c], unit{g, u})
		}
	}
	for _, units := range byClass { // in any order: classes do not touch each other
		slices.SortFunc(units, func(a, b unit) int {
			return cmp.Or(cmp.Compare(a.u, b.u), bytes.Compare(a.group[:], b.group[:]))
		})
		// In the order of u the test part comes first, then the validation
		// part up to held, then train.
		n, tests, held, minTest, minVal := len(units), 0, 0, 0, 0
		for _, g := range units {
			switch part[g.group] {
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
		for i, g := range units {
			switch {
			case i < tests:
				part[g.group] = Test
			case i < held:
				part[g.group] = Val
			default:
				part[g.group] = Train
			}
		}
	}

	for i := range examples {
		if e := &examples[i]; e.part != Val && e.part != Test {
			e.part = part[e.group]
		}
	}
}
