package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Pictures that arrive in a watched folder, and in new folders below it, are moved
// once nothing changes them any more, all under one journal.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	model, in, out := filepath.Join(dir, "m.safetensors"), filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := writeModel(model, "light", "dark"); err != nil {
		t.Fatal(err)
	}
	put := func(name string, level int) {
		t.Helper()
		path := filepath.Join(in, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		var ts *testscript.TestScript // only for errors, of which there are none
		if err := os.WriteFile(path, grayFile(ts, name, level), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	arrives := func(name string) {
		t.Helper()
		for range 1000 { // generous: nothing here depends on how long it takes
			if _, err := os.Stat(filepath.Join(out, name)); err == nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatalf("%s never arrives", name)
	}
	put("first.png", 255)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int)
	var stderr bytes.Buffer
	go func() {
		args := []string{"sort", in, out, "-m", model, "--apply", "--move", "--watch", "--settle", "100ms"}
		ended <- run(ctx, args, strings.NewReader(""), &bytes.Buffer{}, &stderr)
	}()
	arrives("light/first.png")
	put("second.png", 0)
	arrives("dark/second.png")
	put("new/deep/third.png", 255)
	arrives("light/third.png")
	put("first.png", 0) // the name again, with another picture
	arrives("dark/first.png")
	cancel()
	<-ended
	if !strings.Contains(stderr.String(), "4 files: 4 moved") {
		t.Errorf("said %s", &stderr)
	}
	if code := run(t.Context(), []string{"undo", out}, nil, &bytes.Buffer{}, &stderr); code != 4 { // two came under one name
		t.Errorf("undo: %d, %s", code, &stderr)
	}
	for _, name := range []string{"in/first.png", "in/second.png", "in/new/deep/third.png", "out/light/first.png"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
