package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/pkg/eval"
	"squint/pkg/imageio"
	"squint/pkg/model"
	"squint/pkg/sorter"
)

const sortExamples = `
  classify sort ~/Pictures out/                      show what would go where; change nothing
  classify sort ~/Pictures out/ --apply              copy the pictures to out/cat, out/dog …
  classify sort ~/Pictures out/ --apply --move       move them
  classify undo out/                                 take the last run back
  classify sort ~/Pictures out/ --plan plan.csv      write the plan, to look through and edit
  classify sort ~/Pictures out/ --plan plan.csv --apply
  classify sort ~/Pictures out/ --into '{label}/{year}-{month}'
  classify sort inbox/ out/ --move --apply --watch   keep sorting what arrives`

const sortDescription = `
Files the pictures below SRC by what they show, each into the folder of DST that
has the name of its class. Without --apply nothing is changed.

No file is ever replaced: where a name is taken (also by a name that differs only
in case or Unicode form), the new one gets " (2)", and a picture that is there
already, byte for byte, stays where it is. A copy keeps times, mode and
attributes, and has been read back from the disk before it counts. What belongs to a picture goes
along: sidecars (.xmp, .aae, .json …), the film of a Live Photo, the RAW twin.

Each run keeps a journal in DST/.squint. After a crash or Ctrl-C, run the same
command again to finish, or classify undo DST to take back what was done.

A plan (--plan FILE.csv) has a row for each picture. Change the column "to" to
send a picture to another folder, empty it or delete the row to leave the picture
where it is. A picture that has changed since the plan was written stays.

In --into, {label} is the class and {year}, {month} and {day} are the date that
the picture was taken, by its EXIF data, or else that of the file.`

type sortOptions struct {
	common   *cli.Common
	model    string
	apply    bool
	mode     map[sorter.Mode]*bool
	plan     string
	unsure   string
	into     string
	minScore float64
	precision
	watch  bool
	settle time.Duration
	yes    bool
	json   bool
}

// modes are the flags that choose what is done with a picture.
var modes = []struct {
	mode        sorter.Mode
	name, usage string
}{
	{sorter.Copy, "copy", "copy the pictures (default)"},
	{sorter.Move, "move", "move them"},
	{sorter.Symlink, "link", "make symbolic links to them"},
	{sorter.Hardlink, "hardlink", "make hard links to them"},
}

func sortCommand(common *cli.Common) *cobra.Command {
	o := &sortOptions{common: common, model: defaultModel, mode: map[sorter.Mode]*bool{}}
	cmd := &cobra.Command{
		Use:     "sort SRC DST [flags]",
		Short:   "put the pictures of a folder into a folder for each class",
		Long:    sortDescription,
		Example: sortExamples,
		Args:    cobra.ExactArgs(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0], args[1]) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.BoolVar(&o.apply, "apply", false, "do it")
	var names []string
	for _, m := range modes {
		o.mode[m.mode] = fs.Bool(m.name, false, m.usage)
		names = append(names, m.name)
	}
	cmd.MarkFlagsMutuallyExclusive(names...)
	fs.StringVarP(&o.model, "model", "m", o.model, "built-in model or model file, `NAME|FILE`")
	fs.StringVar(&o.plan, "plan", "", "write the plan to `FILE.csv`; with --apply: do what it says")
	fs.StringVar(&o.into, "into", "{label}", "`TEMPLATE` of the folder in DST, of {label}, {year}, {month}, {day}")
	fs.StringVar(&o.unsure, "unsure", "unsure", "`FOLDER` in DST for pictures without a sure answer; empty: they stay")
	fs.Var(&o.precision, "precision", "sort by answers of which at least this share is right, such as `0.99` (default from the model)")
	fs.Float64Var(&o.minScore, "min-score", 0, "instead of --precision: by answers with a probability of at least `P`")
	cmd.MarkFlagsMutuallyExclusive("precision", "min-score")
	fs.BoolVar(&o.watch, "watch", false, "with --apply: go on with pictures that arrive, until Ctrl-C")
	fs.DurationVar(&o.settle, "settle", 2*time.Second, "with --watch: `TIME` for which a file must not change before it is sorted")
	fs.BoolVarP(&o.yes, "yes", "y", false, "do not ask before moving")
	fs.BoolVar(&o.json, "json", false, "one JSON object for each file on standard output")
	return cmd
}

func (o *sortOptions) check() error {
	if err := sorter.Template(o.into).Check(); err != nil {
		return &cli.Error{Code: cli.Usage, Err: err, Hint: "such as --into '{label}/{year}-{month}'"}
	}
	if o.watch && !o.apply {
		return cli.Errorf(cli.Usage, "add --apply", "--watch sorts files as they arrive")
	}
	if o.watch && o.plan != "" {
		return cli.Errorf(cli.Usage, "leave one of them out", "--watch has no plan to read")
	}
	if o.minScore < 0 || o.minScore > 1 {
		return cli.Errorf(cli.Usage, "such as --min-score 0.9", "--min-score: got %v, want a probability from 0 to 1", o.minScore)
	}
	return nil
}

func (o *sortOptions) chosen() sorter.Mode {
	for _, m := range modes {
		if *o.mode[m.mode] {
			return m.mode
		}
	}
	return sorter.Copy
}

// sorting is one call of classify sort.
type sorting struct {
	*sortOptions
	src, dst string
	kind     sorter.Mode
	net      *model.Model
	rule     eval.Rule
	folders  []string // of each class
	rows     []sorter.Row
	labels   map[string]int // where a picture is in rows
	in       io.Reader
	out      *bufio.Writer // JSON rows
	notes    io.Writer     // plan, progress, warnings
	stderr   io.Writer
	broken   int // pictures that could not be read
}

func (o *sortOptions) run(cmd *cobra.Command, src, dst string) error {
	if err := o.check(); err != nil {
		return err
	}
	s := &sorting{
		sortOptions: o, src: src, dst: dst, kind: o.chosen(), labels: map[string]int{},
		in: cmd.InOrStdin(), out: bufio.NewWriter(cmd.OutOrStdout()), notes: o.common.Notes(cmd.ErrOrStderr()), stderr: cmd.ErrOrStderr(),
	}
	if err := s.open(); err != nil {
		return err
	}
	var err error
	if o.apply {
		err = s.act(cmd.Context())
	} else {
		err = s.preview(cmd.Context())
	}
	return errors.Join(err, s.out.Flush())
}

// open reads the model, unless a plan has the answers.
func (s *sorting) open() (err error) {
	if st, err := os.Stat(s.src); err != nil {
		return cli.Errorf(cli.Failure, "classify sort takes the folder with the pictures and the one to sort them into", "%q: %w", s.src, reason(err))
	} else if !st.IsDir() {
		return cli.Errorf(cli.Failure, "classify sort takes the folder with the pictures and the one to sort them into", "%q is a file", s.src)
	}
	if s.apply && s.plan != "" {
		return nil
	}
	if s.net, err = load(s.model); err != nil {
		return err
	}
	if s.rule, err = s.precision.rule(s.net); err != nil {
		return err
	}
	if s.minScore > 0 {
		s.rule = eval.Rule{Score: float32(s.minScore)}
	}
	s.folders = sorter.FolderNames(s.net.Classes, s.unsure)
	fmt.Fprintf(s.notes, "model %s\n", clean(s.net.Name))
	return nil
}

// preview shows the plan, and writes it.
func (s *sorting) preview(ctx context.Context) error {
	if left, err := sorter.Interrupted(s.dst); err != nil {
		return s.explain(err)
	} else if left {
		fmt.Fprintf(s.notes, "a run into %q was interrupted; --apply finishes it first\n", s.dst)
	}
	plan, err := s.newPlan(ctx)
	if err != nil {
		return err
	}
	s.show(plan)
	for _, u := range plan.Units {
		for _, f := range u {
			s.row(sorter.Entry{File: f.From, To: f.To, Outcome: "planned"})
		}
	}
	for _, e := range plan.Rest {
		s.row(e)
	}
	if s.plan != "" {
		name, err := s.writePlan(plan)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.notes, "wrote %q; nothing else has been changed. To do it: the same command with --plan %s --apply\n", name, name)
		return s.verdict(nil)
	}
	fmt.Fprintln(s.notes, "nothing has been changed. To do it: the same command with --apply")
	return s.verdict(nil)
}

// act finishes what was interrupted, and does what the plan says.
func (s *sorting) act(ctx context.Context) error {
	store, err := sorter.Open(s.dst)
	if err != nil {
		return s.explain(err)
	}
	defer store.Close()
	if err := s.finish(ctx, store); err != nil {
		return err
	}
	j := &journey{sorting: s, store: store, counts: sorter.Counts{}}
	if s.watch {
		return j.end(s.keepWatch(ctx, j))
	}
	plan, err := s.newPlan(ctx)
	if err != nil {
		return err
	}
	s.show(plan)
	if ok, err := s.agreed(plan); err != nil || !ok {
		return err
	}
	return j.end(j.apply(ctx, plan))
}

// finish does the rest of runs that were interrupted.
func (s *sorting) finish(ctx context.Context, store *sorter.Store) error {
	runs, err := store.Unfinished()
	if err != nil {
		return s.explain(err)
	}
	for _, r := range runs {
		fmt.Fprintf(s.notes, "finishing run %s, which was interrupted\n", r.Number)
		counts := sorter.Counts{}
		r.Report = func(e sorter.Entry) { s.row(e); s.warn(e); counts[e.Outcome]++ }
		if err := r.Finish(ctx); err != nil {
			return s.explain(err)
		}
		fmt.Fprintf(s.notes, "run %s: %s\n", r.Number, totals(counts))
	}
	return nil
}

// journey is a run, which begins with the first file that there is to sort.
type journey struct {
	*sorting
	store    *sorter.Store
	run      *sorter.Run
	counts   sorter.Counts
	progress *cli.Progress
}

func (j *journey) apply(ctx context.Context, p *sorter.Plan) error {
	for _, e := range p.Rest {
		j.row(e)
		j.counts[e.Outcome]++
	}
	if len(p.Units) == 0 {
		return nil
	}
	if j.run == nil {
		var err error
		if j.run, err = j.store.Begin(p); err != nil {
			return j.explain(err)
		}
		j.run.Report = func(e sorter.Entry) {
			j.row(e)
			j.warn(e)
			j.counts[e.Outcome]++
			j.progress.Add(1)
		}
	}
	j.progress = j.common.Progress(j.stderr, doing[j.kind], "files", int64(p.Files()))
	err := j.run.Apply(ctx, p)
	j.progress.Close()
	return err
}

var doing = map[sorter.Mode]string{
	sorter.Copy: "copying", sorter.Move: "moving", sorter.Symlink: "linking", sorter.Hardlink: "linking",
}

// end closes the journal unless err leaves something to do, and says how it went.
func (j *journey) end(err error) error {
	stopped := j.watch && errors.Is(err, context.Canceled) // how a watch ends
	if j.run != nil && (err == nil || stopped) {
		if e := j.run.End(); e != nil {
			return j.explain(e)
		}
	}
	fmt.Fprintf(j.notes, "%s: %s\n", plural(j.counts.Total(), "file"), totals(j.counts))
	if j.run != nil {
		fmt.Fprintf(j.notes, "journal %q; to take it back: classify undo %s\n", filepath.Join(j.dst, sorter.Home, j.run.Number+".journal"), j.dst)
	}
	if err != nil && !stopped && errors.Is(err, context.Canceled) {
		fmt.Fprintln(j.notes, "interrupted: the same command finishes it")
	}
	if err != nil {
		return j.explain(err)
	}
	return j.verdict(j.counts)
}

// agreed asks a person before sources are moved away.
func (s *sorting) agreed(p *sorter.Plan) (bool, error) {
	if s.kind != sorter.Move || s.yes || p.Files() == 0 || !cli.IsTerminal(s.in) {
		return true, nil
	}
	fmt.Fprintf(s.stderr, "move %s? [y/N] ", plural(p.Files(), "file"))
	answer, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && err != io.EOF {
		return false, err
	}
	if a := strings.ToLower(strings.TrimSpace(answer)); a == "y" || a == "yes" {
		return true, nil
	}
	fmt.Fprintln(s.notes, "nothing has been changed")
	return false, nil
}

// explain gives errors of the sorter their exit code and hint.
func (s *sorting) explain(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, sorter.ErrLocked):
		return &cli.Error{Code: cli.Unusable, Err: err, Hint: "wait until it is through; a run that was killed does not lock"}
	case errors.Is(err, sorter.ErrDamaged):
		return &cli.Error{Code: cli.Unusable, Err: err, Hint: "every picture is where it was or where it was going; take the journal out of the folder to go on without it"}
	}
	return &cli.Error{Code: cli.Failure, Err: err, Hint: "no picture is lost: run the same command again, or classify undo " + s.dst}
}

// verdict is the exit code of a run that came to its end.
func (s *sorting) verdict(c sorter.Counts) error {
	if n := c[sorter.Failed]; n > 0 {
		return cli.Errorf(cli.SomeFailed, "they are where they were; --json says why", "%s could not be sorted", plural(n, "file"))
	}
	if s.broken > 0 {
		return cli.Errorf(cli.SomeFailed, "they stay where they are; --json says why", "%s could not be read", plural(s.broken, "picture"))
	}
	return nil
}

// isPicture tells by its name what may be a picture. RAW files and films are not.
func isPicture(name string) bool { return imageio.IsImageName(name) }
