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
	lim    imageio.Limits
	pixels map[*idxImages][]uint8 // [n][h][w][c] of each IDX file
}

// open reads the IDX files that hold items.
func open(items []Item, lim imageio.Limits) (*reader, error) {
	r := &reader{lim, map[*idxImages][]uint8{}}
	for _, it := range items {
		if it.idx == nil || r.pixels[it.idx] != nil {
			continue
		}
		pixels, err := it.idx.read(lim)
		if err != nil {
			return nil, err
		}
		r.pixels[it.idx] = pixels
	}
	return r, nil
}

// picture decodes one. Inside an IDX file its format is "idx".
func (r *reader) picture(it *Item) (image.Image, imageio.Info, error) {
	if x := it.idx; x != nil {
		return x.image(r.pixels[x], it.index), imageio.Info{Format: "idx", Width: x.w, Height: x.h, Gray: x.c == 1, Orientation: 1}, nil
	}
	data, err := imageio.ReadFile(it.path, r.lim)
	if err != nil {
		return nil, imageio.Info{}, err
	}
	return imageio.Decode(data, r.lim)
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
