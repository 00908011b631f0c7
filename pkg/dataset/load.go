package dataset

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"squint/pkg/imageio"
	"squint/pkg/tensor"
)

// Options say how Load prepares and splits the pictures.
type Options struct {
	// Prep makes a network's input of a picture; only its Bytes are kept.
	Prep imageio.Prep
	// Val and Test are the shares, from 0 and together below 1, that parts
	// which the source does not give are split off with.
	Val, Test float64
	// Classes, where not nil, are a model's: labels count in this list,
	// pictures of other classes are skipped, and no class needs to have any.
	// Without it at least two classes want pictures to train on.
	Classes []string

	Limits  imageio.Limits // of one picture; the zero value means imageio.DefaultLimits
	Threads int            // pictures decoded at a time; 0 means GOMAXPROCS
	// Progress, where not nil, is called on Load's own goroutine after each
	// picture.
	Progress func(done, total int)
}

// Load decodes every picture, splits them and answers with the parts. A file
// that cannot be used is named in Data.Skipped and never stops the others.
// The result does not depend on the number of threads.
//
// The error is an *Unusable where fewer than two classes have pictures or a
// class has lost all it had, and ctx's where that ends.
//
// Memory: the pixels of all parts, allocated once, and while it runs the
// decoded pictures in work, or the whole of an IDX file.
func (s *Source) Load(ctx context.Context, opt Options) (*Data, error) {
	if err := opt.Prep.Validate(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	size := opt.Prep.Size.Size()
	if len(s.Items) > math.MaxInt/size {
		return nil, fmt.Errorf("dataset: %d examples of size %v do not fit into memory", len(s.Items), opt.Prep.Size)
	}
	if !(opt.Val >= 0 && opt.Test >= 0 && opt.Val+opt.Test < 1) {
		return nil, fmt.Errorf("dataset: shares %g for val and %g for test, want from 0 and together below 1", opt.Val, opt.Test)
	}
	if opt.Classes == nil && len(s.Classes) < 2 {
		return nil, unusablef(s.Root, "only one class, %q, want at least two", s.Classes[0])
	}

	d := &Data{Source: s, Classes: s.Classes, Skipped: slices.Clone(s.Skipped), Warnings: slices.Clone(s.Warnings)}
	number := make([]int, len(s.Classes)) // of each class of the source, or -1
	for i, c := range s.Classes {
		number[i] = i
		if opt.Classes != nil {
			number[i] = slices.Index(opt.Classes, c)
		}
	}
	if opt.Classes != nil {
		d.Classes = opt.Classes
	}

	r, err := open(s.Items, opt.Limits)
	if err != nil {
		return nil, err
	}
	pixels := make([]uint8, len(s.Items)*size) // [item][H*W*C], until arrange
	keys := make([]Key, len(s.Items))
	errs, err := parallel(ctx, opt.Threads, len(s.Items), func(i int) error {
		it := &s.Items[i]
		if number[it.Class] < 0 {
			return fmt.Errorf("class %q is not the model's", s.Classes[it.Class])
		}
		img, _, err := r.picture(it)
		if err != nil {
			return err
		}
		keys[i] = KeyOf(img)
		return opt.Prep.Bytes(pixels[i*size:(i+1)*size:(i+1)*size], img)
	}, opt.Progress)
	if err != nil {
		return nil, err
	}

	var examples []example
	for i, it := range s.Items {
		if errs[i] != nil {
			d.Skipped = append(d.Skipped, Skipped{it.File, reason(errs[i])})
			continue
		}
		examples = append(examples, example{item: i, class: number[it.Class], part: it.Part, key: keys[i]})
	}
	split(examples, opt.Val, opt.Test)
	if opt.Classes == nil {
		if err := s.trainable(examples, errs); err != nil {
			return nil, err
		}
	}
	d.Warnings = append(d.Warnings, twins(examples, s.Items)...)
	d.arrange(examples, pixels, opt.Prep.Size)
	return d, nil
}

// trainable checks that every class has pictures to train on.
func (s *Source) trainable(examples []example, errs []error) error {
	left := make([]int, len(s.Classes))
	for _, e := range examples {
		if e.part == Train {
			left[e.class]++
		}
	}
	for c, n := range left {
		if n > 0 {
			continue
		}
		for i, it := range s.Items {
			if it.Class == c && errs[i] != nil {
				return unusablef(s.Root, "class %q has no usable picture to train on, for example %q: %s", s.Classes[c], it.File, reason(errs[i]))
			}
		}
		return unusablef(s.Root, "class %q has no picture to train on", s.Classes[c])
	}
	return nil
}

// arrange sorts the examples by content key, then class and name, and cuts them
// into the parts. It moves the pixels along in place, because a second array
// would double the memory.
func (d *Data) arrange(examples []example, pixels []uint8, shape tensor.Shape) {
	order := map[Part]int{Train: 0, Val: 1, Test: 2}
	items := d.Source.Items
	slices.SortFunc(examples, func(a, b example) int {
		return cmp.Or(
			cmp.Compare(order[a.part], order[b.part]),
			bytes.Compare(a.key[:], b.key[:]),
			// Of copies in two classes the names, which differ from one
			// layout to the next, must not decide.
			cmp.Compare(a.class, b.class),
			compareNatural(items[a.item].File, items[b.item].File))
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
