// Package cli is what the commands share: exit codes, errors with a hint, help,
// the common flags, colours and progress. A command is a cobra tree in an App;
// its RunE returns an *Error (see Errorf) or any other error, which is exit
// code 1. Results go to cmd.OutOrStdout, everything else to cmd.ErrOrStderr.
//
// This package looks at the environment (NO_COLOR, TERM) and at the clock, so
// that nothing under pkg/ has to.
package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// App is a command line.
type App struct {
	Root *cobra.Command
	// Exits are the codes that help lists.
	Exits []int
	// Aliases are other names of long flags, such as workers for threads. They
	// work and are not listed.
	Aliases map[string]string
	// Foreign are flags that other programs have and this one has not, with the
	// hint that is given for them.
	Foreign map[string]string
}

// Run runs the command line args, without the program's name, and returns the
// exit code. It prints errors to stderr.
func (a App) Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := a.Root
	if args == nil {
		args = []string{} // nil would make cobra take os.Args
	}
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = Version()
	root.SetVersionTemplate(root.Name() + " " + root.Version + "\n")
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return a.flagError(cmd, err) })
	if len(a.Aliases) > 0 {
		root.SetGlobalNormalizationFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
			if full, ok := a.Aliases[name]; ok {
				name = full
			}
			return pflag.NormalizedName(name)
		})
	}
	// What fails before a command begins is a mistake in the command line.
	begun := false
	root.PersistentPreRun = func(*cobra.Command, []string) { begun = true }

	cmd, err := root.ExecuteContextC(ctx)
	if _, ours := err.(*Error); err != nil && !ours && !begun {
		err = &Error{Usage, err, cmd.CommandPath() + " --help shows examples"}
	}
	return explain(ctx, stderr, root.Name(), err)
}
