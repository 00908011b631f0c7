package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/eval"
	"squint/pkg/sorter"
)

// finding is what the threads find out about a photo.
type finding struct {
	files []sorter.File
	class int
	score float32
	// unsure: class is no answer
	unsure bool
	taken  time.Time
	err    error // the photo cannot be sorted
}

// newPlan looks at all photos of the source, or reads what a plan says of them.
func (s *sorting) newPlan(ctx context.Context) (*sorter.Plan, error) {
	found, err := sorter.Scan(ctx, s.src, s.dst, isPicture)
	if err != nil {
		return nil, s.explain(err)
	}
	if len(found.Photos) == 0 {
		return nil, cli.Errorf(cli.Unusable, "name a folder that holds some, or that has folders which do", "no pictures found in %q", s.src)
	}
	plan, err := sorter.NewPlan(s.src, s.dst, s.kind)
	if err != nil {
		return nil, s.explain(err)
	}
	plan.Rest = append(plan.Rest, found.Others...)
	if s.apply && s.plan != "" {
		return plan, s.readPlan(plan, found.Photos)
	}
	return plan, s.classify(ctx, plan, found.Photos)
}

// classify asks the model about photos and plans them.
func (s *sorting) classify(ctx context.Context, plan *sorter.Plan, photos []sorter.Photo) error {
	dated := sorter.Template(s.into).Dated()
	c := &classifier{model: s.net, rule: s.rule, answer: func(j *job, data []byte, a answer, err error) {
		f := &j.find
		if f.err = err; err != nil {
			return
		}
		f.class, f.unsure = eval.Argmax(a.probs), a.unsure
		f.score = a.probs[f.class]
		f.files, f.err = examine(plan.Src, photos[j.in.n])
		if dated && f.err == nil {
			var ok bool
			if f.taken, ok = sorter.Taken(data); !ok {
				f.taken = time.Unix(0, f.files[0].Was.MTime).Local()
			}
		}
	}}
	each := func(yield func(input) bool) error {
		for i, ph := range photos {
			if !yield(input{name: filepath.Join(plan.Src, filepath.FromSlash(ph.Picture)), n: i}) {
				break
			}
		}
		return nil
	}
	progress := s.common.Progress(s.stderr, "classifying", "pictures", int64(len(photos)))
	start := time.Now()
	spent, err := c.run(ctx, s.common.Workers(), each, func(j *job) error {
		s.place(plan, photos[j.in.n], &j.find)
		progress.Add(1)
		return nil
	}, func() error { return nil })
	progress.Close()
	if len(photos) >= manyPictures && err == nil {
		fmt.Fprintln(s.notes, throughput(len(photos), time.Since(start), spent))
	}
	return err
}

// examine looks at all files of a photo.
func examine(src string, ph sorter.Photo) ([]sorter.File, error) {
	var files []sorter.File
	for _, name := range append([]string{ph.Picture}, ph.Companions...) {
		f, err := sorter.Examine(src, name)
		if err != nil && name != ph.Picture {
			return nil, fmt.Errorf("%q, which belongs to it: %w", name, reason(err))
		}
		if err != nil {
			return nil, reason(err)
		}
		files = append(files, f)
	}
	return files, nil
}

// place plans one photo.
func (s *sorting) place(plan *sorter.Plan, ph sorter.Photo, f *finding) {
	row := sorter.Row{File: ph.Picture, With: ph.Companions}
	switch {
	case f.err != nil:
		s.broken++
		row.Reason = f.err.Error()
		plan.Stay(ph, sorter.Skipped, row.Reason)
	default:
		row.Label, row.Score, row.Sum = s.net.Classes[f.class], score(f.score).String(), f.files[0].Sum.String()
		row.To = sorter.Template(s.into).Folder(s.folders[f.class], f.taken)
		if f.unsure {
			row.To = s.unsure
		}
		if row.To == "" {
			row.Reason = "unsure"
			plan.Stay(ph, sorter.Kept, row.Reason)
		} else {
			plan.Add(f.files, row.To)
		}
	}
	s.rows = append(s.rows, row)
	s.labels[ph.Picture] = len(s.rows) - 1
}

// writePlan writes the plan to a file that was not there, and returns its name.
func (s *sorting) writePlan(plan *sorter.Plan) (string, error) {
	var b strings.Builder
	if err := sorter.WriteCSV(&b, s.rows); err != nil {
		return "", err
	}
	ext := filepath.Ext(s.plan)
	base := strings.TrimSuffix(s.plan, ext)
	for n := 1; ; n++ {
		name := s.plan
		if n > 1 {
			name = fmt.Sprintf("%s-%d%s", base, n, ext)
		}
		if err := safefile.Create(name, []byte(b.String())); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// readPlan plans what an edited plan says.
func (s *sorting) readPlan(plan *sorter.Plan, photos []sorter.Photo) error {
	f, err := os.Open(s.plan)
	if err != nil {
		return cli.Errorf(cli.Failure, "write one first: the same command without --apply", "plan %q: %w", s.plan, reason(err))
	}
	defer f.Close()
	rows, err := sorter.ReadCSV(f)
	if err != nil {
		return cli.Errorf(cli.Failure, "--plan FILE.csv without --apply writes one", "plan %q: %w", s.plan, err)
	}
	left := map[string]sorter.Photo{}
	for _, ph := range photos {
		left[ph.Picture] = ph
	}
	progress := s.common.Progress(s.stderr, "reading", "pictures", int64(len(rows)))
	defer progress.Close()
	listed := map[string]bool{}
	for _, row := range rows {
		progress.Add(1)
		ph, there := left[row.File]
		switch {
		case listed[row.File]:
			return cli.Errorf(cli.Failure, "leave one of the rows", "plan %q: %q is in it twice", s.plan, row.File)
		case !there:
			plan.Stay(sorter.Photo{Picture: row.File}, sorter.Failed, "in the plan, but no picture of this name is there")
			continue
		}
		listed[row.File] = true
		delete(left, row.File)
		if row.To == "" {
			plan.Stay(ph, sorter.Kept, "the plan leaves it")
			continue
		}
		files, err := examine(plan.Src, ph)
		if err == nil && row.Sum != "" && row.Sum != files[0].Sum.String() {
			err = errors.New("it has changed since the plan was written")
		}
		if err != nil {
			s.broken++
			plan.Stay(ph, sorter.Skipped, err.Error())
			continue
		}
		plan.Add(files, row.To)
	}
	for _, ph := range photos {
		if _, ok := left[ph.Picture]; ok {
			plan.Stay(ph, sorter.Kept, "not in the plan")
		}
	}
	return nil
}
