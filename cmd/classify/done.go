package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"squint/internal/cli"
)

// done knows files by 16 bytes of the hash of their names: 40 MB for a million.
type done map[[16]byte]struct{}

func (d done) has(name string) bool {
	if len(d) == 0 {
		return false
	}
	_, ok := d[hashed(name)]
	return ok
}

func hashed(name string) [16]byte {
	sum := sha256.Sum256([]byte(name))
	return [16]byte(sum[:])
}

// readDone reads which files have a row in --skip-done, and tells whether there is
// anything to go on from. Half a row at its end,
// where the run broke off, does not count; if stdout goes on in that same file,
// it is taken off, so that the whole is what one run would have written.
func (o *options) readDone(stdout io.Writer) (d done, goesOn bool, err error) {
	if o.skipDone == "" {
		return nil, false, nil
	}
	f, err := os.Open(o.skipDone)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, nil // the first time of a loop that goes on until it is through
	}
	if err != nil {
		return nil, false, cli.Errorf(cli.Failure, "--skip-done takes the rows of a run that broke off", "%q: %w", o.skipDone, reason(err))
	}
	defer f.Close()
	d, whole, err := doneIn(f, o.format)
	if err != nil {
		return nil, false, cli.Errorf(cli.Failure, "--skip-done takes the rows of a run with the same --format, jsonl or csv", "%q: %w", o.skipDone, err)
	}
	if out, ok := stdout.(*os.File); ok {
		a, err1 := f.Stat()
		b, err2 := out.Stat()
		if err1 == nil && err2 == nil && os.SameFile(a, b) && whole < a.Size() {
			if err := out.Truncate(whole); err != nil {
				return nil, false, fmt.Errorf("half a row at the end of %q: %w", o.skipDone, reason(err))
			}
		}
	}
	return d, whole > 0, nil
}

// doneIn returns the files that have whole rows in r, and the length of these.
func doneIn(r io.Reader, format string) (d done, whole int64, err error) {
	d = done{}
	switch format {
	case "jsonl":
		b := bufio.NewReaderSize(r, 1<<20)
		for {
			line, err := b.ReadBytes('\n')
			if err == io.EOF {
				return d, whole, nil
			}
			if err != nil {
				return nil, 0, err
			}
			var row jsonFile
			if err := json.Unmarshal(line, &row); err != nil || row.File == "" {
				return nil, 0, fmt.Errorf("byte %d: not a row of classify --json", whole)
			}
			if row.Bytes != nil {
				row.File = string(row.Bytes)
			}
			d[hashed(row.File)] = struct{}{}
			whole += int64(len(line))
		}
	case "csv":
		var read bytes.Buffer // behind whole
		c := csv.NewReader(io.TeeReader(r, &read))
		c.ReuseRecord = true
		for n := 0; ; n++ {
			row, err := c.Read()
			end := c.InputOffset() - whole
			if err == io.EOF {
				return d, whole, nil
			}
			if err != nil || read.Len() < int(end) || read.Bytes()[end-1] != '\n' { // half a row
				rest, e := io.Copy(io.Discard, r)
				if e != nil || rest > 0 || n == 0 {
					return nil, 0, fmt.Errorf("byte %d: not a row of classify --format csv", whole)
				}
				return d, whole, nil
			}
			if n == 0 && (row[0] != "file" || len(row) < 2) {
				return nil, 0, errors.New("not rows of classify --format csv")
			}
			if n > 0 {
				d[hashed(row[0])] = struct{}{}
			}
			read.Next(int(end))
			whole += end
		}
	}
	return nil, 0, errors.New("rows of --format " + format + " cannot be gone on with")
}
