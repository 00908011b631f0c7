package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"squint/internal/cli"
	"squint/pkg/report"
)

func newPipeline(t *testing.T, threads int) *pipeline {
	t.Helper()
	m, err := newModel("light", "dark")
	if err != nil {
		t.Fatal(err)
	}
	return &pipeline{model: m, threads: threads, format: newFormat("text", m, 0, false, report.Palette{})}
}

// A reader that waits holds up the listing: memory is bounded however many files
// there are.
func TestSlowReaderHoldsUpTheListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipeline(t, 2)
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		listed, ended := 0, make(chan error)
		go func() {
			err := p.run(ctx, func(yield func(input) bool) error {
				for yield(input{name: fmt.Sprint(listed), err: errors.New("x")}) {
					listed++
				}
				return nil
			}, bufio.NewWriterSize(w, 100))
			ended <- err
		}()
		synctest.Wait() // until everyone waits for the reader
		// in the window, and one each in the hands of the lister, of the
		// workers and of the writer; 8 rows or so in the buffer
		most := inFlight*2 + 1 + 2 + 1 + 10
		if listed > most {
			t.Errorf("%d files listed before anything was read, want at most %d", listed, most)
		}
		before := listed
		if _, err := io.CopyN(io.Discard, r, 2000); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if listed <= before || listed > most+2000/len("64  error: x\n")+10 {
			t.Errorf("%d files listed after 2000 bytes, %d before", listed, before)
		}
		cancel()
		r.Close()
		if err := <-ended; err == nil {
			t.Error("no error after the end of the context and of the reader")
		}
	})
}

// Each row is there as soon as it is known, not when a buffer is full.
func TestRowsAreNotHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipeline(t, 3)
		var out bytes.Buffer
		next, ended := make(chan input), make(chan error)
		go func() {
			err := p.run(t.Context(), func(yield func(input) bool) error {
				for in := range next {
					yield(in)
				}
				return nil
			}, bufio.NewWriter(&out))
			ended <- err
		}()
		for i := range 5 {
			next <- input{name: "f", err: errors.New("x")}
			synctest.Wait()
			if got, want := out.String(), strings.Repeat("f  error: x\n", i+1); got != want {
				t.Errorf("after %d files: %q", i+1, got)
			}
		}
		close(next)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Ctrl-C between two rows leaves whole rows and is no success.
func TestInterrupted(t *testing.T) {
	p := newPipeline(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	b := bufio.NewWriter(&out)
	n := 0
	err := p.run(ctx, func(yield func(input) bool) error {
		for yield(input{name: "f", err: errors.New("x")}) {
			if n++; n == 50 {
				cancel()
			}
		}
		return nil
	}, b)
	b.Flush()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if rest := strings.ReplaceAll(out.String(), "f  error: x\n", ""); rest != "" || p.rows > 50+inFlight*2 {
		t.Errorf("%d rows, and %q", p.rows, rest)
	}
}

func TestErrorOfTheListEndsTheRun(t *testing.T) {
	p := newPipeline(t, 1)
	broken := errors.New("broken")
	err := p.run(t.Context(), func(func(input) bool) error { return broken }, bufio.NewWriter(io.Discard))
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// run is what main calls; a pipe that nobody reads any more ends it in silence.
func TestRunWithClosedPipe(t *testing.T) {
	path := t.TempDir() + "/m.safetensors"
	if err := writeModel(path, "light", "dark"); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	r.Close()
	var stderr bytes.Buffer
	if code := run(t.Context(), []string{"-q", "-m", path, "none.png"}, nil, w, &stderr); code != cli.BrokenPipe || stderr.Len() > 0 {
		t.Errorf("exit code %d, %q", code, &stderr)
	}
}

// Ctrl-C ends a run that waits for input, after whole rows, with 130.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	path := t.TempDir() + "/m.safetensors"
	if err := writeModel(path, "light", "dark"); err != nil {
		t.Fatal(err)
	}
	for sig, want := range map[os.Signal]int{os.Interrupt: cli.Interrupted, syscall.SIGTERM: cli.Terminated} {
		cmd := exec.Command("classify", "-q", "-m", path, "--files-from", "-") // see TestMain
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		io.WriteString(in, "none.png\n")
		row, err := bufio.NewReader(out).ReadString('\n')
		if err != nil || row != "none.png  error: no such file\n" {
			t.Errorf("first row %q, %v", row, err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Error(err)
		}
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != want || stderr.Len() > 0 {
			t.Errorf("%v: exit code %d, want %d; %q", sig, got, want, &stderr)
		}
	}
}
