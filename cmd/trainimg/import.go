package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/model"
)

// importCommand is `trainimg import MODEL`: weights that another program has
// trained.
func importCommand(common *cli.Common) *cobra.Command {
	var weights, out string
	cmd := &cobra.Command{
		Use:     "import MODEL",
		Short:   "take over weights that PyTorch has trained",
		Example: `  trainimg import runs/pets --safetensors weights.safetensors -o pets2.safetensors`,
		Long: `The new model has the network, the classes and the preparation of MODEL, and the
weights of a safetensors file, as PyTorch writes it for an equal network: see
docs/interop.md.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if weights == "" || out == "" {
				return cli.Errorf(cli.Usage, "trainimg import MODEL --safetensors WEIGHTS -o FILE", "want --safetensors and -o")
			}
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			b, err := safefile.Read(weights, model.MaxFile)
			if err != nil {
				return err
			}
			if m, err = m.Import(b); err != nil {
				return cli.Errorf(cli.Failure, "trainimg info "+args[0]+" shows the network that the weights must be of", "%q: %w", weights, err)
			}
			m.Receipt = model.Receipt{Version: cli.Release(), Go: runtime.Version()}
			if b, err = m.Encode(); err != nil {
				return err
			}
			if err := create(out, b); err != nil {
				return err
			}
			fmt.Fprintf(common.Notes(cmd.ErrOrStderr()), "%s, %d bytes; next: trainimg eval %s PICTURES\n", out, len(b), out)
			return nil
		},
	}
	cmd.Flags().StringVar(&weights, "safetensors", "", "the weights, a safetensors `FILE` of another program")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write this model `FILE`")
	return cmd
}
