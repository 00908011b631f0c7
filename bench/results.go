package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// results are measurements, name → unit → a value for each round.
type results map[string]map[string][]float64

func (r results) add(name, unit string, values ...float64) {
	if r[name] == nil {
		r[name] = map[string][]float64{}
	}
	r[name][unit] = append(r[name][unit], values...)
}

// merge adds all of from under names that begin with prefix.
func (r results) merge(prefix string, from results) {
	for name, units := range from {
		for unit, values := range units {
			r.add(prefix+name, unit, values...)
		}
	}
}

// processors is what Go adds to a benchmark's name.
var processors = regexp.MustCompile(`-\d+$`)

// read adds what Go benchmarks print, lines of name, count, and value and unit in
// turn. It returns the lines that begin with #.
func (r results) read(out string) (notes []string) {
	for line := range strings.Lines(out) {
		if note, ok := strings.CutPrefix(line, "# "); ok {
			notes = append(notes, strings.TrimSpace(note))
			continue
		}
		f := strings.Fields(line)
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := processors.ReplaceAllString(strings.TrimPrefix(f[0], "Benchmark"), "")
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				r.add(name, f[i+1], v)
			}
		}
	}
	return notes
}

// median returns the median of a measurement, 0 for none.
func (r results) median(name, unit string) float64 {
	v := slices.Sorted(slices.Values(r[name][unit]))
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// cell writes the median, lowest and highest with so many digits behind the
// point; a dash for none.
func (r results) cell(name, unit string, digits int) string {
	v := r[name][unit]
	if len(v) == 0 {
		return "–"
	}
	s := fmt.Sprintf("%.*f", digits, r.median(name, unit))
	if len(v) > 1 {
		s += fmt.Sprintf(" (%.*f–%.*f)", digits, slices.Min(v), digits, slices.Max(v))
	}
	return s
}

// ratio writes a/b, a dash where either is missing.
func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

// table writes rows under a head, as Markdown.
func table(head []string, rows [][]string) {
	line := func(cells []string) { fmt.Printf("| %s |\n", strings.Join(cells, " | ")) }
	fmt.Println()
	line(head)
	fmt.Println(strings.Repeat("|---", len(head)) + "|")
	for _, r := range rows {
		line(r)
	}
}
