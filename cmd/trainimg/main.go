// Command trainimg trains an image classifier on a folder of labelled
// pictures. See `trainimg --help`.
package main

import (
	"context"
	"io"
	"os"

	"squint/internal/cli"
)

func main() {
	os.Exit(run(cli.Signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.App{
		Root:    root(),
		Exits:   []int{cli.OK, cli.Failure, cli.Usage, cli.Unusable, cli.GateMissed, cli.Interrupted, cli.Terminated},
		Aliases: aliases,
		Foreign: foreign,
	}.Run(ctx, joinOptional(args), stdin, stdout, stderr)
}
