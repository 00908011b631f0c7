package dataset

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"squint/internal/safefile"
	"squint/pkg/imageio"
)

// cache keeps what was decoded, records and prepared pixels, for the next run
// on the same folder with the same Prep. What it answers is what decoding would
// have answered.
//
// It is a folder of segments: files of some megabytes, each written once and
// whole, and holding one entry for each of some pictures (see entry). A
// segment's name begins with what its entries depend on, so nothing else is ever
// opened: the dataset's place, and everything that shapes the bytes. An entry
// counts while the file has the length, the time of change and the inode that it had
// before it was read. Pictures that are new or changed are decoded and get a
// segment of their own; when most of what is kept has gone out of date, all is written anew.
//
// A segment that is damaged is as good as none. Nothing has to be in the cache,
// and anybody may delete any of it at any time.
type cache struct {
	dir    string // "" keeps nothing
	prefix string
	items  []Item
	size   int      // bytes of pixels in an entry; 0 keeps records only
	memory int64    // Options.Memory
	stats  []stat   // [item] when it was looked at
	total  int64    // bytes of the items' files
	stale  int64    // entries of items that have changed
	old    []string // segments there are
}

const (
	cacheMagic   = "squint cache 1\n" // the number changes with the layout of a segment
	cacheSuffix  = ".cache"
	segmentBytes = 32 << 20
	mostCache    = 4 << 30 // bytes of all segments of all datasets but the one in use
)

// stat tells a file apart from another that takes its name.
type stat struct {
	Size, Time int64
	Inode      uint64 // 0 where the system has none
}

func statOf(path string) (stat, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stat{}, err
	}
	return stat{info.Size(), info.ModTime().UnixNano(), inode(info)}, nil
}

// openCache prepares the cache for the items of s. Where there is none to use
// it keeps nothing: IDX files hold their pixels as they are.
func openCache(s *Source, opt *Options, size int) *cache {
	c := &cache{items: s.Items, size: size, memory: opt.Memory}
	root, err := filepath.Abs(s.Root)
	if err != nil || opt.Cache == "" || s.Kind == "idx" || s.Kind == "npz" {
		return c
	}
	what, err := fingerprint(opt, size)
	if err != nil {
		return c // Prep and Limits would not do for the pictures either
	}
	id := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:8])
	}
	c.dir, c.prefix = opt.Cache, id(root)+"-"+id(what)+"-"
	return c
}

// fingerprint returns everything that entries depend on beside their files. So
// that nobody has to remember to count versions, it includes what becomes of
// two pictures: whoever changes a decoder, the resampler, KeyOf or look gets
// another fingerprint.
func fingerprint(opt *Options, size int) (string, error) {
	prep := opt.Prep
	prep.Mean, prep.Std, prep.Views = nil, nil, "" // which do not shape the bytes
	if size == 0 {
		prep = imageio.Prep{}
	}
	settings, err := json.Marshal([]any{opt.Limits, prep})
	if err != nil {
		return "", err
	}
	b := append([]byte(cacheMagic+runtime.Version()), settings...)

	noise := image.NewNRGBA(image.Rect(0, 0, 67, 45)) // odd, so that all borders are cut
	x := uint32(1)
	for i := range noise.Pix {
		x = x*1664525 + 1013904223 // Numerical Recipes, section 7.1
		noise.Pix[i] = uint8(x >> 24)
	}
	var asPNG, asJPEG bytes.Buffer
	if err := cmp.Or(png.Encode(&asPNG, noise), jpeg.Encode(&asJPEG, noise, nil)); err != nil {
		return "", err
	}
	for _, file := range [][]byte{asPNG.Bytes(), asJPEG.Bytes()} {
		img, info, err := imageio.Decode(file, imageio.Limits{})
		if err != nil {
			return "", err
		}
		e := entry{record: record{KeyOf(img), lookAt(img), info}, pixels: make([]uint8, size)}
		if size > 0 {
			err = prep.Bytes(e.pixels, img)
		}
		if err != nil {
			return "", err
		}
		b = e.append(b)
	}
	return string(b), nil
}

// fill copies what the cache holds into records and pixels, and answers which
// items it held. The error is ctx's.
func (c *cache) fill(ctx context.Context, threads int, records []record, pixels []uint8) (known []bool, err error) {
	known = make([]bool, len(c.items))
	if c.dir == "" {
		return known, nil
	}
	c.stats = make([]stat, len(c.items))
	missing, err := parallel(ctx, threads, len(c.items), func(i int) (err error) {
		c.stats[i], err = statOf(c.items[i].path)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(c.items))
	for i, it := range c.items {
		if missing[i] == nil {
			at[it.File] = i
			c.total += c.stats[i].Size
		}
	}
	// Nobody expects more to be kept of pictures than they take themselves.
	if int64(len(c.items))*int64(c.size) > max(mostCache/2, c.total) {
		c.dir = ""
		return known, nil
	}

	// A folder that is not there, or cannot be read, holds nothing.
	all, _ := os.ReadDir(c.dir)
	for _, e := range all {
		if name := e.Name(); strings.HasPrefix(name, c.prefix) && strings.HasSuffix(name, cacheSuffix) {
			c.old = append(c.old, filepath.Join(c.dir, name))
		}
	}
	taken := make([]atomic.Bool, len(c.items))
	var stale atomic.Int64
	damaged, err := parallel(ctx, c.readers(threads), len(c.old), func(i int) error {
		entries, err := readSegment(c.old[i])
		for err == nil && len(entries) > 0 {
			var e entry
			if e, entries, err = cutEntry(entries, c.size); err != nil {
				break
			}
			i, ok := at[e.file]
			if !ok { // of another part or manifest of the same dataset, or gone
				continue
			}
			if e.stat != c.stats[i] || taken[i].Swap(true) {
				stale.Add(1)
				continue
			}
			records[i] = e.record
			copy(pixels[i*c.size:(i+1)*c.size], e.pixels)
		}
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	for i, err := range damaged {
		if err != nil {
			os.Remove(c.old[i]) // or it would be read, in vain, every time
		}
	}
	for i := range known {
		known[i] = taken[i].Load()
	}
	c.stale = stale.Load()
	return known, nil
}

// readers is how many segments are in memory at a time.
func (c *cache) readers(threads int) int {
	if c.memory > 0 {
		return int(max(1, min(int64(cmp.Or(threads, runtime.GOMAXPROCS(0))), c.memory/4/segmentBytes)))
	}
	return threads
}

// keep adds what fill did not know. An error leaves the cache as sound as it
// was.
func (c *cache) keep(records []record, pixels []uint8, known []bool, errs []error) error {
	if c.dir == "" {
		return nil
	}
	var fresh, usable []int
	for i := range c.items {
		if errs[i] != nil || c.stats[i] == (stat{}) || len(c.items[i].File) > math.MaxUint16 {
			continue
		}
		usable = append(usable, i)
		if !known[i] {
			fresh = append(fresh, i)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	anew := int(c.stale) > len(usable)-len(fresh)
	if anew {
		fresh = usable
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	written := map[string]bool{}
	segment := []byte(cacheMagic)
	for k, i := range fresh {
		e := entry{c.items[i].File, c.stats[i], records[i], pixels[i*c.size : (i+1)*c.size]}
		segment = e.append(segment)
		if len(segment) < segmentBytes && k < len(fresh)-1 {
			continue
		}
		sum := crc32.Checksum(segment, castagnoli)
		segment = binary.BigEndian.AppendUint32(segment, sum)
		path := filepath.Join(c.dir, fmt.Sprintf("%s%08x-%x%s", c.prefix, sum, len(segment), cacheSuffix))
		if err := safefile.Create(path, segment); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		written[path] = true
		segment = append(segment[:0], cacheMagic...)
	}
	if anew {
		for _, path := range c.old {
			if !written[path] {
				os.Remove(path)
			}
		}
	}
	return evict(c.dir, mostCache+max(mostCache/2, c.total))
}

// evict removes the oldest segments until the rest has at most most bytes.
func evict(dir string, most int64) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var segments []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), cacheSuffix) {
			segments = append(segments, info)
			most -= info.Size()
		}
	}
	slices.SortFunc(segments, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, s := range segments {
		if most >= 0 {
			break
		}
		if err := os.Remove(filepath.Join(dir, s.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		most += s.Size()
	}
	return nil
}
