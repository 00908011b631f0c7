package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// retryable is a failure that the next attempt on the same mirror may not have.
type retryable struct {
	error
	done int64 // bytes that had arrived
}

func (r *retryable) Unwrap() error { return r.error }

// attempt is one request: it continues part where the server allows it, and
// returns nil only when part is complete and has the right sum.
func (c *Client) attempt(ctx context.Context, f File, url, part string) error {
	w, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer w.Close()
	at, err := w.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if at > f.Size { // not ours, or of another release: no use
		if at, err = restart(w); err != nil {
			return err
		}
	}
	resumed := at > 0
	if at < f.Size {
		if _, resumed, err = c.download(ctx, f, url, w, at); err != nil {
			return err
		}
	}
	if err := w.Sync(); err != nil {
		return err
	}
	if err := f.check(part); err != nil {
		if _, terr := restart(w); terr != nil {
			return terr
		}
		err = fmt.Errorf("%s: %w", url, err)
		if resumed { // the bytes from before may be to blame, not this mirror
			return &retryable{err, 0}
		}
		return err
	}
	return nil
}

// download appends to w, which holds at bytes, until it holds f.Size. It
// returns how many it holds and whether any of them are from an earlier attempt.
func (c *Client) download(ctx context.Context, f File, url string, w *os.File, at int64) (int64, bool, error) {
	limit := c.stall
	if limit == 0 {
		limit = stall
	}
	rctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// A total time limit would punish slow lines; only silence is an error.
	watch := time.AfterFunc(limit, func() { cancel(fmt.Errorf("no data for %v", limit)) })
	defer watch.Stop()

	req, err := http.NewRequestWithContext(rctx, http.MethodGet, url, nil)
	if err != nil {
		return at, false, err
	}
	// Asked for plainly, or net/http would unpack what a server calls
	// "Content-Encoding: gzip", and the sums are those of the packed files.
	req.Header.Set("Accept-Encoding", "identity")
	if at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	again := func(err error) error {
		if cause := context.Cause(rctx); cause != nil {
			err = cause // "no data for 30s" says more than "context canceled"
		}
		return &retryable{fmt.Errorf("%s: %w", url, err), at}
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return at, false, again(errors.Unwrap(err)) // a *url.Error, which repeats the URL
	}
	defer resp.Body.Close()

	switch resp.StatusCode {
	case http.StatusPartialContent:
		var from, to, total int64
		got := resp.Header.Get("Content-Range")
		if _, err := fmt.Sscanf(got, "bytes %d-%d/%d", &from, &to, &total); err != nil || from != at || total != f.Size {
			return at, false, fmt.Errorf("%s: content range %q, want bytes %d-%d/%d", url, got, at, f.Size-1, f.Size)
		}
	case http.StatusOK:
		if resp.ContentLength >= 0 && resp.ContentLength != f.Size {
			return at, false, fmt.Errorf("%s: %d bytes, want %d", url, resp.ContentLength, f.Size)
		}
		if at > 0 { // the server does not know Range
			if at, err = restart(w); err != nil {
				return at, false, err
			}
		}
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return at, false, again(errors.New(resp.Status))
	default:
		if resp.StatusCode >= 500 {
			return at, false, again(errors.New(resp.Status))
		}
		return at, false, fmt.Errorf("%s: %s", url, resp.Status)
	}

	resumed := at > 0
	c.progress(f, at)
	buf := make([]byte, 32<<10)
	for {
		n, err := resp.Body.Read(buf)
		watch.Reset(limit)
		if at+int64(n) > f.Size { // before writing: a hostile server fills no disk
			_, terr := restart(w)
			return 0, false, errors.Join(fmt.Errorf("%s: more than the %d bytes wanted", url, f.Size), terr)
		}
		if n > 0 {
			if _, err := w.WriteAt(buf[:n], at); err != nil {
				return at, resumed, err
			}
			at += int64(n)
			c.progress(f, at)
		}
		switch {
		case err == io.EOF && at == f.Size:
			return at, resumed, nil
		case err == io.EOF:
			return at, resumed, again(fmt.Errorf("ended after %d of %d bytes", at, f.Size))
		case err != nil:
			return at, resumed, again(err)
		}
	}
}

// restart empties a part file.
func restart(w *os.File) (int64, error) {
	return 0, w.Truncate(0)
}
