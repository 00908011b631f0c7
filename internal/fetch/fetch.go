// Package fetch downloads the well-known picture sets: every file is checked
// against a pinned size and SHA-256 before it gets its name, a broken download
// continues where it stopped, and nothing that exists is overwritten.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	attempts = 4                // on one mirror without getting further
	stride   = 64 << 10         // bytes that count as getting further
	stall    = 30 * time.Second // without a byte before an attempt is given up
	backoff  = 500 * time.Millisecond
)

// Client downloads sets. The zero value is ready to use. A Client is safe for
// concurrent use, but one directory is for one Fetch at a time.
type Client struct {
	HTTP    *http.Client // nil: http.DefaultClient
	BaseURL string       // where not empty, asked instead of the set's mirrors: a private mirror

	// Progress, where not nil, is called as bytes arrive, from the goroutine of
	// Fetch; done starts where a resumed file stood, falls back to 0 when a
	// server makes it start over, and is total for a file that was there already.
	Progress func(file string, done, total int64)

	pause func(context.Context, time.Duration) error // nil: wait; tests do not
	stall time.Duration                              // 0: the constant
}

// Fetch brings every file of set into dir, which it makes where needed. What
// has arrived of a file waits in NAME.part; after an error or a cancelled ctx
// the next Fetch continues from there. A file that is there with the right
// content is left alone; one with other content is an error.
func (c *Client) Fetch(ctx context.Context, set Set, dir string) error {
	mirrors := set.Mirrors
	if c.BaseURL != "" {
		mirrors = []string{c.BaseURL}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	for _, f := range set.Files {
		if filepath.Base(f.Name) != f.Name { // it is about to become part of a path
			return fmt.Errorf("fetch: %s: %q is not a plain file name", set.Name, f.Name)
		}
		if err := c.file(ctx, f, mirrors, dir); err != nil {
			return fmt.Errorf("fetch: %s: %w", f.Name, err)
		}
	}
	return nil
}

// file brings one file: already there, or mirror after mirror until one has it.
func (c *Client) file(ctx context.Context, f File, mirrors []string, dir string) error {
	name := filepath.Join(dir, f.Name)
	switch err := f.check(name); {
	case err == nil:
		c.progress(f, f.Size)
		return nil
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%q exists and is not overwritten: %w", name, err)
	}
	failed := errors.New("no mirror has it")
	for _, m := range mirrors {
		err := c.mirror(ctx, f, m, name+".part")
		if err == nil {
			return place(name+".part", name)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w; what has arrived is kept in %q", context.Cause(ctx), name+".part")
		}
		var local *os.PathError
		if errors.As(err, &local) {
			return err // our disk, not their server: another mirror would not help
		}
		failed = fmt.Errorf("%w; %w", failed, err)
	}
	return failed
}

// mirror downloads f from one mirror into part and checks it, with a bounded
// number of attempts: one that gets further than any before is not counted.
func (c *Client) mirror(ctx context.Context, f File, mirror, part string) error {
	var furthest int64
	for failures := 0; ; {
		err := c.attempt(ctx, f, strings.TrimSuffix(mirror, "/")+"/"+f.Name, part)
		var again *retryable
		if err == nil || ctx.Err() != nil || !errors.As(err, &again) {
			return err
		}
		if again.done >= furthest+stride {
			furthest, failures = again.done, 0
		}
		if failures++; failures == attempts {
			return fmt.Errorf("%w (gave up after %d attempts)", err, attempts)
		}
		pause := c.pause
		if pause == nil {
			pause = wait
		}
		if err := pause(ctx, backoff<<(failures-1)); err != nil {
			return err
		}
	}
}

func (c *Client) progress(f File, done int64) {
	if c.Progress != nil {
		c.Progress(f.Name, done, f.Size)
	}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
