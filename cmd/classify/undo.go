package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/pkg/sorter"
)

const undoExamples = `
  classify undo out/                          take the last run into out/ back
  classify undo out/.squint/0003.journal      take that run back`

const undoDescription = `
Takes back what classify sort did: moved pictures return to where they were, with
all their properties; copies and links are put into DST/.squint/trash, which you
may delete. Folders that the run made and that are empty now are removed. A
file that has changed since, or whose old name something else has, stays where
it is. An undo that was interrupted goes on where it stopped.`

func undoCommand(common *cli.Common) *cobra.Command {
	json := false
	cmd := &cobra.Command{
		Use:     "undo DST|JOURNAL",
		Short:   "take back what classify sort did",
		Long:    undoDescription,
		Example: undoExamples,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s := &sorting{
				sortOptions: &sortOptions{common: common, json: json}, dst: args[0],
				out: bufio.NewWriter(cmd.OutOrStdout()), notes: common.Notes(cmd.ErrOrStderr()), stderr: cmd.ErrOrStderr(),
			}
			return errors.Join(s.undo(cmd, args[0]), s.out.Flush())
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "one JSON object for each file on standard output")
	return cmd
}

func (s *sorting) undo(cmd *cobra.Command, what string) error {
	number := ""
	st, err := os.Stat(what)
	if err == nil && !st.IsDir() {
		var ok bool
		if s.dst, number, ok = sorter.Number(what); !ok {
			return cli.Errorf(cli.Usage, "classify undo takes the folder that was sorted into, or a journal in its "+sorter.Home, "%q is not a journal", what)
		}
	} else if err == nil {
		_, err = os.Stat(what + "/" + sorter.Home)
	}
	if err != nil {
		return cli.Errorf(cli.Failure, "classify undo takes the folder that was sorted into", "nothing was sorted into %q: %w", what, reason(err))
	}
	store, err := sorter.Open(s.dst)
	if err != nil {
		return s.explain(err)
	}
	defer store.Close()
	back, trash, stay := 0, 0, 0
	progress := s.common.Progress(s.stderr, "undoing", "files", -1)
	number, err = store.Undo(cmd.Context(), number, func(e sorter.Entry) {
		switch {
		case e.Outcome != sorter.Moved:
			stay++
			progress.Line(fmt.Sprintf("stays: %s: %s", clean(e.File), clean(e.Reason)))
		case strings.HasPrefix(e.To, sorter.Home+"/"):
			trash++
		default:
			back++
		}
		s.row(e)
		progress.Add(1)
	})
	progress.Close()
	if errors.Is(err, sorter.ErrNothing) {
		return &cli.Error{Code: cli.Failure, Err: err, Hint: "each run can be undone once"}
	}
	if err != nil {
		return s.explain(err)
	}
	fmt.Fprintf(s.notes, "run %s undone: %s back, %d taken away, %d stay\n", number, plural(back, "file"), trash, stay)
	if dir := store.Trash(number); dir != "" {
		fmt.Fprintf(s.notes, "what was taken away is in %s; delete that folder when you like\n", clean(dir))
	}
	if stay > 0 {
		return cli.Errorf(cli.SomeFailed, "they are where the run had put them", "%s could not be taken back", plural(stay, "file"))
	}
	return nil
}
