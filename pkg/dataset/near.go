package dataset

import (
	"bytes"
	"context"
	"math"
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
	radius    int // 3 or 7, see similar
	tolerance float64
	effort    int // comparisons for each picture before giving up, see similar
}

var (
	loose = nearness{"loose", 7, 0.02, 1500}
	tight = nearness{"tight", 3, 0.0025, 4000}
)

// nearGroups finds near duplicates among pictures with different keys and
// returns, for each, the least key among all that are linked to it by a chain of
// near duplicates: its own where it has none. pictures have to be in the order
// of their keys.
//
// How alike pictures of one set are by nature differs: two photos of cats are
// far apart, two sevens by one hand are not, and two pictures of screws, one of
// them scratched, may be closer than a photo and its copy. So the nearness is
// chosen for the set. It is loose if that finds hardly more pairs than tight does:
// then there is nothing between copies and everything else. Otherwise it is
// tight, and where even that joins what cannot be copies (see believable),
// near duplicates are not looked for, and how says "off".
func nearGroups(pictures []picture) (groups []Key, how string) {
	own := make([]Key, len(pictures))
	for i, p := range pictures {
		own[i] = p.key
	}
	pairs, ok := similar(pictures, tight, math.MaxInt)
	if !ok {
		return own, "off"
	}
	few := max(dozen, len(pictures)/1000)
	if more, ok := similar(pictures, loose, 2*len(pairs)+few); ok && believable(pictures, more) {
		return join(pictures, more), loose.name
	}
	if !believable(pictures, pairs) {
		return own, "off"
	}
	return join(pictures, pairs), tight.name
}

// dozen pictures are always believed, or small sets could have no copies.
const dozen = 12

// picture is one distinct picture of a dataset, and what comparing it needs.
type picture struct {
	key             Key
	class           int // -1 where copies of it are in several
	look            *look
	hash            uint64
	mean, deviation float64 // of its brightness
}

// leastContrast is the deviation of brightness, in steps of 255, below which a
// picture shows nothing to recognise it by: a white page, fog.
const leastContrast = 4

// plain tells whether p shows next to nothing, and so is no near duplicate.
func (p *picture) plain() bool { return p.deviation < leastContrast }

// difference is 1 minus the correlation of two pictures' brightness: 0 for the
// same picture, brightened or not, 1 for unrelated ones. It is half the mean
// square of their difference after each is shifted and scaled to mean 0 and
// deviation 1. Pictures of different colours are unrelated.
func difference(a, b *picture) float64 {
	const colours = 16 // apart by more than that, of 255: see TestDifference
	for i, v := range a.look.Tint {
		if d := int(v) - int(b.look.Tint[i]); d > colours || d < -colours {
			return 1
		}
	}
	products := int32(0) // of 256 bytes' squares: below 2^24
	for i, v := range a.look.Gray {
		products += int32(v) * int32(b.look.Gray[i])
	}
	return 1 - (float64(products)/float64(len(a.look.Gray))-a.mean*b.mean)/(a.deviation*b.deviation)
}

// pair is two near duplicates.
type pair struct{ a, b int } // indices of pictures, a < b

// believable tells whether pairs can be copies. They cannot where they say that
// one picture in five has a copy in another class, or that one in five is a copy
// of the same picture: then the pictures are alike by nature, as those of one
// screw after another, or all frames of one film.
func believable(pictures []picture, pairs []pair) bool {
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

// similar returns the pairs that are as near as n. It gives up, and ok is false,
// when there are more than most, or when finding them takes more than n.effort
// comparisons a picture: the hashes of look-alikes crowd together, and to compare
// each with each would take ever longer.
//
// Of two hashes that differ in at most 7 bits, one of the 4 quarters differs in
// at most one; of those that differ in at most 3, one quarter is the same. So
// only pictures are compared that share a quarter, up to that one bit.
func similar(pictures []picture, n nearness, most int) (pairs []pair, ok bool) {
	const (
		quarters   = 4
		width      = 64 / quarters
		comparison = 64 // comparisons of hashes that one of looks takes as long as
	)
	flips := []uint64{0}
	if n.radius >= quarters {
		for b := range width {
			flips = append(flips, 1<<b)
		}
	}
	budget := n.effort * len(pictures)
	for q := range quarters {
		quarter := func(h uint64) uint64 { return h >> (q * width) & (1<<width - 1) }
		// The pictures by their quarter: those of value v are order[start[v]:start[v+1]].
		start := make([]int32, 1<<width+1)
		for i := range pictures {
			if p := &pictures[i]; !p.plain() {
				start[quarter(p.hash)+1]++
			}
		}
		for v := range 1 << width {
			start[v+1] += start[v]
		}
		order, next := make([]int32, start[1<<width]), slices.Clone(start)
		for i := range pictures {
			if p := &pictures[i]; !p.plain() {
				order[next[quarter(p.hash)]] = int32(i)
				next[quarter(p.hash)]++
			}
		}
		for i := range pictures {
			p := &pictures[i]
			if p.plain() {
				continue
			}
			for _, flip := range flips {
				v := quarter(p.hash) ^ flip
				near := order[start[v]:start[v+1]]
				if budget -= len(near); budget < 0 {
					return nil, false
				}
				for _, j := range near {
					apart := p.hash ^ pictures[j].hash
					if int(j) <= i || bits.OnesCount64(apart) > n.radius || metBefore(apart, q, len(flips) > 1) {
						continue
					}
					if budget -= comparison; budget < 0 {
						return nil, false
					}
					if d := difference(p, &pictures[j]); d <= n.tolerance {
						if pairs = append(pairs, pair{i, int(j)}); len(pairs) > most {
							return nil, false
						}
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
func groupUp(examples []example, records []record, threads int) (how string) {
	var pictures []picture
	at := map[Key]int{}
	for _, e := range examples {
		if i, ok := at[e.key]; !ok {
			at[e.key] = len(pictures)
			pictures = append(pictures, picture{key: e.key, class: e.class, look: &records[e.item].Look})
		} else if pictures[i].class != e.class {
			pictures[i].class = -1
		}
	}
	slices.SortFunc(pictures, func(a, b picture) int { return bytes.Compare(a.key[:], b.key[:]) })
	parallel(context.Background(), threads, len(pictures), func(i int) error {
		p := &pictures[i]
		p.hash = p.look.hash()
		p.mean, p.deviation = p.look.moments()
		return nil
	}, nil) // cannot fail
	groups, how := nearGroups(pictures)
	for i, p := range pictures {
		at[p.key] = i
	}
	for i := range examples {
		examples[i].group = groups[at[examples[i].key]]
	}
	return how
}
