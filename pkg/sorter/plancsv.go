package sorter

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Row is a line of a plan as people edit it: a picture and the folder that it
// goes to. The files that belong to it go along.
type Row struct {
	File   string // below the source
	To     string // the folder, below the destination; empty to stay
	Label  string
	Score  string
	With   []string // what goes along, for information
	Sum    string   // SHA-256 of the picture, so that a changed one is not sorted by an old answer; may be empty
	Reason string   // for what stays
}

var columns = []string{"file", "to", "label", "score", "with", "sha256", "reason"}

// WriteCSV writes a plan.
func WriteCSV(w io.Writer, rows []Row) error {
	c := csv.NewWriter(w)
	c.Write(columns) // errors come out of Flush
	for _, r := range rows {
		c.Write([]string{r.File, r.To, r.Label, r.Score, strings.Join(r.With, "; "), r.Sum, r.Reason})
	}
	c.Flush()
	return c.Error()
}

// ReadCSV reads a plan that may have been edited: rows taken out or in another
// order, folders changed, columns other than file and to left out or moved. Only
// File, To and Sum are set.
func ReadCSV(r io.Reader) ([]Row, error) {
	c := csv.NewReader(r)
	head, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("a plan begins with the line %q: %w", strings.Join(columns, ","), err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.TrimPrefix(name, "\ufeff")] = i // spreadsheets put a mark in front
	}
	file, ok1 := at["file"]
	to, ok2 := at["to"]
	if !ok1 || !ok2 {
		return nil, errors.New("a plan has the columns file and to")
	}
	sum, hasSum := at["sha256"]
	var rows []Row
	for {
		line, err := c.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := Row{File: line[file], To: strings.TrimSuffix(line[to], "/")}
		if hasSum {
			row.Sum = line[sum]
		}
		rows = append(rows, row)
	}
}
