package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/fetch"
)

// fetchCommand is `trainimg fetch NAME`: the only verb that uses a network.
func fetchCommand(common *cli.Common) *cobra.Command {
	var out, mirror string
	var names []string
	about := "Sets:\n"
	for _, s := range fetch.Sets() {
		names = append(names, s.Name)
		about += fmt.Sprintf("  %-14s %s (%s)\n", s.Name, s.About, s.Licence)
	}
	cmd := &cobra.Command{
		Use:       "fetch NAME",
		Short:     "download a well-known set of pictures",
		Example:   "  trainimg fetch mnist && trainimg data/mnist",
		Long:      about + "\nEvery file is checked by its SHA-256; an interrupted download goes on where it\nstopped.",
		Args:      cobra.ExactArgs(1),
		ValidArgs: names,
		RunE: func(cmd *cobra.Command, args []string) error {
			set, ok := fetch.Lookup(args[0])
			if !ok {
				return cli.Errorf(cli.Usage, "the sets are "+strings.Join(names, ", "), "no set called %q", args[0])
			}
			if out == "" {
				out = filepath.Join("data", set.Name)
			}
			var bar *cli.Progress
			current, before := "", int64(0)
			c := &fetch.Client{BaseURL: mirror, Progress: func(file string, done, total int64) {
				if file != current {
					bar.Close()
					bar = common.Progress(cmd.ErrOrStderr(), file, "bytes", total)
					current, before = file, 0
				}
				bar.Add(int(done - before))
				before = done
			}}
			err := c.Fetch(cmd.Context(), set, out)
			bar.Close()
			if err != nil {
				return &cli.Error{Code: cli.Failure, Err: err, Hint: "run the same command again to go on, or name a --mirror"}
			}
			fmt.Fprintf(common.Notes(cmd.ErrOrStderr()), "%s is in %s; next: trainimg %s\n", set.Name, out, out)
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "into this `FOLDER` (default data/NAME)")
	cmd.Flags().StringVar(&mirror, "mirror", "", "take the files from below this `URL`")
	return cmd
}
