package dataset

import (
	"cmp"
	"context"
	"errors"
	"image"
	"slices"
)

// AuditSchema is the version of Audit as JSON. It changes when a field changes
// its meaning or goes away, not when one is added.
const AuditSchema = 1

// Audit is what can be said about a dataset before training.
type Audit struct {
	Schema   int     `json:"schema"`
	Path     string  `json:"path"`     // as it was given
	Kind     string  `json:"kind"`     // Source.Kind
	Pictures int     `json:"pictures"` // that can be used
	Classes  []Tally `json:"classes"`
	Formats  []Count `json:"formats"` // of the pictures that can be used, the most frequent first
	Gray     int     `json:"gray"`    // of them, stored without colour
	Turned   int     `json:"turned"`  // of them, stored on their side or mirrored, as EXIF says; they are set upright

	Width    int        `json:"width"` // medians, in pixels
	Height   int        `json:"height"`
	Smallest *Dimension `json:"smallest"` // by pixels; null without pictures
	Largest  *Dimension `json:"largest"`

	// Near says how near duplicates were told: "loose" or "tight", whichever
	// suits the set, or "off" where the pictures are too much alike. See
	// nearGroups.
	Near     string    `json:"near"`
	Findings []Finding `json:"findings"` // the worst first
	Ignored  []string  `json:"ignored"`  // Source.Ignored
}

// Tally counts one class. Free are the pictures that Load will split off parts from.
type Tally struct {
	Class   string `json:"class"`
	Train   int    `json:"train"`
	Val     int    `json:"val"`
	Test    int    `json:"test"`
	Free    int    `json:"free"`
	Skipped int    `json:"skipped"`
}

// Count counts something by name.
type Count struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Dimension is the size of a picture in pixels.
type Dimension struct {
	File   string `json:"file"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Check audits the dataset at dir: it scans it and decodes every picture. Of
// opt, only Limits, Threads, Progress and Cache matter. It writes nothing to the
// dataset. What makes a dataset Unusable is a finding and no error, except that
// an IDX file cannot be read.
func Check(ctx context.Context, dir string, opt Options) (*Audit, error) {
	a := &Audit{Schema: AuditSchema, Path: dir}
	s, err := Scan(dir)
	var unusable *Unusable
	if err == nil {
		var records []record
		var errs []error
		if records, errs, _, err = s.read(ctx, &opt, nil, nil); err == nil {
			examples := s.examples(errs, records, nil)
			return s.audit(dir, records, errs, examples, groupUp(examples, records, opt.Threads)), nil
		}
	}
	if !errors.As(err, &unusable) {
		return nil, err
	}
	a.block(unusable)
	return a.tidy(), nil
}

// Unusable returns why the dataset cannot be trained on, or nil.
func (a *Audit) Unusable() error {
	if len(a.Findings) > 0 && a.Findings[0].Level == Blocks {
		return unusablef(a.Path, "%s", a.Findings[0].Text)
	}
	return nil
}

// Harms counts the findings that training goes on with, to its harm.
func (a *Audit) Harms() (n int) {
	for _, f := range a.Findings {
		if f.Level == Harms {
			n++
		}
	}
	return n
}

func (a *Audit) block(u *Unusable) {
	a.add(Finding{Level: Blocks, Kind: "unusable", Text: u.Reason, Hint: "put the pictures of each class into a folder of its own: pets/cat/…, pets/dog/…"})
}

func (a *Audit) add(f Finding) { a.Findings = append(a.Findings, f) }

// tidy puts the worst findings first and makes lists that are empty [] in JSON.
func (a *Audit) tidy() *Audit {
	slices.SortStableFunc(a.Findings, func(f, g Finding) int { return cmp.Compare(severity[f.Level], severity[g.Level]) })
	for i := range a.Findings {
		if a.Findings[i].Cases == nil {
			a.Findings[i].Cases = []Case{}
		}
	}
	empty(&a.Classes)
	empty(&a.Formats)
	empty(&a.Findings)
	empty(&a.Ignored)
	return a
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// examples lists the items that were read, with the parts that the source
// gives. Where number is not nil, it holds another number for each class.
func (s *Source) examples(errs []error, records []record, number []int) (examples []example) {
	for i, it := range s.Items {
		if errs[i] != nil {
			continue
		}
		class := it.Class
		if number != nil {
			class = number[class]
		}
		examples = append(examples, example{item: i, class: class, part: it.Part, key: records[i].Key})
	}
	return examples
}

// audit says all that there is to say. The examples are grouped and not split.
func (s *Source) audit(path string, records []record, errs []error, examples []example, near string) *Audit {
	a := &Audit{Schema: AuditSchema, Path: path, Kind: s.Kind, Pictures: len(examples), Near: near, Ignored: slices.Clone(s.Ignored)}
	a.count(s, records, errs)
	if len(s.Classes) < 2 {
		a.block(s.oneClass())
	} else if u := s.trainable(examples, errs); u != nil {
		a.block(u)
	}
	a.skipped(s, errs)
	a.layout(s)
	a.copies(s, examples)
	a.balance()
	a.oddities(s, records, errs)
	return a.tidy()
}

// count fills in the numbers.
func (a *Audit) count(s *Source, records []record, errs []error) {
	a.Classes = make([]Tally, len(s.Classes))
	for i, c := range s.Classes {
		a.Classes[i].Class = c
	}
	formats := map[string]int{}
	var widths, heights []int
	for i, it := range s.Items {
		t := &a.Classes[it.Class]
		if errs[i] != nil {
			t.Skipped++
			continue
		}
		switch it.Part {
		case Train:
			t.Train++
		case Val:
			t.Val++
		case Test:
			t.Test++
		default:
			t.Free++
		}
		info := records[i].Info
		formats[info.Format]++
		if info.Gray {
			a.Gray++
		}
		if info.Orientation > 1 {
			a.Turned++
		}
		widths, heights = append(widths, info.Width), append(heights, info.Height)
		d := Dimension{it.File, info.Width, info.Height}
		pixels := d.Width * d.Height
		if a.Smallest == nil || pixels < a.Smallest.Width*a.Smallest.Height {
			a.Smallest = &d
		}
		if a.Largest == nil || pixels > a.Largest.Width*a.Largest.Height {
			a.Largest = &d
		}
	}
	if len(widths) > 0 {
		slices.Sort(widths)
		slices.Sort(heights)
		a.Width, a.Height = widths[len(widths)/2], heights[len(heights)/2]
	}
	for name, n := range formats { // in any order: sorted below
		a.Formats = append(a.Formats, Count{name, n})
	}
	slices.SortFunc(a.Formats, func(f, g Count) int { return cmp.Or(cmp.Compare(g.N, f.N), cmp.Compare(f.Name, g.Name)) })
}

// long tells whether one side of a picture is more than four times the other.
func long(p image.Point) bool { return max(p.X, p.Y) > 4*min(p.X, p.Y) }
