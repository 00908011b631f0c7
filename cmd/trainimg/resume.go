package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"squint/internal/cli"
)

// resumable are the flags that may accompany --resume: those that do not shape
// the weights.
var resumable = []string{"resume", "threads", "quiet", "color", "save-every", "json", "min-accuracy", "no-cache"}

// goOn continues a run from its checkpoint, by the recipe that it began with,
// to the same bytes as if it had not been interrupted.
func (j *job) goOn(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(resumable, f.Name) && err == nil {
			err = cli.Errorf(cli.Usage, "leave it out, or start a new run without --resume", "--%s cannot change in a run that goes on", f.Name)
		}
	})
	if err != nil {
		return err
	}
	path := j.options.resume
	if path == lastRun {
		if j.dir == "" {
			return cli.Errorf(cli.Usage, "trainimg --resume runs/pets", "--resume: which run?")
		}
		if path = j.dir; !isRun(j.dir) {
			if path, err = newest(j.dir); err != nil {
				return err
			}
		}
	}
	state, meta, err := readCheckpoint(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(meta[metaRecipe]), &j.recipe); err != nil {
		return fmt.Errorf("%q: the recipe in the checkpoint cannot be read: %w", path, err)
	}
	j.dir, j.resume, j.folder = meta[metaData], state, &runFolder{path: path}
	if err := j.look(); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return err
	}
	if got := splitHash(j.data); got != meta[metaHash] {
		return cli.Errorf(cli.Unusable, "put the pictures back as they were, or start a new run",
			"the pictures in %q are not those that this run began with (%s lists those)", j.dir, j.folder.file(splitFile))
	}
	if err := j.build(); err != nil {
		return err
	}
	fmt.Fprintf(j.notes, "going on after step %d, epoch %d of %d\n", state.Step, len(state.History)+1, j.recipe.Epochs)
	return j.learn()
}
