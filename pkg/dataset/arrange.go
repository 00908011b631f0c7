package dataset

import (
	"bytes"
	"cmp"
	"slices"

	"squint/pkg/tensor"
)

// arrange sorts the examples by content key, then in the order of the items,
// and cuts them into the parts. It moves the pixels along in place, because a second array
// would double the memory.
func (d *Data) arrange(examples []example, pixels []uint8, shape tensor.Shape) {
	order := map[Part]int{Train: 0, Val: 1, Test: 2}
	items := d.Source.Items
	slices.SortFunc(examples, func(a, b example) int {
		if c := cmp.Compare(order[a.part], order[b.part]); c != 0 {
			return c
		}
		if c := bytes.Compare(a.key[:], b.key[:]); c != 0 {
			return c
		}
		// Items are in the order of classes before that of names, so the
		// labels of copies in two classes do not depend on the names.
		return cmp.Compare(a.item, b.item)
	})
	from := make([]int, 0, len(items))
	failed := make([]bool, len(items))
	for i := range failed {
		failed[i] = true
	}
	for _, e := range examples {
		from = append(from, e.item)
		failed[e.item] = false
	}
	for i, f := range failed {
		if f {
			from = append(from, i) // to the end, out of the way
		}
	}
	permute(pixels, shape.Size(), from)

	sets := [...]**Set{&d.Train, &d.Val, &d.Test}
	for _, set := range sets {
		*set = &Set{Classes: d.Classes, Shape: shape}
	}
	for _, e := range examples {
		set := *sets[order[e.part]]
		set.Labels = append(set.Labels, e.class)
		set.Files = append(set.Files, items[e.item].File)
		set.Keys = append(set.Keys, e.key)
		set.Groups = append(set.Groups, e.group)
	}
	for _, set := range sets {
		n := (*set).Len() * shape.Size()
		(*set).Pixels, pixels = pixels[:n:n], pixels[n:]
	}
}

// permute moves record from[i] of data to place i for all i. Records are size
// bytes long and from, which is used up, holds each place once.
func permute(data []uint8, size int, from []int) {
	record := func(i int) []uint8 { return data[i*size : (i+1)*size] }
	kept := make([]uint8, size)
	for start := range from {
		if from[start] == start {
			continue
		}
		// Around the cycle: each place is free once its record is copied.
		copy(kept, record(start))
		at := start
		for from[at] != start {
			next := from[at]
			copy(record(at), record(next))
			from[at] = at
			at = next
		}
		copy(record(at), kept)
		from[at] = at
	}
}
