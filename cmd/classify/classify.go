package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"sync"

	"squint/internal/cli"
	"squint/pkg/imageio"
	"squint/pkg/model"
)

// pipeline classifies inputs on several threads and writes their rows in the
// order of the inputs. What is in flight is bounded: a writer that waits holds
// up everything before it.
type pipeline struct {
	model    *model.Model
	stdin    io.Reader // bytes of the input "-"
	threads  int
	format   format
	progress *cli.Progress

	rows int // written
	huge sync.Mutex
}

// inFlight rows per thread let the others go on while one picture takes long.
const inFlight = 32

// hugePixels is from where on pictures are decoded one at a time, for each may
// take a gigabyte.
const hugePixels = 50_000_000

// job is an input on its way to a row.
type job struct {
	in   input
	done chan struct{} // closed when the rest is set
	row  bytes.Buffer
	bad  bool  // an error row
	err  error // what ends the whole run
}

// run classifies all that each lists and returns the number of error rows.
func (p *pipeline) run(ctx context.Context, each func(func(input) bool) error, out *bufio.Writer) (failed int, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	queue := make(chan *job)                     // to the workers
	order := make(chan *job, inFlight*p.threads) // to the writer
	var listErr error
	go func() {
		defer close(order)
		defer close(queue)
		listErr = each(func(in input) bool {
			j := &job{in: in, done: make(chan struct{})}
			return send(ctx, order, j) && send(ctx, queue, j)
		})
	}()
	for range p.threads {
		go p.work(queue)
	}

	out.WriteString(p.format.open) // out keeps an error until the next Flush
	for {
		j, more, err := receive(ctx, order, out)
		if err != nil {
			return failed, err
		}
		if !more {
			break
		}
		if _, _, err := receive(ctx, j.done, out); err != nil {
			return failed, err
		}
		if j.err != nil {
			return failed, j.err
		}
		if p.rows > 0 {
			out.WriteString(p.format.sep)
		}
		j.row.WriteString(p.format.end)
		if _, err := out.Write(j.row.Bytes()); err != nil {
			return failed, err
		}
		p.rows++
		if j.bad {
			failed++
		}
		p.progress.Add(1)
	}
	if err := cmp.Or(listErr, ctx.Err()); err != nil {
		return failed, err
	}
	_, err = out.WriteString(p.format.close)
	return failed, err
}

// send tells whether anybody still wanted j.
func send(ctx context.Context, to chan<- *job, j *job) bool {
	select {
	case to <- j:
		return true
	case <-ctx.Done():
		return false
	}
}

// receive is v, more := <-from, until ctx ends. Before it waits, it lets the
// reader of out have all rows so far.
func receive[T any](ctx context.Context, from <-chan T, out *bufio.Writer) (v T, more bool, err error) {
	if err := ctx.Err(); err != nil {
		return v, false, err
	}
	select {
	case v, more = <-from:
		return v, more, nil
	default:
	}
	if err := out.Flush(); err != nil {
		return v, false, err
	}
	select {
	case v, more = <-from:
		return v, more, nil
	case <-ctx.Done():
		return v, false, ctx.Err()
	}
}

// work is one thread.
func (p *pipeline) work(queue <-chan *job) {
	w := worker{pipeline: p}
	for j := range queue {
		w.answer(j)
		close(j.done)
	}
}

// worker has what a thread needs for itself. Pictures are classified one at a
// time: then no answer can depend on the pictures around it.
type worker struct {
	*pipeline
	classifier *model.Classifier // from the first picture on
	pixels     []uint8           // H×W×C of one picture
	probs      []float32         // of each class
}

func (w *worker) answer(j *job) {
	if w.classifier == nil {
		c, err := w.model.NewClassifier(1)
		if err != nil {
			j.err = err
			return
		}
		w.classifier = c
		w.pixels = make([]uint8, w.model.Prep.Size.Size())
		w.probs = make([]float32, len(w.model.Classes))
	}
	err := w.classify(j.in)
	if err != nil {
		j.bad, err = true, reason(err)
	}
	w.format.row(&j.row, j.in.name, w.probs, err)
}

// classify sets w.probs.
func (w *worker) classify(in input) (err error) {
	defer func() {
		if r := recover(); r != nil { // one bad file does not end a run over a million
			err = fmt.Errorf("internal error, please report it: %v", r)
		}
	}()
	if in.err != nil {
		return in.err
	}
	var data []byte
	if in.stdin {
		data, err = imageio.ReadAll(w.stdin, imageio.Limits{})
	} else {
		data, err = imageio.ReadFile(in.name, imageio.Limits{})
	}
	if err != nil {
		return err
	}
	if err := w.prepare(data); err != nil {
		return err
	}
	w.classifier.Probs(w.probs, w.pixels, 1)
	return nil
}

// prepare sets w.pixels.
func (w *worker) prepare(data []byte) error {
	if info, err := imageio.Identify(data); err == nil && info.Width*info.Height > hugePixels {
		w.huge.Lock()
		defer w.huge.Unlock()
	}
	img, _, err := imageio.Decode(data, imageio.Limits{})
	if err != nil {
		return err
	}
	return w.model.Prep.Bytes(w.pixels, img)
}
