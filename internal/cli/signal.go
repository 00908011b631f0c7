package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signalled is the cause of a context that a signal ended.
type signalled struct{ os.Signal }

func (s signalled) Error() string { return s.String() }

func (s signalled) code() int {
	if s.Signal == os.Interrupt {
		return Interrupted
	}
	return Terminated
}

// Signals returns a context that ends with the first Ctrl-C, SIGTERM or SIGHUP,
// so that the command saves and stops; a second one ends the process at once.
// A command that returns ctx.Err() then exits with 130 or 143. For main.
func Signals() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	got := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		s := <-got
		signal.Stop(got)
		cancel(signalled{s})
	}()
	return ctx
}
