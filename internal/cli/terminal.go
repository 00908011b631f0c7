package cli

import (
	"os"

	"golang.org/x/term"
)

// IsTerminal tells whether a stream (an io.Reader or io.Writer) is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// wantsColor reads the environment; https://no-color.org.
func wantsColor() bool { return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" }
