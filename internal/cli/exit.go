package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"squint/pkg/report"
)

// Exit codes of every command.
const (
	OK          = 0
	Failure     = 1
	Usage       = 2
	Unusable    = 3   // no pictures, one class; or refused for safety
	SomeFailed  = 4   // finished, but some files failed
	GateMissed  = 5   // a quality gate (--min-accuracy) was not met
	Interrupted = 130 // 128 + SIGINT, after saving
	BrokenPipe  = 141 // 128 + SIGPIPE: nobody reads the results any more
	Terminated  = 143 // 128 + SIGTERM, after saving
)

// exitHelp describes the codes in help, for the ones a command names.
var exitHelp = map[int]string{
	OK:          "done",
	Failure:     "failure",
	Usage:       "usage: a flag or an argument is wrong",
	Unusable:    "data unusable (no pictures, one class) or refused for safety",
	SomeFailed:  "finished, but some files failed",
	GateMissed:  "the quality gate (--min-accuracy) was not met",
	Interrupted: "interrupted (Ctrl-C), after saving what was done",
	Terminated:  "terminated, after saving what was done",
}

// Error ends a command with an exit code and two lines: what went wrong, and
// what to type next. Err may be nil: then nothing is printed.
type Error struct {
	Code int
	Err  error
	Hint string
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an *Error; hint is what to type next, and %w works.
func Errorf(code int, hint, format string, args ...any) error {
	return &Error{code, fmt.Errorf(format, args...), hint}
}

// explain prints err to w and returns the exit code that it stands for.
func explain(ctx context.Context, w io.Writer, name string, err error) int {
	var ours *Error
	var sig signalled
	switch {
	case err == nil:
		return OK
	case errors.As(err, &ours):
	case errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe):
		return BrokenPipe // as `classify DIR | head` ends: no complaint
	case errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &sig):
		return sig.code()
	default:
		ours = &Error{Code: Failure, Err: err}
	}
	if ours.Err == nil {
		return ours.Code
	}
	hint := ours.Hint
	if hint == "" {
		hint = name + " --help shows examples"
	}
	fmt.Fprintf(w, "%s: %s\n  hint: %s\n", name, oneLine(ours.Error()), oneLine(hint))
	return ours.Code
}

// oneLine makes a message that may quote names from outside fit for a terminal.
func oneLine(s string) string {
	return report.Clean(strings.ReplaceAll(strings.TrimSpace(s), "\n", "; "))
}
