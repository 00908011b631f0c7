package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"squint/internal/mapped"
	"squint/pkg/imageio"
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

	// Cache, where not empty, is a folder to keep decoded pictures in for the
	// next run; it is made where it is missing, and kept from growing without
	// bounds. See cache.
	Cache string

	Limits  imageio.Limits // of one picture; the zero value means imageio.DefaultLimits
	Threads int            // pictures decoded at a time; 0 means GOMAXPROCS
	// Memory is what Load may take, in bytes: up to half for the pixels, which lie
	// in a file where that is not enough, and half of the rest for decoding. 0 is
	// no bound for the pixels and imageio.DefaultMemory for decoding.
	Memory int64
	// Scratch is the folder for that file, which nobody sees there; "" is the
	// system's for temporary files, which may be memory itself.
	Scratch string
	// Watch, where not nil, bounds the time for each picture: see imageio.Loader.
	Watch func() (stop func() error)
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
// decoded pictures in work, or the whole of an IDX or npz file; and about 1 KiB
// a picture. What is too much for Options.Memory is an error before any picture is
// read. Whoever set it calls Data.Close in the end.
func (s *Source) Load(ctx context.Context, opt Options) (*Data, error) {
	if err := opt.Prep.Validate(); err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	if !(opt.Val >= 0 && opt.Test >= 0 && opt.Val+opt.Test < 1) {
		return nil, fmt.Errorf("dataset: shares %g for val and %g for test, want from 0 and together below 1", opt.Val, opt.Test)
	}
	if opt.Classes == nil && len(s.Classes) < 2 {
		return nil, s.oneClass()
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

	pixels, err := s.room(&opt) // [item][H*W*C], until arrange
	if err != nil {
		return nil, err
	}
	records, errs, unkept, err := s.read(ctx, &opt, pixels.B, func(it *Item) error {
		if number[it.Class] < 0 {
			return fmt.Errorf("class %q is not the model's", s.Classes[it.Class])
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, pixels.Close())
	}
	for i, it := range s.Items {
		if errs[i] != nil {
			d.Skipped = append(d.Skipped, Skipped{it.File, reason(errs[i])})
		}
	}
	examples := s.examples(errs, records, number)
	near := groupUp(examples, records, opt.Threads)
	if opt.Classes == nil {
		d.Warnings = s.audit(s.Root, records, errs, examples, near).warnings()
	}
	d.Unkept = unkept
	split(examples, opt.Val, opt.Test)
	if opt.Classes == nil {
		if u := s.trainable(examples, errs); u != nil {
			return nil, errors.Join(u, pixels.Close())
		}
	}
	d.arrange(examples, pixels.B, opt.Prep.Size)
	d.mapped = pixels
	return d, nil
}

// perItem is about what is held for each picture beside its pixels, in bytes:
// its record, names and keys.
const perItem = 1 << 10

// decoding is the part of opt.Memory for pictures in work, half of what is not
// held already; 0 is the usual.
func (opt *Options) decoding(held int64) int64 {
	if opt.Memory <= 0 {
		return 0
	}
	return min((opt.Memory-held)/2, imageio.DefaultMemory)
}

// room allocates the pixels of all items.
func (s *Source) room(opt *Options) (*mapped.Bytes, error) {
	n, size := len(s.Items), opt.Prep.Size.Size()
	if n > math.MaxInt/size {
		return nil, fmt.Errorf("dataset: %d examples of size %v do not fit into memory", n, opt.Prep.Size)
	}
	if opt.Memory <= 0 || int64(n*size) <= opt.Memory/2 {
		return &mapped.Bytes{B: make([]byte, n*size)}, nil
	}
	if int64(n)*perItem > opt.Memory/4 {
		return nil, fmt.Errorf("dataset: %d pictures need some %d KiB of memory for their names and keys alone, more than a quarter of the %d KiB allowed", n, n*perItem>>10, opt.Memory>>10)
	}
	b, err := mapped.New(cmp.Or(opt.Scratch, os.TempDir()), n*size)
	if err != nil {
		return nil, fmt.Errorf("dataset: %d KiB of pixels, too many for half of the %d KiB of memory allowed: %w", n*size>>10, opt.Memory>>10, err)
	}
	return b, nil
}

// Close gives back the file that holds the pixels, where Options.Memory made
// that necessary. The Sets may not be used any more.
func (d *Data) Close() error { return d.mapped.Close() }

// oneClass says that there are too few classes. The folder within the folder
// that many archives unpack to is the usual cause.
func (s *Source) oneClass() *Unusable {
	deeper := !slices.ContainsFunc(s.Items, func(it Item) bool { return strings.Count(it.File, "/") < 2 })
	if s.Kind == "folders" && deeper {
		return unusablef(s.Root, "classes %q, want at least two: its pictures lie in folders of their own, which may be the classes", s.Classes)
	}
	return unusablef(s.Root, "classes %q, want at least two", s.Classes)
}

// trainable checks that every class has pictures to train on, or to split some
// off for that.
func (s *Source) trainable(examples []example, errs []error) *Unusable {
	left := make([]int, len(s.Classes))
	for _, e := range examples {
		if e.part == Train || e.part == "" {
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
