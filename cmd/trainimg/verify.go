package main

import (
	"encoding/json"
	"fmt"
	"math"

	"squint/internal/cli"
	"squint/pkg/model"
	"squint/pkg/recipe"
	"squint/pkg/report"
)

// asTrained loads the pictures that a model was trained on, split as they were
// then, and returns the report of that training. Other pictures are refused.
func (j *job) asTrained(m *model.Model, name string) (*report.Report, error) {
	var rec recipe.Recipe
	var r report.Report
	if m.Receipt.Split == "" || m.Receipt.Recipe == nil || m.Report == nil {
		return nil, cli.Errorf(cli.Failure, "train it anew: trainimg "+j.dir, "%q does not say how its pictures were split", name)
	}
	if err := json.Unmarshal(m.Receipt.Recipe, &rec); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(m.Report, &r); err != nil {
		return nil, err
	}
	rec.Prep = m.Prep
	j.recipe = &rec
	if err := j.look(); err != nil {
		return nil, err
	}
	if err := j.load(); err != nil {
		return nil, err
	}
	if splitHash(j.data) != m.Receipt.Split {
		return nil, cli.Errorf(cli.Unusable, "name the folder that the model was trained on, as it was then", "the pictures in %q are not those that %q was trained on", j.dir, name)
	}
	return &r, nil
}

// verify tests a model once more on its own test part, as its receipt says that
// was split off, and compares with what its report claims.
func (j *job) verify(m *model.Model, name string) (*report.Report, error) {
	claimed, err := j.asTrained(m, name)
	if err != nil {
		return nil, err
	}
	if claimed.Test == nil {
		return nil, cli.Errorf(cli.Failure, "trainimg eval "+name+" DIR judges it on other pictures", "%q reports no test", name)
	}
	found := *claimed
	if _, err := j.judge(m, &found, j.data.Test); err != nil {
		return nil, err
	}
	was, is := claimed.Test, found.Test
	// Another processor rounds sums in another way; answers stay.
	if was.N != is.N || was.Correct != is.Correct || math.Abs(was.LogLoss-is.LogLoss) > 1e-4 {
		return nil, cli.Errorf(cli.Failure, "trust what is found, or train it anew", "%q claims %d of %d right and a log loss of %.4f, found %d of %d and %.4f",
			name, was.Correct, was.N, was.LogLoss, is.Correct, is.N, is.LogLoss)
	}
	fmt.Fprintf(j.notes, "verified: the same pictures (split %.12s…), the same %d of %d right\n", m.Receipt.Split, is.Correct, is.N)
	found.Model, found.Data.Path, found.Run = name, j.dir, j.machine()
	return &found, nil
}
