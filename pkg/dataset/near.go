package dataset

import (
	"bytes"
	"math/bits"
	"slices"
)

// A nearness says when two pictures are near duplicates: their hashes differ in
// at most radius bits, and then their looks by at most tolerance.
//
// Measured: photos of 128×128 saved again as JPEG of quality 60 and three
// quarters of the size have differences up to 0.0013 and 3 bits; among the
// 23,000 photos of shared/data/catdog, pairs that people call copies have up to
// 0.0025 and 4 bits, and all other pairs within 9 bits more than 0.04. Different
// digits of MNIST begin at 0.0025.
type nearness struct {
	name      string
	radius    int // see similar for the values that it can have
	tolerance float64
}

var (
	loose = nearness{"loose", 7, 0.02}
	tight = nearness{"tight", 3, 0.0025}
)

// nearGroups finds near duplicates among pictures with different keys and
// returns, for each, the least key among all that are linked to it by a chain of
// near duplicates: its own where it has none. pictures have to be in the order
// of their keys.
//
// How alike pictures of one set are by nature differs: two photos of cats are
// far apart, two sevens by one hand are not, and two pictures of screws, one of
// them scratched, may be closer than a photo and its copy. So the nearness is
// chosen for the set. It is loose if that finds hardly more than tight does:
// then there is nothing between copies and everything else. Otherwise it is
// tight, and where even that joins what cannot be copies (see believable),
// near duplicates are not looked for, and how says "off".
func nearGroups(pictures []picture) (groups []Key, how string) {
	own := make([]Key, len(pictures))
	for i, p := range pictures {
		own[i] = p.key
	}
	pairs, ok := similar(pictures, loose)
	if ok {
		within := slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.bits > tight.radius || p.difference > tight.tolerance })
		few := len(pictures) / 1000
		if len(pairs) <= 2*len(within)+few && believable(pictures, pairs) {
			return join(pictures, pairs), loose.name
		}
		pairs = within
	} else if pairs, ok = similar(pictures, tight); !ok {
		return own, "off"
	}
	if !believable(pictures, pairs) {
		return own, "off"
	}
	return join(pictures, pairs), tight.name
}

// picture is one distinct picture of a dataset.
type picture struct {
	key   Key
	class int // -1 where copies of it are in several
	look  *look
}

type pair struct {
	a, b       int // indices of pictures, a < b
	bits       int
	difference float64
}

// believable tells whether pairs can be copies. They cannot where they say that
// one picture in five has a copy in another class, or that one in five is a copy
// of the same picture: then the pictures are alike by nature, as those of one
// screw after another, or all frames of one film. A dozen pictures are always
// believed, or a small set could have no copies.
func believable(pictures []picture, pairs []pair) bool {
	const dozen = 12
	most := max(dozen, len(pictures)/5)
	crossing := map[int]bool{}
	for _, p := range pairs {
		if a, b := pictures[p.a].class, pictures[p.b].class; a != b && a >= 0 && b >= 0 {
			crossing[p.a], crossing[p.b] = true, true
		}
	}
	size := map[Key]int{}
	largest := 0
	for _, g := range join(pictures, pairs) {
		size[g]++
		largest = max(largest, size[g])
	}
	return len(crossing) <= most && largest <= most
}

// join returns the least key of the pictures that pairs link to each.
func join(pictures []picture, pairs []pair) []Key {
	parent := make([]int, len(pictures))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, p := range pairs {
		a, b := root(p.a), root(p.b)
		parent[max(a, b)] = min(a, b) // the first has the least key
	}
	groups := make([]Key, len(pictures))
	for i := range groups {
		groups[i] = pictures[root(i)].key
	}
	return groups
}

// similar returns the pairs that are as near as n, ordered by a and b. It gives up, and ok is
// false, when that would take more than some thousand comparisons a picture: the
// hashes of look-alikes crowd together.
//
// Of two hashes that differ in at most 7 bits, one of the 4 quarters differs in
// at most one; of those that differ in at most 3, one quarter is the same. So
// only pictures are compared that share a quarter, up to that one bit.
func similar(pictures []picture, n nearness) (pairs []pair, ok bool) {
	const (
		quarters   = 4
		width      = 64 / quarters
		effort     = 4000 // comparisons of hashes for each picture
		comparison = 64   // comparisons of hashes that one of looks takes as long as
	)
	flips := []uint64{0}
	if n.radius >= quarters {
		for b := range width {
			flips = append(flips, 1<<b)
		}
	}
	hashes := make([]uint64, len(pictures))
	plain := make([]bool, len(pictures))
	for i, p := range pictures {
		hashes[i] = p.look.hash()
		_, deviation := p.look.moments()
		plain[i] = deviation < leastContrast
	}
	budget := effort * len(pictures)
	for q := range quarters {
		quarter := func(h uint64) uint64 { return h >> (q * width) & (1<<width - 1) }
		// The pictures by their quarter: those of value v are order[start[v]:start[v+1]].
		start := make([]int32, 1<<width+1)
		for i, h := range hashes {
			if !plain[i] {
				start[quarter(h)+1]++
			}
		}
		for v := range 1 << width {
			start[v+1] += start[v]
		}
		order, next := make([]int32, start[1<<width]), slices.Clone(start)
		for i, h := range hashes {
			if !plain[i] {
				order[next[quarter(h)]] = int32(i)
				next[quarter(h)]++
			}
		}
		for i, h := range hashes {
			if plain[i] {
				continue
			}
			for _, flip := range flips {
				v := quarter(h) ^ flip
				near := order[start[v]:start[v+1]]
				if budget -= len(near); budget < 0 {
					return nil, false
				}
				for _, j := range near {
					apart := h ^ hashes[j]
					if int(j) <= i || bits.OnesCount64(apart) > n.radius || metBefore(apart, q, len(flips) > 1) {
						continue
					}
					if budget -= comparison; budget < 0 {
						return nil, false
					}
					if d := difference(pictures[i].look, pictures[j].look); d <= n.tolerance {
						pairs = append(pairs, pair{i, int(j), bits.OnesCount64(apart), d})
					}
				}
			}
		}
	}
	return pairs, true
}

// metBefore tells whether hashes that are apart in these bits were compared for
// a quarter before q.
func metBefore(apart uint64, q int, oneOff bool) bool {
	for range q {
		part := apart & 0xffff
		if part == 0 || oneOff && part&(part-1) == 0 {
			return true
		}
		apart >>= 16
	}
	return false
}

// groupUp sets the group of every example, which are those that share their key
// or are near duplicates, and returns how near duplicates were told.
func groupUp(examples []example, records []record) (how string) {
	var pictures []picture
	at := map[Key]int{}
	for _, e := range examples {
		if i, ok := at[e.key]; ok {
			if pictures[i].class != e.class {
				pictures[i].class = -1
			}
			continue
		}
		at[e.key] = len(pictures)
		pictures = append(pictures, picture{e.key, e.class, &records[e.item].Look})
	}
	slices.SortFunc(pictures, func(a, b picture) int { return bytes.Compare(a.key[:], b.key[:]) })
	groups, how := nearGroups(pictures)
	for i, p := range pictures {
		at[p.key] = i
	}
	for i := range examples {
		examples[i].group = groups[at[examples[i].key]]
	}
	return how
}
