package dataset

import "fmt"

// twins returns warnings about exact copies where they do harm: in two
// classes, where one label must be wrong, and in two parts, where the network
// is tested on what it has learned. split keeps copies together, so the latter
// only happens in parts that the source gives.
func twins(examples []example, items []Item) (warnings []string) {
	type copies struct {
		class int // of the first
		item  int // the first
		mixed bool
		parts uint8 // bit set, see bit
	}
	bit := map[Part]uint8{Train: 1, Val: 2, Test: 4}
	seen := make(map[Key]copies, len(examples))
	mixed, sample := 0, ""
	for _, e := range examples {
		c, ok := seen[e.key]
		if !ok {
			c = copies{class: e.class, item: e.item}
		}
		c.parts |= bit[e.part]
		if e.class != c.class && !c.mixed {
			c.mixed = true
			if mixed++; mixed == 1 {
				sample = fmt.Sprintf("%q and %q", items[c.item].File, items[e.item].File)
			}
		}
		seen[e.key] = c
	}
	if mixed > 0 {
		warnings = append(warnings, fmt.Sprintf("%s in more than one class, for example %s", pictures(mixed, "", "is", "are"), sample))
	}
	for _, pair := range [...]struct{ part, also Part }{{Val, Train}, {Test, Train}, {Test, Val}} {
		n := 0
		for _, e := range examples {
			if e.part == pair.part && seen[e.key].parts&bit[pair.also] != 0 {
				n++
			}
		}
		if n > 0 {
			warnings = append(warnings, fmt.Sprintf("%s in %s", pictures(n, " of "+string(pair.part), "also occurs", "also occur"), pair.also))
		}
	}
	return warnings
}
