package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// body is what the file of every test holds: several strides long, so that an
// attempt can get further without getting to the end.
var body = func() []byte {
	b := make([]byte, 5*stride+123)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}()

func setOf(content []byte, mirrors ...string) Set {
	sum := sha256.Sum256(content)
	return Set{Name: "test", Mirrors: mirrors,
		Files: []File{{Name: "pictures.gz", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}}}
}

// client waits for nothing and counts its pauses.
func client(pauses *int) *Client {
	return &Client{pause: func(ctx context.Context, _ time.Duration) error {
		if pauses != nil {
			*pauses++
		}
		return ctx.Err()
	}}
}

// serve starts a mirror. Its handler gets the number of the request, from 1.
func serve(t *testing.T, h func(w http.ResponseWriter, r *http.Request, n int)) (url string, requests *atomic.Int64) {
	requests = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, r, int(requests.Add(1)))
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

// full answers as a file server does, Range included.
func full(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "pictures.gz", time.Time{}, bytes.NewReader(body))
}

// cut sends the head of a good answer from offset `from` on, and drops the connection.
func cut(w http.ResponseWriter, from, n int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(body)-from))
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
		w.WriteHeader(http.StatusPartialContent)
	}
	w.Write(body[from : from+n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func offset(r *http.Request) (from int) {
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	return from
}

func wantFile(t *testing.T, dir string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, "pictures.gz"))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("pictures.gz: %d bytes, error %v; want the %d of the mirror", len(got), err, len(want))
	}
	if _, err := os.Stat(filepath.Join(dir, "pictures.gz.part")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("pictures.gz.part is left behind: %v", err)
	}
}

func wantError(t *testing.T, dir string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "pictures.gz")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("pictures.gz exists after an error: %v", err)
	}
}

func TestWhole(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path != "/data/pictures.gz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		full(w, r)
	})
	dir := filepath.Join(t.TempDir(), "new", "folder")
	c, last := client(nil), int64(-1)
	c.BaseURL = url + "/data/"
	c.Progress = func(file string, done, total int64) {
		if file != "pictures.gz" || total != int64(len(body)) || done < last {
			t.Errorf("progress %s %d of %d after %d", file, done, total, last)
		}
		last = done
	}
	if err := c.Fetch(t.Context(), setOf(body, "http://unused.invalid"), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
	if last != int64(len(body)) {
		t.Errorf("progress ended at %d of %d", last, len(body))
	}
	if err := c.Fetch(t.Context(), setOf(body), dir); err != nil { // already there
		t.Fatal(err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1: the second Fetch had nothing to do", n)
	}
}

func TestResumesAfterCut(t *testing.T) {
	const first = 2*stride + 7
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		switch n {
		case 1:
			cut(w, 0, first)
		default:
			if offset(r) != first {
				t.Errorf("request %d: range %q, want from %d", n, r.Header.Get("Range"), first)
			}
			full(w, r)
		}
	})
	dir := t.TempDir()
	if err := client(nil).Fetch(t.Context(), setOf(body, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
}

// A line that is cut every stride still gets there, though it is cut more often
// than there are attempts.
func TestProgressIsNotAFailure(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if from := offset(r); from+stride < len(body) {
			cut(w, from, stride)
		}
		full(w, r)
	})
	dir := t.TempDir()
	if err := client(nil).Fetch(t.Context(), setOf(body, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
	if n := requests.Load(); n <= attempts {
		t.Fatalf("%d requests: the test proves nothing unless they are more than %d", n, attempts)
	}
}

// A server that ignores Range and cuts at the same place forever gets nowhere,
// and must not be asked forever.
func TestNoRangeCutForever(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { cut(w, 0, 2*stride) })
	dir := t.TempDir()
	err := client(nil).Fetch(t.Context(), setOf(body, url), dir)
	wantError(t, dir, err, url, "gave up after 4 attempts")
	if n := requests.Load(); n > 2*attempts {
		t.Errorf("%d requests", n)
	}
}

func TestServerWithoutRange(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			cut(w, 0, stride)
		}
		w.Write(body)
	})
	dir := t.TempDir()
	if err := client(nil).Fetch(t.Context(), setOf(body, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
}

func TestWrongHash(t *testing.T) {
	bad := bytes.Clone(body)
	bad[100] ^= 1
	url, requests := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.Write(bad) })
	dir := t.TempDir()
	set := setOf(body, url)
	err := client(nil).Fetch(t.Context(), set, dir)
	wantError(t, dir, err, "pictures.gz", "SHA-256", set.Files[0].SHA256)
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests, want 1: asking again brings the same bytes", n)
	}

	good, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { full(w, r) })
	if err := client(nil).Fetch(t.Context(), setOf(body, url, good), dir); err != nil {
		t.Fatal("the next mirror has it:", err)
	}
	wantFile(t, dir, body)
}

// A part file with wrong bytes must not spoil a good mirror.
func TestSpoiltPart(t *testing.T) {
	for name, size := range map[string]int{"short": 999, "whole": len(body), "long": len(body) + 10} {
		url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { full(w, r) })
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "pictures.gz.part"), make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := client(nil).Fetch(t.Context(), setOf(body, url), dir); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantFile(t, dir, body)
	}
}

func TestTooLong(t *testing.T) {
	declared, _ := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
		w.Write(body)
		w.Write([]byte{0})
	})
	endless, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		for r.Context().Err() == nil { // chunked: no length to judge by
			if _, err := w.Write(body); err != nil {
				return
			}
		}
	})
	for url, want := range map[string]string{
		declared: fmt.Sprintf("%d bytes, want %d", len(body)+1, len(body)),
		endless:  fmt.Sprintf("more than the %d bytes wanted", len(body)),
	} {
		dir := t.TempDir()
		most := int64(0)
		c := client(nil)
		c.Progress = func(_ string, done, _ int64) { most = max(most, done) }
		wantError(t, dir, c.Fetch(t.Context(), setOf(body, url), dir), want)
		if most > int64(len(body)) {
			t.Errorf("wrote %d bytes of %d", most, len(body))
		}
	}
}

func TestNextMirrorAfter404(t *testing.T) {
	gone, asked := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { http.NotFound(w, r) })
	good, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { full(w, r) })
	dir, pauses := t.TempDir(), 0
	if err := client(&pauses).Fetch(t.Context(), setOf(body, gone, good), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
	if asked.Load() != 1 || pauses != 0 {
		t.Errorf("a 404 was asked %d times with %d pauses, want once and none", asked.Load(), pauses)
	}

	dir = t.TempDir()
	err := client(nil).Fetch(t.Context(), setOf(body, gone, gone+"/other"), dir)
	wantError(t, dir, err, gone+"/pictures.gz: 404", gone+"/other/pictures.gz: 404")
}

func TestUnavailableThenOK(t *testing.T) {
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests} {
		url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if n < attempts {
				w.WriteHeader(status)
				return
			}
			full(w, r)
		})
		dir, pauses := t.TempDir(), 0
		if err := client(&pauses).Fetch(t.Context(), setOf(body, url), dir); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, body)
		if pauses != attempts-1 {
			t.Errorf("%d pauses, want %d", pauses, attempts-1)
		}
	}
	down, requests := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusBadGateway) })
	dir := t.TempDir()
	wantError(t, dir, client(nil).Fetch(t.Context(), setOf(body, down), dir), "502 Bad Gateway")
	if n := requests.Load(); n != attempts {
		t.Errorf("%d requests, want %d", n, attempts)
	}
}

// A server that falls silent is given up, and the next attempt goes on.
func TestStall(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if n > 1 {
			full(w, r)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.Write(body[:stride])
		w.(http.Flusher).Flush()
		<-r.Context().Done() // until the client hangs up
	})
	dir, c := t.TempDir(), client(nil)
	c.stall = 100 * time.Millisecond
	if err := c.Fetch(t.Context(), setOf(body, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
}

func TestCancelKeepsPart(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if n > 1 {
			if offset(r) == 0 {
				t.Error("the second Fetch started over")
			}
			full(w, r)
			return
		}
		w.Write(body[:2*stride])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	dir, c := t.TempDir(), client(nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c.Progress = func(_ string, done, _ int64) {
		if done >= stride {
			cancel()
		}
	}
	err := c.Fetch(ctx, setOf(body, url), dir)
	wantError(t, dir, err, "pictures.gz.part")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %q is not context.Canceled", err)
	}
	if err := client(nil).Fetch(t.Context(), setOf(body, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, body)
}

func TestNeverOverwrites(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { full(w, r) })
	flipped := bytes.Clone(body)
	flipped[0] ^= 1
	for _, other := range [][]byte{[]byte("my own notes"), flipped, {}} {
		dir := t.TempDir()
		name := filepath.Join(dir, "pictures.gz")
		if err := os.WriteFile(name, other, 0o644); err != nil {
			t.Fatal(err)
		}
		err := client(nil).Fetch(t.Context(), setOf(body, url), dir)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
		if got, _ := os.ReadFile(name); !bytes.Equal(got, other) {
			t.Error("the file was changed")
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests, want none", n)
	}
}

func TestPlainNamesOnly(t *testing.T) {
	set := setOf(body)
	set.Files[0].Name = "../pictures.gz"
	if err := client(nil).Fetch(t.Context(), set, t.TempDir()); err == nil {
		t.Error("a name that leaves the folder was accepted")
	}
}

// Servers label .gz files as content encoding; the packed bytes are wanted.
func TestContentEncodingIsNotUnpacked(t *testing.T) {
	packed := append([]byte{0x1f, 0x8b, 8}, body...)
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Encoding", "gzip")
		io.Copy(w, bytes.NewReader(packed))
	})
	dir := t.TempDir()
	if err := client(nil).Fetch(t.Context(), setOf(packed, url), dir); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dir, packed)
}
