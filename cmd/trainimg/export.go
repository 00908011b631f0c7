package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/onnx"
)

// exportCommand is `trainimg export MODEL`: the model in another form.
func exportCommand(common *cli.Common) *cobra.Command {
	var toONNX, out string
	var half bool
	cmd := &cobra.Command{
		Use:   "export MODEL",
		Short: "write a model in another form",
		Example: `  trainimg export runs/pets --onnx pets.onnx
  trainimg export runs/pets --half -o pets.safetensors    half the size`,
		Long: `MODEL is a model file, the folder of a run or the name of a built-in model. An
ONNX file takes pixels from 0 to 255 and gives probabilities, see
docs/interop.md.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (toONNX == "") == (out == "") || half && out == "" {
				return cli.Errorf(cli.Usage, "trainimg export MODEL --onnx FILE, or trainimg export MODEL --half -o FILE", "want either --onnx FILE or -o FILE")
			}
			m, err := openModel(args[0])
			if err != nil {
				return err
			}
			var b []byte
			if toONNX != "" {
				out = toONNX
				b, err = onnx.Encode(m)
			} else {
				m.Half = m.Half || half
				b, err = m.Encode()
			}
			if err != nil {
				return err
			}
			if err := create(out, b); err != nil {
				return err
			}
			fmt.Fprintf(common.Notes(cmd.ErrOrStderr()), "%s, %d bytes\n", out, len(b))
			return nil
		},
	}
	cmd.Flags().StringVar(&toONNX, "onnx", "", "write an ONNX `FILE`")
	cmd.Flags().StringVarP(&out, "out", "o", "", "write a model `FILE`")
	cmd.Flags().BoolVar(&half, "half", false, "store the weights of -o in 16 bits")
	return cmd
}

// create writes a new file that a user has named.
func create(path string, b []byte) error {
	err := safefile.Create(path, b)
	if errors.Is(err, fs.ErrExist) {
		return cli.Errorf(cli.Unusable, "name another file, or remove that one", "%q is there already and is not overwritten", path)
	}
	return err
}
