package main

import (
	"fmt"
	"strconv"

	"squint/internal/cli"
	"squint/pkg/eval"
	"squint/pkg/model"
)

// precision is the flag --precision: the share of answers that must be right.
type precision struct {
	value float64
	given bool
}

func (p *precision) String() string {
	if !p.given {
		return ""
	}
	return strconv.FormatFloat(p.value, 'g', -1, 64)
}

func (p *precision) Type() string { return "share" }

func (p *precision) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= 0 && v < 1) {
		return fmt.Errorf("want a share below 1, such as 0.99")
	}
	p.value, p.given = v, true
	return nil
}

// rule returns when the model answers.
func (p *precision) rule(m *model.Model) (eval.Rule, error) {
	if !p.given {
		return m.Trust.DefaultRule(), nil
	}
	r, err := m.Trust.Rule(p.value)
	if err != nil {
		return r, &cli.Error{Code: cli.Failure, Err: fmt.Errorf("--precision: model %q: %w", m.Name, err), Hint: "trainimg info " + m.Name + " lists what the model can promise; more validation pictures let it promise more"}
	}
	return r, nil
}
