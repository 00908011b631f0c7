// Package imageio takes a picture from a file to a network's input, in four
// steps that training and answering share:
//
//	ReadFile   a regular file's bytes, bounded
//	Decode     bytes to upright, opaque pixels, bounded
//	Prep.Bytes pixels to H×W×C bytes: fitted, resized, grey or RGB
//	Prep.Floats bytes to the normalised vector
//
// Files are not trusted. A file's kind is told from its content, never from its
// name; what decoding will cost is computed from the header and compared with
// Limits before anything is allocated; a decoder's panic becomes an error. The
// formats that are read are the rows of one table (formats.go), not whatever
// happens to be registered with the standard image package.
//
// Colour profiles, gamma and XMP are ignored, as other tools for training do;
// of EXIF only the orientation is used.
//
// Everything here may be used from several goroutines at once. Decoders may
// give other values in the last bit from one Go release to the next.
package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
)

// Limits bound what one picture may cost. Fields that are zero take the value
// in DefaultLimits.
type Limits struct {
	FileBytes    int64 // length of the file
	Pixels       int64 // width × height
	DecodedBytes int64 // memory that decoding takes at its peak, as computed from the header
	// TIFF lets TIFF files be read, which are refused otherwise: their decoder is the one
	// with the most faults on record. For one's own pictures, not for strangers'.
	TIFF bool
	// Stop, where not nil, is asked again and again while a file is decoded; an
	// error ends that and is in Decode's. The Err of a context with a timeout bounds the
	// time that a picture may take, but for WebP, which is read first and then decoded.
	Stop func() error `json:"-"`
}

// DefaultLimits let through the photos of 200-megapixel telephones. DecodedBytes
// is the one that matters: at 16 bits a channel, or as a progressive JPEG, one
// pixel costs up to 16 bytes, in a file that may be a thousandth of that.
var DefaultLimits = Limits{FileBytes: 256 << 20, Pixels: 268_000_000, DecodedBytes: 1200 << 20}

// maxSide bounds width and height by itself: one line of pixels costs the
// resampler 32 bytes a pixel. It is the widest that a JPEG or a GIF can be.
const maxSide = 65535

func (l Limits) orDefault() Limits {
	if l.FileBytes == 0 {
		l.FileBytes = DefaultLimits.FileBytes
	}
	if l.Pixels == 0 {
		l.Pixels = DefaultLimits.Pixels
	}
	if l.DecodedBytes == 0 {
		l.DecodedBytes = DefaultLimits.DecodedBytes
	}
	return l
}

// Info says what a picture file holds.
type Info struct {
	Format        string // "jpeg", "png", "gif", "webp", "bmp" or "tiff"
	Width, Height int    // in pixels, of the upright picture that Decode returns
	Gray          bool   // no colour: one grey channel (with or without alpha), or a palette of greys
	Orientation   int    // EXIF orientation of the file, 1 to 8; 1 (as stored) when there is none or a senseless one
}

// Identify reads the header only: it is cheap, allocates little, and its answer
// does not promise that the rest of the file is sound.
func Identify(data []byte) (Info, error) {
	f, err := sniff(data, Limits{})
	if err != nil {
		return Info{}, err
	}
	h, err := f.header(data)
	if err != nil {
		return Info{}, f.fault(err)
	}
	return h.info(f), nil
}

// Cost returns the memory in bytes that Decode would hold at its peak, as
// computed from the header: what to acquire of a Budget first. It errs where Decode
// would err before decoding.
func Cost(data []byte, lim Limits) (int64, error) {
	f, err := sniff(data, lim)
	if err != nil {
		return 0, err
	}
	h, err := f.header(data)
	if err == nil {
		err = h.check(data, lim.orDefault())
	}
	if err != nil {
		return 0, f.fault(err)
	}
	return h.peak(), nil
}

// Decode returns the picture in data, turned upright by its EXIF orientation,
// with transparent parts laid over white, as one of three types whose bounds
// begin at (0, 0):
//
//	*image.Gray   exactly when Info.Gray
//	*image.YCbCr  what JPEG and lossy WebP hold, JFIF full range (BT.601)
//	*image.NRGBA  the rest, 8 bits a channel, every alpha 255
//
// Of an animation it returns the first frame. Bytes after the end of the
// picture are ignored: telephones put a film there. A file that ends early is
// an error that says "truncated", and no half picture is returned; a JPEG that
// lacks nothing but its end marker is whole.
func Decode(data []byte, lim Limits) (image.Image, Info, error) {
	f, err := sniff(data, lim)
	if err != nil {
		return nil, Info{}, err
	}
	img, info, err := f.read(data, lim.orDefault())
	if err != nil {
		return nil, Info{}, f.fault(err)
	}
	return img, info, nil
}

// read decodes data, which is of format f. It is the only place where a decoder
// runs, and so where limits are checked and panics caught.
func (f *format) read(data []byte, lim Limits) (img image.Image, info Info, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, info, err = nil, Info{}, fmt.Errorf("the decoder gave up: %v", r)
		}
	}()
	h, err := f.header(data)
	if err != nil {
		return nil, Info{}, err
	}
	if err := h.check(data, lim); err != nil {
		return nil, Info{}, err
	}
	// The decoder must have read the same size in the header, or the limits
	// were checked for another picture than the one that it would decode.
	cfg, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, Info{}, err
	}
	if cfg.Width != h.w || cfg.Height != h.h {
		return nil, Info{}, fmt.Errorf("two sizes in one header: %d×%d and %d×%d", cfg.Width, cfg.Height, h.w, h.h)
	}
	var halt error // kept, because not every decoder passes errors on as they are
	src := source{data: data}
	if lim.Stop != nil {
		src.stop = func() error {
			if halt == nil {
				halt = lim.Stop()
			}
			return halt
		}
	}
	raw, err := f.decode(src)
	if err != nil && halt != nil {
		return nil, Info{}, stopped{halt}
	}
	if err != nil {
		return nil, Info{}, err
	}
	if b := raw.Bounds(); b.Dx() != h.w || b.Dy() != h.h {
		return nil, Info{}, fmt.Errorf("decoded to %d×%d, the header says %d×%d", b.Dx(), b.Dy(), h.w, h.h)
	}
	img, err = upright(raw, h.gray, h.orientation)
	if err != nil {
		return nil, Info{}, err
	}
	return img, h.info(f), nil
}

// A source is a file's bytes for a decoder.
type source struct {
	data []byte
	stop func() error // Limits.Stop
}

// reader returns the bytes as a stream that errs as soon as stop does.
func (s source) reader() io.Reader {
	if s.stop == nil {
		return bytes.NewReader(s.data)
	}
	return &stoppable{bytes.NewReader(s.data), s.stop}
}

// stoppable has no more methods than these: a decoder would use others unasked.
type stoppable struct {
	r    *bytes.Reader
	stop func() error
}

// Read gives a decoder a little at a time, so that it asks often: the smallest files
// can take the longest.
func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.stop(); err != nil {
		return 0, err
	}
	return s.r.Read(p[:min(len(p), 512)])
}

// ReadAt is what TIFF is read by.
func (s *stoppable) ReadAt(p []byte, off int64) (int, error) {
	if err := s.stop(); err != nil {
		return 0, err
	}
	return s.r.ReadAt(p, off)
}

// stopped is the error of Limits.Stop.
type stopped struct{ error }

// A header is what a format's first bytes say about the rest.
type header struct {
	w, h        int   // as stored, before orientation
	gray        bool  // see Info.Gray
	orientation int   // 1 to 8
	cost        int64 // bytes that the decoder holds at its peak; may overflow where a side is over maxSide
	copied      bool  // upright cannot use the decoder's pixels where they lie
	least       int64 // a whole file of this size has at least so many bytes; 0 where no such bound is known
}

func (h header) info(f *format) Info {
	w, hh := h.w, h.h
	if h.orientation >= 5 { // these four lie on their side
		w, hh = hh, w
	}
	return Info{Format: f.name, Width: w, Height: hh, Gray: h.gray, Orientation: h.orientation}
}

// check compares what decoding would take with the limits. Sides come first:
// while they are within maxSide, no product overflows.
func (h header) check(data []byte, lim Limits) error {
	if n := int64(len(data)); n > lim.FileBytes {
		return tooLarge("%d bytes, the limit is %d", n, lim.FileBytes)
	}
	if err := h.checkSides(lim); err != nil {
		return err
	}
	if cost := h.peak(); cost > lim.DecodedBytes {
		return tooLarge("%d×%d pixels take %d MiB to decode, the limit is %d MiB", h.w, h.h, cost>>20, lim.DecodedBytes>>20)
	}
	if int64(len(data)) < h.least {
		return errTruncated
	}
	return nil
}

func (h header) checkSides(lim Limits) error {
	if h.w < 1 || h.h < 1 {
		return fmt.Errorf("%d×%d pixels", h.w, h.h)
	}
	if h.w > maxSide || h.h > maxSide || int64(h.w)*int64(h.h) > lim.Pixels {
		return tooLarge("%d×%d pixels, the limit is %d and %d a side", h.w, h.h, lim.Pixels, maxSide)
	}
	return nil
}

// peak is the memory that Decode holds at most, in bytes; sides are within maxSide.
func (h header) peak() int64 {
	pixels := int64(h.w) * int64(h.h)
	switch {
	case !h.copied && h.orientation == 1:
		return h.cost
	case h.gray:
		return h.cost + pixels
	}
	return h.cost + 4*pixels
}

// errTruncated is what a format's code returns for a file that ends early.
var errTruncated = errors.New("truncated")

// unsupported is a sound file that uses a feature which is not read.
type unsupported string

func (e unsupported) Error() string { return string(e) }

// overLimit is a picture that costs more than the limits allow.
type overLimit string

func (e overLimit) Error() string { return string(e) }

func tooLarge(format string, a ...any) error { return overLimit(fmt.Sprintf(format, a...)) }
