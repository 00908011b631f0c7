package report

import (
	"encoding/csv"
	"io"
	"iter"
)

// Placed is one picture's place in the split.
type Placed struct {
	File  string
	Class string
	Part  string // "train", "val" or "test"
	Group string // what stays in one part together: near duplicates share it
}

// Split writes split.csv: file,class,part,group.
func Split(w io.Writer, pictures iter.Seq[Placed]) error {
	c := csv.NewWriter(w)
	c.Write([]string{"file", "class", "part", "group"})
	for p := range pictures {
		c.Write([]string{p.File, p.Class, p.Part, p.Group})
	}
	c.Flush()
	return c.Error() // a csv.Writer keeps its first error
}
