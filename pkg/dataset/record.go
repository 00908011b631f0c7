package dataset

import (
	"context"
	"image"
	"path"
	"strings"

	"squint/pkg/imageio"
)

// record is what is known of a picture once it was decoded, beside its pixels.
type record struct {
	Key  Key
	Look look
	Info imageio.Info // Format is "idx" or "npz" inside an array
}

// read decodes every item from up to opt.Threads goroutines, or takes it from
// the cache, and answers with its record or its error. Where pixels is not nil,
// item i's are prepared into its i-th part. skip, where not nil, says why an
// item is not wanted. unkept is Data.Unkept.
func (s *Source) read(ctx context.Context, opt *Options, pixels []uint8, skip func(*Item) error) (records []record, errs []error, unkept, err error) {
	r, err := open(s.Items, opt, min(int64(len(pixels)), opt.Memory/2))
	if err != nil {
		return nil, nil, nil, err
	}
	size := 0
	if pixels != nil {
		size = opt.Prep.Size.Size()
	}
	records = make([]record, len(s.Items))
	cache := openCache(s, opt, size)
	known, err := cache.fill(ctx, opt.Threads, records, pixels)
	if err != nil {
		return nil, nil, nil, err
	}
	errs, err = parallel(ctx, opt.Threads, len(s.Items), func(i int) error {
		it := &s.Items[i]
		if skip != nil {
			if err := skip(it); err != nil {
				return err
			}
		}
		if known[i] {
			return nil
		}
		return r.picture(ctx, it, func(img image.Image, info imageio.Info) error {
			records[i] = record{KeyOf(img), lookAt(img), info}
			if pixels == nil {
				return nil
			}
			return opt.Prep.Bytes(pixels[i*size:(i+1)*size:(i+1)*size], img)
		})
	}, opt.Progress)
	if err != nil {
		return nil, nil, nil, err
	}
	return records, errs, cache.keep(records, pixels, known, errs), nil
}

// lies tells whether a file's name claims another format than its content has.
func (r *record) lies(file string) bool {
	ext := strings.ToLower(path.Ext(file))
	switch r.Info.Format {
	case "jpeg":
		return ext != ".jpg" && ext != ".jpeg" && ext != ".jpe" && ext != ".jfif"
	case "tiff":
		return ext != ".tif" && ext != ".tiff"
	case "idx", "npz":
		return false
	}
	return ext != "."+r.Info.Format
}
