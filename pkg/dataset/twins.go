package dataset

import "fmt"

// twins returns warnings about exact copies where they do harm: in two
// classes, where one label must be wrong, and in two parts, where the network
// is tested on what it has learned. split keeps copies together, so the latter
// only happens in parts that the source gives.
func twins(examples []example, items []Item) (warnings []string) {
	type copies struct {
		first example
		mixed bool
		parts map[Part]bool
	}
	seen := make(map[Key]*copies, len(examples))
	mixed, sample := 0, ""
	for _, e := range examples {
		c := seen[e.key]
		if c == nil {
			c = &copies{first: e, parts: map[Part]bool{}}
			seen[e.key] = c
		}
		c.parts[e.part] = true
		if e.class != c.first.class && !c.mixed {
			c.mixed = true
			mixed++
			if sample == "" {
				sample = fmt.Sprintf("%q and %q", items[c.first.item].File, items[e.item].File)
			}
		}
	}
	if mixed > 0 {
		warnings = append(warnings, fmt.Sprintf("%s in more than one class, for example %s", pictures(mixed, "", "is", "are"), sample))
	}
	for _, pair := range [...]struct{ part, also Part }{{Val, Train}, {Test, Train}, {Test, Val}} {
		n := 0
		for _, e := range examples {
			if e.part == pair.part && seen[e.key].parts[pair.also] {
				n++
			}
		}
		if n > 0 {
			warnings = append(warnings, fmt.Sprintf("%s in %s", pictures(n, " of "+string(pair.part), "also occurs", "also occur"), pair.also))
		}
	}
	return warnings
}
