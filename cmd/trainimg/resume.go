package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/report"
)

// resumable are the flags that may accompany --resume: those that do not shape
// the weights.
var resumable = []string{"resume", "threads", "quiet", "color", "save-every", "json", "min-accuracy", "no-cache", "tensorboard"}

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
	state, meta, which, err := readCheckpoint(path, j.warn)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(meta[metaRecipe]), &j.recipe); err != nil {
		return fmt.Errorf("%q: the recipe in the checkpoint cannot be read: %w", path, err)
	}
	j.dir, j.resume, j.folder = meta[metaData], state, &runFolder{path: path, saved: which}
	if err := j.look(); err != nil {
		return err
	}
	if err := j.load(); err != nil {
		return err
	}
	if got := splitHash(j.data); got != meta[metaHash] {
		return cli.Errorf(cli.Unusable, "put the pictures back as they were, or start a new run",
			"the pictures in %q are not those that this run began with: %s", j.dir, j.folder.difference(j.data))
	}
	if err := j.build(); err != nil {
		return err
	}
	fmt.Fprintf(j.notes, "going on after step %d, epoch %d of %d\n", state.Step, len(state.History)+1, j.recipe.Epochs)
	return j.learn()
}

// difference says how the pictures differ from those in split.csv.
func (f *runFolder) difference(d *dataset.Data) string {
	file, err := os.Open(f.file(splitFile))
	if err != nil {
		return fmt.Sprintf("how cannot be told (%v)", err)
	}
	defer file.Close()
	before, err := report.ReadSplit(file)
	if err != nil {
		return fmt.Sprintf("how cannot be told (%s: %v)", splitFile, err)
	}
	was := make(map[string]report.Placed, len(before))
	for _, p := range before {
		was[p.File] = p
	}
	var added, changed, gone []string
	for p := range placed(d) {
		old, known := was[p.File]
		delete(was, p.File)
		switch {
		case !known:
			added = append(added, p.File)
		case old != p:
			changed = append(changed, p.File)
		}
	}
	for _, p := range before {
		if _, left := was[p.File]; left {
			gone = append(gone, p.File)
		}
	}
	var parts []string
	for _, kind := range []struct {
		what  string
		files []string
	}{{"gone", gone}, {"new", added}, {"changed", changed}} {
		if n := len(kind.files); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", n, kind.what, list(kind.files)))
		}
	}
	if parts == nil {
		return "the same files show something else"
	}
	return strings.Join(parts, ", ")
}
