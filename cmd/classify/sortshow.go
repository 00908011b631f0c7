package main

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"squint/pkg/report"
	"squint/pkg/sorter"
)

// show writes the plan: the pictures for each folder, and what stays.
func (s *sorting) show(p *sorter.Plan) {
	if s.common.Quiet {
		return
	}
	fmt.Fprintf(s.notes, "%s %s from %s to %s\n", verb[s.kind], count(len(p.Units), p.Files()), clean(p.Src), clean(p.Dst))
	var goes, stay piles
	for _, u := range p.Units {
		goes.add(path.Dir(u[0].To), u[0].From)
	}
	for _, e := range p.Rest {
		why := string(e.Outcome) + ", " + e.Reason
		stay.add(why, e.File)
	}
	slices.Sort(goes.names)
	goes.write(s, "  %s")
	stay.write(s, "  stay: %s")
}

var verb = map[sorter.Mode]string{sorter.Copy: "copy", sorter.Move: "move", sorter.Symlink: "link", sorter.Hardlink: "hard link"}

// count is "30 pictures and 2 companion files".
func count(pictures, files int) string {
	text := plural(pictures, "picture")
	if files > pictures {
		text += " and " + plural(files-pictures, "companion file")
	}
	return text
}

// plural is "1 file" or "2 files".
func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// piles count files by a name and keep the first three of each.
type piles struct {
	names []string // in order of first appearance
	piles map[string]*pile
}

type pile struct {
	n     int
	first []string
}

func (p *piles) add(name, file string) {
	if p.piles == nil {
		p.piles = map[string]*pile{}
	}
	if p.piles[name] == nil {
		p.piles[name] = &pile{}
		p.names = append(p.names, name)
	}
	q := p.piles[name]
	if q.n++; q.n <= 3 {
		q.first = append(q.first, report.Shorten(clean(file), 40))
	}
}

func (p *piles) write(s *sorting, form string) {
	width := 0
	for _, name := range p.names {
		width = max(width, len(clean(name)))
	}
	for _, name := range p.names {
		q := p.piles[name]
		more := ""
		if q.n > len(q.first) {
			more = " …"
		}
		fmt.Fprintf(s.notes, form+"  %6d  %s%s\n", fmt.Sprintf("%-*s", min(width, 40), clean(name)), q.n, strings.Join(q.first, ", "), more)
	}
}

// totals is "30 moved, 2 kept, 1 failed".
func totals(c sorter.Counts) string {
	var parts []string
	for _, o := range sorter.Outcomes {
		if c[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[o], o))
		}
	}
	if len(parts) == 0 {
		return "nothing to do"
	}
	return strings.Join(parts, ", ")
}

// warn tells about a file that was to be sorted and has a problem.
func (s *sorting) warn(e sorter.Entry) {
	if e.Reason != "" && e.Outcome != sorter.Kept {
		fmt.Fprintf(s.notes, "%s: %s: %s\n", e.Outcome, clean(e.File), clean(e.Reason))
	}
}

// sortRow is a file in --json.
type sortRow struct {
	jsonFile
	To      string         `json:"to,omitempty"`
	Outcome sorter.Outcome `json:"outcome"`
	Reason  string         `json:"reason,omitempty"`
	Label   string         `json:"label,omitempty"`
	Score   string         `json:"score,omitempty"`
}

// row writes a file's row.
func (s *sorting) row(e sorter.Entry) {
	if !s.json {
		return
	}
	r := sortRow{jsonFile: jsonFile{File: e.File}, To: e.To, Outcome: e.Outcome, Reason: e.Reason}
	if !utf8.ValidString(e.File) {
		r.Bytes = []byte(e.File)
	}
	if i, ok := s.labels[e.File]; ok {
		r.Label, r.Score = s.rows[i].Label, s.rows[i].Score
	}
	var b bytes.Buffer
	writeJSON(&b, r)
	b.WriteByte('\n')
	s.out.Write(b.Bytes()) // an error comes out of Flush
}
