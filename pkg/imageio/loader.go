package imageio

import (
	"context"
	"image"
)

// A Loader reads and decodes pictures for many goroutines, within bounds that
// hold for all of them together. Make it with NewLoader.
type Loader struct {
	// Watch, where not nil, is called when the decoding of a picture begins, and
	// answers with what is then asked again and again while it lasts: an error
	// ends it (see Limits.Stop). A deadline for each picture is a function that
	// notes when it was called, and answers with one that looks how long ago that is.
	Watch func() (stop func() error)

	lim           Limits
	files, pixels *Budget
}

// DefaultMemory is what a Loader takes where nothing else is said.
const DefaultMemory = 2 << 30

// NewLoader returns a Loader for pictures within lim, which takes at most so
// many bytes of memory at any time: a quarter for files, the rest for pixels. 0
// means DefaultMemory. A picture that needs more by itself is refused, as one
// beyond lim is.
//
// What is counted is what is in use. The garbage collector lets as much again
// lie about, unless debug.SetMemoryLimit makes it look sooner.
func NewLoader(lim Limits, memory int64) *Loader {
	if memory <= 0 {
		memory = DefaultMemory
	}
	lim = lim.orDefault()
	lim.FileBytes = min(lim.FileBytes, memory/4)
	lim.DecodedBytes = min(lim.DecodedBytes, memory-memory/4)
	// Who holds pixels waits for nothing more, so that nobody waits in a circle.
	return &Loader{lim: lim, files: NewBudget(memory / 4), pixels: NewBudget(memory - memory/4)}
}

// File calls use with the picture in a file, which it may not keep, and answers
// with use's error or with why there was nothing to use. Where ctx ends, also
// amidst a picture, the error wraps ctx's.
func (l *Loader) File(ctx context.Context, path string, use func(image.Image, Info) error) error {
	var size int64
	data, err := readFile(path, l.lim, func(bytes int64) error {
		err := l.files.Acquire(ctx, bytes)
		if err == nil {
			size = bytes
		}
		return err
	})
	defer func() { l.files.Release(size) }()
	if err != nil {
		return err
	}
	return l.Data(ctx, data, use)
}

// Data is File for the bytes of one, such as a request's.
func (l *Loader) Data(ctx context.Context, data []byte, use func(image.Image, Info) error) error {
	cost, err := Cost(data, l.lim)
	if err != nil {
		return err
	}
	if err := l.pixels.Acquire(ctx, cost); err != nil {
		return err
	}
	defer l.pixels.Release(cost)
	lim := l.lim
	lim.Stop = ctx.Err
	if l.Watch != nil {
		stop := l.Watch()
		lim.Stop = func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return stop()
		}
	}
	img, info, err := Decode(data, lim)
	if err != nil {
		return err
	}
	return use(img, info)
}
