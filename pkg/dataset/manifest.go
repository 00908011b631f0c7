package dataset

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxManifest is far above a list of ten million files; it keeps a mistyped
// name, of a video say, from filling the memory.
const maxManifest = 1 << 30

// row is one line of a manifest.
type row struct {
	file, label string
	part        Part
}

// scanManifest reads a manifest file, whose paths are relative to its folder.
func scanManifest(name string) (*Source, []found, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxManifest {
		return nil, nil, unusablef(name, "want a folder, or a manifest of up to %d bytes", maxManifest)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %w", err)
	}
	rows, err := parseManifest(text)
	if err != nil {
		return nil, nil, unusablef(name, "%v", err)
	}
	src := &Source{Root: filepath.Dir(name), Kind: "manifest"}
	var all []found
	for _, r := range rows {
		if r.label == "" {
			src.Skipped = append(src.Skipped, Skipped{r.file, "the manifest gives it no label"})
			continue
		}
		place := filepath.FromSlash(r.file)
		if !filepath.IsAbs(place) {
			place = filepath.Join(src.Root, place)
		}
		all = append(all, found{Item{File: r.file, Part: r.part, path: place}, r.label})
	}
	return src, all, nil
}

// columns are the names that a manifest may give its columns; the second ones
// are those of split.csv in a run's folder.
var columns = [...]struct {
	names    []string
	optional bool
}{
	{names: []string{"path", "file"}},
	{names: []string{"label", "class"}},
	{names: []string{"split", "part"}, optional: true},
}

// parseManifest reads lines of JSON objects if the first one is such, else CSV
// (RFC 4180).
//
//	path,label,split
//	a/1.png,cat,train
//
//	{"path": "a/1.png", "label": "cat", "split": "train"}
//
// The split may be left out or empty. The header of a CSV may be left out, and
// then the columns are in this order; with it they may be in any order and
// others among them. Both keep their paths with slashes. A label may be a
// number.
func parseManifest(text []byte) ([]row, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // as spreadsheets write it
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, errors.New("no text, and so no manifest")
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return parseJSONLines(text)
	}
	return parseCSV(text)
}

func parseCSV(text []byte) (rows []row, err error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	at := [len(columns)]int{0, 1, 2}
	for first := true; ; first = false {
		record, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, err // names the line
		}
		if first {
			if header, ok, err := readHeader(record); err != nil {
				return nil, err
			} else if ok {
				at = header
				continue
			}
		}
		line, _ := r.FieldPos(0)
		var fields [len(columns)]string
		for i, c := range at {
			switch {
			case 0 <= c && c < len(record):
				fields[i] = record[c]
			case !columns[i].optional:
				return nil, fmt.Errorf("line %d: %d columns, want path,label or path,label,split", line, len(record))
			}
		}
		row, err := newRow(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
}

// readHeader finds the columns in the first line, if it is a header: one that
// names the path or the label. A missing optional column is -1.
func readHeader(record []string) (at [len(columns)]int, ok bool, err error) {
	for i, c := range columns {
		at[i] = slices.IndexFunc(record, func(name string) bool {
			return slices.Contains(c.names, strings.ToLower(strings.TrimSpace(name)))
		})
		ok = ok || at[i] >= 0 && !c.optional
	}
	for i, c := range columns {
		if ok && at[i] < 0 && !c.optional {
			return at, false, fmt.Errorf("line 1: no column %q, want path,label or path,label,split", c.names[0])
		}
	}
	return at, ok, nil
}

func parseJSONLines(text []byte) (rows []row, err error) {
	line := 0
	for t := range bytes.Lines(text) {
		line++
		if len(bytes.TrimSpace(t)) == 0 {
			continue
		}
		var object map[string]any
		d := json.NewDecoder(bytes.NewReader(t))
		d.UseNumber() // a label 1 is "1", and 007 an error
		if err := d.Decode(&object); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if _, err := d.Token(); err != io.EOF {
			return nil, fmt.Errorf("line %d: more than one JSON object", line)
		}
		var fields [len(columns)]string
		for i, c := range columns {
			for _, name := range c.names {
				switch v := object[name].(type) {
				case nil:
				case string:
					fields[i] = v
				case json.Number:
					fields[i] = v.String()
				default:
					return nil, fmt.Errorf("line %d: %q is neither text nor a number", line, name)
				}
			}
		}
		row, err := newRow(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func newRow(fields [len(columns)]string) (row, error) {
	r := row{file: fields[0], label: strings.TrimSpace(fields[1])}
	if r.file == "" {
		return r, errors.New("no path")
	}
	if s := strings.TrimSpace(fields[2]); s != "" {
		part, ok := partNamed(s)
		if !ok {
			return r, fmt.Errorf("split %q, want train, val, test or nothing", s)
		}
		r.part = part
	}
	return r, nil
}
