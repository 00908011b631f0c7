package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"

	"github.com/spf13/cobra"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/dataset"
	"squint/pkg/explain"
	"squint/pkg/imageio"
	"squint/pkg/model"
	"squint/pkg/report"
)

// explainCommand is `classify explain FILE -o OUT.png`.
func explainCommand(common *cli.Common) *cobra.Command {
	name, show, out, layer := defaultModel, "look", "", -1
	cmd := &cobra.Command{
		Use:   "explain FILE -o OUT.png",
		Short: "draw what the network looked at",
		Example: `  classify explain photo.jpg -o why.png                    where the answer comes from
  classify explain -m digits 7.png --show filters -o w.png  what the first layer looks for
  classify explain -m digits 7.png --show maps -o maps.png  what it finds in the picture`,
		Long: `look     the picture, and over it in red what speaks for the answer, in blue what speaks
         against it: each part is covered in turn, and the answer asked for again
filters  the weights of the first layer as pictures; those of a dense layer look like
         the network's input. Grey is 0
maps     what a layer makes of the picture, one tile a channel; --layer N chooses
         another one than the first`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return cli.Errorf(cli.Usage, "classify explain "+args[0]+" -o why.png", "name the picture to write")
			}
			m, err := load(name)
			if err != nil {
				return err
			}
			img, about, err := explained(m, args[0], show, layer)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := png.Encode(&b, img); err != nil {
				return err
			}
			if err := safefile.Create(out, b.Bytes()); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), about)
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&name, "model", "m", name, "built-in model or model file, `NAME|FILE`")
	f.StringVarP(&out, "out", "o", "", "the picture to write, a new PNG `FILE`")
	cli.AddChoice(cmd, f, &show, "show", "`WHAT`: %s", "look", "filters", "maps")
	f.IntVar(&layer, "layer", -1, "with --show maps: the layer `N`, from 0, as trainimg info lists them")
	return cmd
}

// explained returns the drawing and a line about it.
func explained(m *model.Model, file, show string, layer int) (image.Image, string, error) {
	if show == "filters" {
		tiles, err := explain.Filters(m)
		if err != nil {
			return nil, "", err
		}
		return explain.Sheet(tiles, true), fmt.Sprintf("%d filters of %d×%d", len(tiles), tiles[0].W, tiles[0].H), nil
	}
	pixels, err := prepared(m, file)
	if err != nil {
		return nil, "", fmt.Errorf("%q: %w", file, reason(err))
	}
	if show == "maps" {
		if layer < 0 {
			layer = explain.FirstMaps(m)
		}
		tiles, err := explain.Maps(m, pixels, layer)
		if err != nil {
			return nil, "", &cli.Error{Code: cli.Usage, Err: err, Hint: "the layers are:\n  " + strings.Join(explain.Layers(m), "\n  ")}
		}
		return explain.Sheet(tiles, false), fmt.Sprintf("layer %d: %s", layer, explain.Layers(m)[layer]), nil
	}
	c, err := m.NewClassifier(1)
	if err != nil {
		return nil, "", err
	}
	heat := explain.Occlusion(m, c, pixels)
	set := &dataset.Set{Shape: m.Prep.Size, Pixels: pixels}
	probs := make([]float32, len(m.Classes))
	c.Probs(probs, pixels, 1)
	return heat.Draw(report.Picture(set, 0)), fmt.Sprintf("%s  %s  %.1f%%", clean(file), clean(m.Classes[heat.Answer]), 100*probs[heat.Answer]), nil
}

// prepared reads a picture as the network sees it.
func prepared(m *model.Model, file string) ([]uint8, error) {
	data, err := imageio.ReadFile(file, imageio.Limits{})
	if err != nil {
		return nil, err
	}
	img, _, err := imageio.Decode(data, imageio.Limits{})
	if err != nil {
		return nil, err
	}
	pixels := make([]uint8, m.Prep.Size.Size())
	return pixels, m.Prep.Bytes(pixels, img)
}
