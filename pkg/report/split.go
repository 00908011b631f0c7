package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
)

// Placed is one picture's place in the split.
type Placed struct {
	File  string
	Class string
	Part  string // "train", "val" or "test"
	Group string // what stays in one part together: near duplicates share it
}

var splitHeader = []string{"file", "class", "part", "group"}

// Split writes split.csv: file,class,part,group.
func Split(w io.Writer, pictures iter.Seq[Placed]) error {
	c := csv.NewWriter(w)
	c.Write(splitHeader)
	for p := range pictures {
		c.Write([]string{p.File, p.Class, p.Part, p.Group})
	}
	c.Flush()
	return c.Error() // a csv.Writer keeps its first error
}

// ReadSplit reads split.csv.
func ReadSplit(r io.Reader) ([]Placed, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], splitHeader) {
		return nil, fmt.Errorf("report: the first row is not %q", splitHeader)
	}
	var placed []Placed
	for _, row := range rows[1:] {
		placed = append(placed, Placed{row[0], row[1], row[2], row[3]})
	}
	return placed, nil
}
