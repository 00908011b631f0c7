// Command classify says what pictures show.
//
// One picture on its way: inputs.go names it, classify.go reads, decodes and
// prepares it and asks the model, rows.go writes the answer.
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

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	app := cli.App{
		Root:    command(),
		Exits:   []int{cli.OK, cli.Failure, cli.Usage, cli.Unusable, cli.SomeFailed, cli.Interrupted, cli.Terminated},
		Aliases: aliases,
		Foreign: foreign,
	}
	return app.Run(ctx, args, stdin, stdout, stderr)
}
