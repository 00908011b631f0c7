package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/report"
)

// checkCommand is `trainimg check DIR`: what is wrong with the data, before
// any training.
func checkCommand(o *options) *cobra.Command {
	var asJSON, strict bool
	var preview, out string
	var labels bool
	cmd := &cobra.Command{
		Use:   "check DIR",
		Short: "look for mistakes in labelled pictures before training",
		Example: `  trainimg check pets/
  trainimg check pets/ --preview sheet.png      what the network will see, plain and deformed
  trainimg check pets/ --labels                 which pictures are in the wrong class?
  trainimg check pets/ --json | jq '.findings[] | select(.level == "harms")'`,
		Long: `Opens every picture and lists, the worst first: what makes training impossible (then
the exit code is 3), files that cannot be read, the same or nearly the same picture in
two classes or in two parts, classes that are empty, tiny or uneven, names that lie
about the format. Nothing is ever written into DIR.

With --preview it draws a sheet of some pictures of each class: as they are, as the
network will see them, and as training will deform them. It takes the flags for
these that training takes.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			audit, err := o.check(cmd, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				err = writeAudit(cmd.OutOrStdout(), audit)
			} else {
				err = showAudit(cmd.OutOrStdout(), audit, o.Palette(cmd.OutOrStdout()))
			}
			if err != nil {
				return err
			}
			if err := audit.Unusable(); err != nil {
				return &cli.Error{Code: cli.Unusable, Err: err, Hint: audit.Findings[0].Hint}
			}
			if labels {
				if err := o.labels(cmd, args[0], out); err != nil {
					return err
				}
			}
			if preview != "" {
				if err := o.preview(cmd, args[0], preview); err != nil {
					return err
				}
			}
			if n := audit.Harms(); strict && n > 0 {
				return cli.Errorf(cli.Unusable, "they are listed above; without --strict they are no failure", "%q: findings that harm: %d", args[0], n)
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&preview, "preview", "", "draw some pictures as the network will see them into this PNG `FILE`")
	f.BoolVar(&labels, "labels", false, "look for pictures in the wrong class")
	f.StringVarP(&out, "out", "o", "", "`FOLDER` for what --labels finds (default runs/NAME-labels; never overwritten)")
	f.BoolVar(&strict, "strict", false, "exit with 3 also for what only harms")
	f.BoolVar(&asJSON, "json", false, "print everything as JSON")
	o.addInput(cmd)
	return cmd
}

// check audits the dataset.
func (o *options) check(cmd *cobra.Command, dir string) (*dataset.Audit, error) {
	var bar *cli.Progress
	opt := reading(&o.Common, o.noCache)
	opt.Progress = func(done, total int) {
		if done == 1 {
			bar = o.Progress(cmd.ErrOrStderr(), "reading", "pictures", int64(total))
		}
		bar.Add(1)
	}
	audit, err := dataset.Check(cmd.Context(), dir, opt)
	bar.Close()
	return audit, unusable(err)
}

func writeAudit(w io.Writer, a *dataset.Audit) error {
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// showAudit prints an audit for people.
func showAudit(w io.Writer, a *dataset.Audit, p report.Palette) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", p.Bold(fmt.Sprintf("%s: %d pictures in %d classes (%s)", report.Clean(a.Path), a.Pictures, len(a.Classes), a.Kind)))
	showTallies(&b, a.Classes)
	if a.Pictures > 0 {
		var formats []string
		for _, f := range a.Formats {
			formats = append(formats, fmt.Sprintf("%d %s", f.N, f.Name))
		}
		size := func(d *dataset.Dimension) string { return fmt.Sprintf("%d×%d", d.Width, d.Height) }
		fmt.Fprintf(&b, "%s; %d grey; median %d×%d, smallest %s (%s), largest %s (%s)\n", strings.Join(formats, ", "), a.Gray, a.Width, a.Height,
			size(a.Smallest), report.Clean(a.Smallest.File), size(a.Largest), report.Clean(a.Largest.File))
	}
	if len(a.Ignored) > 0 {
		fmt.Fprintf(&b, "ignored: %s\n", list(a.Ignored))
	}
	for _, f := range a.Findings {
		b.WriteString("\n")
		showFinding(&b, f, p)
	}
	if len(a.Findings) == 0 {
		fmt.Fprintf(&b, "\n%s\n", p.Good("nothing to complain about"))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// showTallies prints the counts of the classes, and only the columns that hold
// any.
func showTallies(w io.Writer, tallies []dataset.Tally) {
	const most = 40
	columns := []struct {
		name string
		of   func(t dataset.Tally) int
	}{
		{"pictures", func(t dataset.Tally) int { return t.Free }},
		{"train", func(t dataset.Tally) int { return t.Train }},
		{"val", func(t dataset.Tally) int { return t.Val }},
		{"test", func(t dataset.Tally) int { return t.Test }},
		{"left out", func(t dataset.Tally) int { return t.Skipped }},
	}
	rows := [][]string{{"class"}}
	for _, t := range tallies[:min(len(tallies), most)] {
		rows = append(rows, []string{report.Shorten(report.Clean(t.Class), 32)})
	}
	for _, c := range columns {
		sum := 0
		for _, t := range tallies {
			sum += c.of(t)
		}
		if sum == 0 {
			continue
		}
		rows[0] = append(rows[0], c.name)
		for i := range rows[1:] {
			rows[i+1] = append(rows[i+1], fmt.Sprint(c.of(tallies[i])))
		}
	}
	if more := len(tallies) - most; more > 0 {
		rows = append(rows, []string{fmt.Sprintf("… %d more classes", more)})
	}
	if len(rows) == 1 {
		return
	}
	var t report.Table
	for _, r := range rows {
		t.Row(r...)
	}
	t.Write(w)
}

func showFinding(w io.Writer, f dataset.Finding, p report.Palette) {
	head := map[dataset.Level]string{
		dataset.Blocks: p.Bad("impossible to train on:"), dataset.Harms: p.Warn("warning:"), dataset.Note: p.Faint("note:"),
	}[f.Level]
	fmt.Fprintf(w, "%s %s\n", head, report.Clean(f.Text))
	if f.Hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", f.Hint)
	}
	const most = 10
	for i, c := range f.Cases {
		if i == most {
			fmt.Fprintf(w, "  and %d more (--json lists all)\n", len(f.Cases)-i)
			break
		}
		fmt.Fprintf(w, "  %s", list(c.Files))
		if c.Why != "" {
			fmt.Fprintf(w, ": %s", report.Clean(c.Why))
		}
		fmt.Fprintln(w)
	}
}
