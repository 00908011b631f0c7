package cli

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"squint/pkg/report"
)

// Common holds the flags of every command.
type Common struct {
	Threads int // 0 is all
	Quiet   bool
	Color   string // auto, always, never

	memory int64 // 0 is what is free
}

// AddTo adds the flags to cmd and to the verbs below it.
func (c *Common) AddTo(cmd *cobra.Command) {
	fs := cmd.PersistentFlags()
	fs.VarP(&atLeast{&c.Threads, 0}, "threads", "j", "use `N` threads (0: all)")
	fs.BoolVarP(&c.Quiet, "quiet", "q", false, "print nothing but results and errors")
	AddChoice(cmd, fs, &c.Color, "color", "`WHEN` to colour: %s", "auto", "always", "never")
}

// Workers is the number of threads to use.
func (c *Common) Workers() int {
	if c.Threads > 0 {
		return c.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// Notes is where plans and warnings go: w, or nowhere with --quiet.
func (c *Common) Notes(w io.Writer) io.Writer {
	if c.Quiet {
		return io.Discard
	}
	return w
}

// Palette colours what is written to w, if the flag, the environment and w
// agree.
func (c *Common) Palette(w io.Writer) report.Palette {
	return report.Colors(c.Color == "always" || c.Color != "never" && IsTerminal(w) && wantsColor())
}

// Progress returns the progress of what is written to w, or nil, which is one
// that does nothing, with --quiet. See NewProgress.
func (c *Common) Progress(w io.Writer, doing, unit string, total int64) *Progress {
	if c.Quiet {
		return nil
	}
	return NewProgress(w, doing, unit, total)
}

// AddChoice adds to fs, one of cmd's flag sets, a flag that takes one of values,
// of which the first is the default ("" for one decided later), with completion. A %s in usage becomes the
// list of values.
func AddChoice(cmd *cobra.Command, fs *pflag.FlagSet, dst *string, name, usage string, values ...string) {
	*dst = values[0]
	fs.Var(&choice{dst, values}, name, strings.ReplaceAll(usage, "%s", list(values)))
	// It only fails for flags that do not exist or have a function already.
	if err := cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// AddCount adds a flag for a number that is at least min; *dst is the default.
func AddCount(fs *pflag.FlagSet, dst *int, min int, name, shorthand, usage string) {
	fs.VarP(&atLeast{dst, min}, name, shorthand, usage)
}

type choice struct {
	dst    *string
	values []string
}

func (c *choice) String() string {
	if c.dst == nil { // pflag asks the zero value what a default looks like
		return ""
	}
	return *c.dst
}

func (c *choice) Type() string { return "choice" }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.values, s) {
		return fmt.Errorf("want %s", list(c.values))
	}
	*c.dst = s
	return nil
}

type atLeast struct {
	dst *int
	min int
}

func (a *atLeast) String() string {
	if a.dst == nil {
		return "0"
	}
	return fmt.Sprint(*a.dst)
}

func (a *atLeast) Type() string { return "int" }

func (a *atLeast) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < a.min {
		return fmt.Errorf("want a number, %d or more", a.min)
	}
	*a.dst = n
	return nil
}

// list is "a, b or c". An empty value, a default that is decided later, is not
// for typing.
func list(values []string) string {
	if values[0] == "" {
		values = values[1:]
	}
	last := len(values) - 1
	if last < 1 {
		return strings.Join(values, "")
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}
