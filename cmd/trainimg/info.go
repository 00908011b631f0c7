package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/dataset"
	"squint/pkg/model"
	"squint/pkg/report"
)

// infoCommand is `trainimg info MODEL`.
func infoCommand(common *cli.Common) *cobra.Command {
	var network bool
	cmd := &cobra.Command{
		Use:   "info MODEL",
		Short: "show what a model file holds",
		Example: `  trainimg info runs/pets/model.safetensors
  trainimg info runs/pets/model.safetensors --network >net.json    (then: trainimg pets/ --arch net.json)`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			if network {
				b, err := json.MarshalIndent(m.Net.Specs, "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", b)
				return err
			}
			return showModel(cmd.OutOrStdout(), m, common.Palette(cmd.OutOrStdout()))
		},
	}
	cmd.Flags().BoolVar(&network, "network", false, "print the network as JSON, for --arch FILE.json")
	return cmd
}

// showModel prints classes, preparation, layers, receipt and report.
func showModel(w io.Writer, m *model.Model, p report.Palette) error {
	var b bytes.Buffer
	s := m.Prep.Size
	channels := "grey"
	if s.C == 3 {
		channels = "colour"
	}
	fit := string(m.Prep.Fit)
	if fit == "" {
		fit = "stretch"
	}
	var names []string
	for _, c := range m.Classes {
		names = append(names, report.Shorten(report.Clean(c), 32))
	}
	fmt.Fprintf(&b, "%s\n%d classes: %s\ninput %d×%d pixels in %s (%s)\n\n", p.Bold(report.Clean(m.Name)), len(names), strings.Join(names, ", "), s.W, s.H, channels, fit)
	networkTable(m.Net).Write(&b)
	if m.Half {
		b.WriteString("the weights of dense layers and convolutions in 16 bits\n")
	}
	r := m.Receipt
	b.WriteString("\n")
	var t report.Table
	for _, row := range [][2]string{{"made by squint", r.Version}, {"with Go", r.Go}, {"seed", fmt.Sprint(r.Seed)}, {"pictures", r.Data}, {"split", r.Split}} {
		if row[1] != "" {
			t.Row(row[0] + "  " + report.Clean(row[1]))
		}
	}
	t.Write(&b)
	if len(m.Report) > 0 {
		var rep report.Report
		if err := json.Unmarshal(m.Report, &rep); err != nil {
			return fmt.Errorf("%q: its report cannot be read: %w", m.Name, err)
		}
		fmt.Fprintf(&b, "learnt from %d pictures in %d epochs\n\n%s\n", rep.Train.N, rep.Train.Epochs, rep.Line())
		if rep.Trust != nil {
			b.WriteString("\n")
			rep.Trust.Text(&b, p) // a bytes.Buffer takes everything
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writePredictions writes the answers to a new file.
func writePredictions(path string, classes []string, set *dataset.Set, probs []float32) error {
	var b bytes.Buffer
	if err := report.Predictions(&b, classes, set.Files, set.Labels, probs); err != nil {
		return err
	}
	return safefile.Create(path, b.Bytes())
}
