package tfevents

import (
	"bytes"
	"encoding/hex"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// golden is what TensorBoard's own RecordWriter (tensorboard 2.20.0) writes
// for the same events; testdata/make_golden.py made it, and reads this package's
// files with TensorBoard's reader.
const golden = "1800000000000000a37f4b22090000000000448f401a0d627261696e2e4576656e743a32aba3334536000000000000004f578cef0900000000004c8f4010ac022a280a110a0a6c6f73732f747261696e150000803e0a130a0c61636375726163792f76616c156666663f7ade8c65"

var begin = time.Unix(1000, 500_000_000)

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	w, err := New(&b, begin)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(begin.Add(time.Second), 300, Scalar{"loss/train", 0.25}, Scalar{"accuracy/val", 0.9}); err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(b.Bytes()); got != golden {
		t.Errorf("got\n%s, want\n%s", got, golden)
	}
}

func TestCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		w, f, err := Create(dir, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Add(time.Now(), 1, Scalar{"x", 1}); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*")); len(files) != 2 {
		t.Errorf("files %v, want two", files)
	}
	if _, _, err := Create(filepath.Join(dir, "\x00"), time.Now()); err == nil {
		t.Error("a folder with an impossible name was made")
	}
}

func TestWriteErrors(t *testing.T) {
	full := errors.New("full")
	w := writerFunc(func([]byte) (int, error) { return 0, full })
	if _, err := New(w, begin); !errors.Is(err, full) {
		t.Errorf("New: %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
