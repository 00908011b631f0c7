package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// plainEvery is how often a line is written where no bar can be drawn.
const plainEvery = 10 * time.Second

// Progress tells how far something is: as a bar with rate and time left on a
// terminal, as one plain line per 10 seconds elsewhere. It belongs to one
// goroutine. A nil *Progress does nothing.
type Progress struct {
	bar *progressbar.ProgressBar // nil without a terminal

	w           io.Writer
	now         func() time.Time
	doing, unit string
	total, done int64
	start, last time.Time
}

// NewProgress starts the progress of total things, named by unit ("pictures"),
// on w, which is usually standard error. A negative total is unknown.
func NewProgress(w io.Writer, doing, unit string, total int64) *Progress {
	p := newPlain(w, doing, unit, total, time.Now)
	if !IsTerminal(w) {
		return p
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(doing),
		progressbar.OptionSetItsString(unit),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetPredictTime(total >= 0),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionShowTotalBytes(total >= 0),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetSpinnerChangeInterval(0), // else it draws from a goroutine of its own
		progressbar.OptionSpinnerType(14),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	}
	p.bar = progressbar.NewOptions64(max(total, -1), options...)
	return p
}

func newPlain(w io.Writer, doing, unit string, total int64, now func() time.Time) *Progress {
	p := &Progress{w: w, now: now, doing: doing, unit: unit, total: total, start: now()}
	p.last = p.start
	return p
}

// Doing changes the text: "epoch 3/10, loss 0.12".
func (p *Progress) Doing(text string) {
	if p == nil {
		return
	}
	p.doing = text
	if p.bar != nil {
		p.bar.Describe(text)
	}
}

// Add counts n more things done.
func (p *Progress) Add(n int) {
	if p == nil {
		return
	}
	p.done += int64(n)
	if p.bar != nil {
		p.bar.Add(n) // its errors are the terminal's, and a bar is not worth stopping for
		return
	}
	if t := p.now(); t.Sub(p.last) >= plainEvery {
		p.last = t
		fmt.Fprintln(p.w, p.line(t.Sub(p.start)))
	}
}

// Line writes a line of text above the bar.
func (p *Progress) Line(text string) {
	if p == nil {
		return
	}
	if p.bar != nil {
		p.bar.Clear() // the next Add draws it again, below
	}
	fmt.Fprintln(p.w, text)
}

// line is "classifying: 1200 of 60000 pictures, 118/s, 8m18s left".
func (p *Progress) line(since time.Duration) string {
	rate := float64(p.done) / since.Seconds()
	if p.total < 0 || p.done == 0 {
		return fmt.Sprintf("%s: %d %s, %.3g/s", p.doing, p.done, p.unit, rate)
	}
	left := time.Duration(float64(p.total-p.done) / rate * float64(time.Second))
	return fmt.Sprintf("%s: %d of %d %s, %.3g/s, %s left", p.doing, p.done, p.total, p.unit, rate, left.Round(time.Second))
}

// Close takes the bar off the terminal, so that what follows begins a line.
func (p *Progress) Close() {
	if p != nil && p.bar != nil {
		p.bar.Exit()
		p.bar.Clear()
	}
}
