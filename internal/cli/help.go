package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// help prints a command's help, examples first.
func (a App) help(cmd *cobra.Command, _ []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", cmd.Short)
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.Trim(cmd.Example, "\n"))
	}
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", cmd.UseLine())
	if cmd.Long != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.Trim(cmd.Long, "\n"))
	}
	if verbs := slices.DeleteFunc(slices.Clone(cmd.Commands()), func(c *cobra.Command) bool { return !c.IsAvailableCommand() }); len(verbs) > 0 {
		fmt.Fprintf(&b, "\nVerbs (%s VERB --help tells more):\n", cmd.CommandPath())
		for _, v := range verbs {
			fmt.Fprintf(&b, "  %-*s  %s\n", cmd.NamePadding(), v.Name(), v.Short)
		}
	}
	if cmd.HasAvailableFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s", cmd.Flags().FlagUsages())
	}
	if len(a.Exits) > 0 {
		b.WriteString("\nExit codes:\n")
		for _, code := range a.Exits {
			fmt.Fprintf(&b, "  %3d  %s\n", code, exitHelp[code])
		}
	}
	fmt.Fprint(cmd.OutOrStdout(), b.String())
}
