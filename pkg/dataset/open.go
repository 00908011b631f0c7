package dataset

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"

	"squint/pkg/imageio"
)

// reader gets the pictures of a Source. Goroutines may share it.
type reader struct {
	loader *imageio.Loader
	arrays map[*packed][]uint8 // [n][h][w][c] of each
}

// open reads the arrays that hold items, and makes ready for files, held bytes of
// memory being taken already.
func open(items []Item, opt *Options, held int64) (*reader, error) {
	r := &reader{imageio.NewLoader(opt.Limits, opt.decoding(held)), map[*packed][]uint8{}}
	r.loader.Watch = opt.Watch
	for _, it := range items {
		x := it.packed
		if x == nil || r.arrays[x] != nil {
			continue
		}
		if opt.Memory > 0 && x.bytes() > opt.Memory/2 {
			return nil, unusablef(x.name, "%d MiB to be read at once, more than half of the %d MiB of memory allowed", x.bytes()>>20, opt.Memory>>20)
		}
		pixels, err := x.read(opt.Limits)
		if err != nil {
			return nil, err
		}
		r.arrays[x] = pixels
	}
	return r, nil
}

// picture calls use with one, which it may not keep.
func (r *reader) picture(ctx context.Context, it *Item, use func(image.Image, imageio.Info) error) error {
	if x := it.packed; x != nil {
		return use(x.image(r.arrays[x], it.index))
	}
	return r.loader.File(ctx, it.path, use)
}

// Each calls use with every one of items, decoded, in their order, or with why it
// cannot be; use may not keep the picture. Of opt, only Limits, Memory and Watch
// matter. The error is ctx's, use's, or an array's that cannot be read.
func (s *Source) Each(ctx context.Context, items []Item, opt Options, use func(it *Item, img image.Image, err error) error) error {
	r, err := open(items, &opt, 0)
	if err != nil {
		return err
	}
	for i := range items {
		var used error
		err := safely(func() error {
			return r.picture(ctx, &items[i], func(img image.Image, _ imageio.Info) error {
				used = use(&items[i], img, nil)
				return used
			})
		})
		if err != nil && used == nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			used = use(&items[i], nil, err)
		}
		if used != nil {
			return used
		}
	}
	return nil
}

// parallel calls each(i) for i below n from up to threads goroutines (0 means
// GOMAXPROCS), and progress, where not nil, from its own after each call. It
// answers with the error of each call, a panic being one too. When ctx ends no
// more calls are made, and its error is returned after those in work are done.
func parallel(ctx context.Context, threads, n int, each func(i int) error, progress func(done, total int)) (errs []error, err error) {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	errs = make([]error, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	done := make(chan struct{}, threads)
	for range min(threads, n) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				errs[i] = safely(func() error { return each(i) })
				done <- struct{}{}
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	count := 0
	for range done {
		if count++; progress != nil {
			progress(count, n)
		}
	}
	return errs, ctx.Err()
}

// safely turns a panic, which would end the program in a goroutine, into an
// error: one picture must not stop the others.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}

// reason words an error for Skipped, which names the file already.
func reason(err error) string {
	var named *fs.PathError
	if errors.As(err, &named) {
		return named.Err.Error()
	}
	return err.Error()
}
