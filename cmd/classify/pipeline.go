package main

import (
	"bufio"
	"context"
	"io"

	"squint/internal/cli"
	"squint/pkg/eval"
	"squint/pkg/model"
)

// pipeline classifies inputs and writes their rows in the order of the inputs.
type pipeline struct {
	model    *model.Model
	rule     eval.Rule
	stdin    io.Reader // bytes of the input "-"
	threads  int
	format   format
	progress *cli.Progress
	goesOn   bool // the output is behind that of an earlier run

	rows   int // written
	failed int // of them, with errors
	spent  shares
}

// run classifies all that each lists.
func (p *pipeline) run(ctx context.Context, each func(func(input) bool) error, out *bufio.Writer) error {
	c := &classifier{model: p.model, rule: p.rule, stdin: p.stdin, answer: func(j *job, _ []byte, a answer, err error) {
		p.format.row(&j.row, j.in.name, a, err)
	}}
	if !p.goesOn {
		out.WriteString(p.format.open) // out keeps an error until the next Flush
	}
	var err error
	p.spent, err = c.run(ctx, p.threads, each, func(j *job) error { return p.write(j, out) }, out.Flush)
	if err != nil {
		return err
	}
	_, err = out.WriteString(p.format.close)
	return err
}

func (p *pipeline) write(j *job, out *bufio.Writer) error {
	if p.rows > 0 {
		out.WriteString(p.format.sep)
	}
	j.row.WriteString(p.format.end)
	if _, err := out.Write(j.row.Bytes()); err != nil {
		return err
	}
	p.rows++
	if j.bad {
		p.failed++
	}
	p.progress.Add(1)
	return nil
}
