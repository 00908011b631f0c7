package imageio

import (
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestLoaderBounds: however many goroutines decode, their pictures and files together
// never cost more than the memory allowed.
func TestLoaderBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	data := encode(t, "png", scene(100, 100))
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	cost, err := Cost(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	const together = 3
	memory := 4 * max((together*cost+2)/3, 2*int64(len(data)))
	fits := (memory - memory/4) / cost
	l := NewLoader(Limits{}, memory)
	var now, most atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			err := l.File(t.Context(), path, func(img image.Image, info Info) error {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				if info.Format != "png" || img.Bounds().Dx() != 100 {
					t.Errorf("%+v", info)
				}
				now.Add(-1)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() > fits {
		t.Errorf("%d pictures at a time, memory is for %d", most.Load(), fits)
	}
	if l.files.used != 0 || l.pixels.used != 0 {
		t.Errorf("%d and %d bytes never given back", l.files.used, l.pixels.used)
	}
}

// TestLoaderRefuses what would never fit, and gives back what a failure had.
func TestLoaderRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"large.png":     encode(t, "png", scene(300, 300)),
		"long.png":      append(encode(t, "png", scene(3, 3)), make([]byte, 300000)...),
		"truncated.png": encode(t, "png", scene(99, 99))[:500],
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	l := NewLoader(Limits{}, 400000)
	use := func(image.Image, Info) error { return errors.New("used") }
	for name, want := range map[string]string{
		"large.png": "PNG too large: 300×300 pixels take", "long.png": "bytes, the limit is 100000", "truncated.png": "truncated PNG",
		"none.png": "no such file", "": "a folder",
	} {
		if err := l.File(t.Context(), filepath.Join(dir, name), use); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want …%s…", name, err, want)
		}
	}
	if err := l.Data(t.Context(), encode(t, "png", scene(3, 3)), use); err == nil || err.Error() != "used" {
		t.Errorf("use's error becomes %v", err)
	}
	if l.files.used != 0 || l.pixels.used != 0 {
		t.Errorf("%d and %d bytes never given back", l.files.used, l.pixels.used)
	}
}

// TestLoaderStops amidst a picture, when its time is over or nobody waits for it any more.
func TestLoaderStops(t *testing.T) {
	bomb := flatJPEG{w: 300, h: 300, sampling: []byte{0x11}, frame: jpegSOF2, scans: maxScans - 1}.bytes()
	use := func(image.Image, Info) error { return nil }
	l := NewLoader(Limits{}, 0)
	if err := l.Data(t.Context(), bomb, use); err != nil {
		t.Fatalf("at leisure: %v", err)
	}
	late := errors.New("too late")
	begun := 0
	l.Watch = func() func() error {
		begun++
		asked := 0
		return func() error {
			if asked++; asked > 3 {
				return late
			}
			return nil
		}
	}
	for range 2 { // each picture has a watch of its own
		if err := l.Data(t.Context(), bomb, use); !errors.Is(err, late) || !strings.HasPrefix(err.Error(), "JPEG not decoded to its end") {
			t.Errorf("%v, want %v", err, late)
		}
	}
	if begun != 2 {
		t.Errorf("%d watches for 2 pictures", begun)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l.Watch = func() func() error {
		cancel()
		return func() error { return nil }
	}
	if err := l.Data(ctx, bomb, use); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}
