package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"squint/internal/parallel"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/model"
)

// decodeMemory is what pictures that are decoded at the same time may take
// together; a bigger one is decoded alone.
const decodeMemory = 2 << 30

// decodeTime bounds one picture: small files can be made that take hours.
const decodeTime = 30 * time.Second

// classifier is the work on one input, as several threads do it.
type classifier struct {
	model *model.Model
	rule  eval.Rule // when an answer is given, and when it is "unsure"
	stdin io.Reader // bytes of the input "-"
	// answer makes of what was found out (err, or the answer and the file's bytes)
	// what the job is for. Several goroutines call it at once; a.probs and data are
	// theirs until it returns.
	answer func(j *job, data []byte, a answer, err error)

	working atomic.Int32   // threads that are at a picture
	all     *parallel.Pool // as many workers as threads, for a picture that is alone
}

// thread has what one of them needs for itself. Pictures are classified one at a
// time: then no answer can depend on the pictures around it.
type thread struct {
	*classifier
	budget   *imageio.Budget
	spent    shares
	net      *model.Classifier // from the first picture on
	pixels   []uint8           // H×W×C of one picture
	probs    []float32         // of each class
	familiar [1]float32
}

// read fetches the input's bytes, ahead of the threads that decode.
func (c *classifier) read(j *job) {
	start := time.Now()
	switch {
	case j.in.err != nil:
		j.readErr = j.in.err
	case j.in.stdin:
		j.data, j.readErr = imageio.ReadAll(c.stdin, imageio.Limits{})
	default:
		j.data, j.readErr = imageio.ReadFile(j.in.name, imageio.Limits{})
	}
	j.reading = time.Since(start)
}

func (t *thread) work(ctx context.Context, j *job) {
	if t.net == nil {
		c, err := t.model.NewClassifier(1)
		if err != nil {
			j.err = err
			return
		}
		t.net = c
		t.pixels = make([]uint8, t.model.Prep.Size.Size())
		t.probs = make([]float32, len(t.model.Classes))
	}
	t.spent.read += j.reading
	t.working.Add(1)
	err := t.classify(ctx, j)
	t.working.Add(-1)
	if err != nil {
		j.bad, err = true, reason(err)
	}
	a := answer{probs: t.probs}
	if err == nil {
		a.unsure = t.rule.Unsure(a.probs[eval.Argmax(a.probs)], t.familiar[0])
	}
	t.answer(j, j.data, a, err)
	j.data = nil
}

// classify sets t.probs and t.familiar.
func (t *thread) classify(ctx context.Context, j *job) (err error) {
	defer func() {
		if r := recover(); r != nil { // one bad file does not end a run over a million
			err = fmt.Errorf("internal error, please report it: %v", r)
		}
	}()
	if j.readErr != nil {
		return j.readErr
	}
	if err := t.prepare(ctx, j.data); err != nil {
		return err
	}
	start := time.Now()
	if t.working.Load() == 1 { // others that come see 2 until this picture is done
		t.net.Spread(t.all)
	} else {
		t.net.Spread(nil)
	}
	t.net.Answers(t.probs, t.familiar[:], t.pixels, 1)
	t.spent.network += time.Since(start)
	return nil
}

// prepare sets t.pixels.
func (t *thread) prepare(ctx context.Context, data []byte) error {
	cost, err := imageio.Cost(data, imageio.Limits{})
	if err != nil {
		return err
	}
	if err := t.budget.Acquire(ctx, cost); err != nil {
		return err
	}
	defer t.budget.Release(cost)
	start := time.Now()
	late := start.Add(decodeTime)
	img, _, err := imageio.Decode(data, imageio.Limits{Stop: func() error {
		if time.Now().After(late) {
			return fmt.Errorf("it takes more than %v", decodeTime)
		}
		return ctx.Err()
	}})
	decoded := time.Now()
	t.spent.decode += decoded.Sub(start)
	if err != nil {
		return err
	}
	err = t.model.Prep.Bytes(t.pixels, img)
	t.spent.prepare += time.Since(decoded)
	return err
}

// shares is where the time of the threads went.
type shares struct{ read, decode, prepare, network time.Duration }

func (s *shares) add(o shares) {
	s.read += o.read
	s.decode += o.decode
	s.prepare += o.prepare
	s.network += o.network
}

// String is "decode 71%, prepare 9%, network 20%" of the computing; reading goes
// on beside it.
func (s shares) String() string {
	all := s.decode + s.prepare + s.network
	if all == 0 {
		return "nothing to compute"
	}
	p := func(d time.Duration) float64 { return 100 * d.Seconds() / all.Seconds() }
	return fmt.Sprintf("decode %.0f%%, prepare %.0f%%, network %.0f%%", p(s.decode), p(s.prepare), p(s.network))
}

// job is an input on its way.
type job struct {
	in      input
	data    []byte
	readErr error
	reading time.Duration

	done chan struct{} // closed when the rest is set
	row  bytes.Buffer  // for classify: the row
	find finding       // for sort
	bad  bool          // there is no answer
	err  error         // what ends the whole run
}
