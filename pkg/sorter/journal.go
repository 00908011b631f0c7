package sorter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// A journal is a file of lines: eight hexadecimal digits, the CRC-32C of the
// rest, a blank, and a record as JSON. It only grows.
//
// A crash can leave half a line at the end, which never counted: it is cut off.
// Damage before the last good line is something else, and nothing is done with
// such a journal.
type journal struct {
	f    *os.File
	w    *bufio.Writer
	path string
	step stepper
	err  error // the first; nothing is written after it
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maxLine is more than any record takes.
const maxLine = 1 << 20

func newJournal(f *os.File, step stepper) *journal {
	return &journal{f: f, w: bufio.NewWriterSize(f, 64<<10), path: f.Name(), step: step}
}

// add writes records without waiting for the disk.
func (j *journal) add(recs ...record) {
	for _, r := range recs {
		if j.err == nil {
			line, err := encode(r)
			if err == nil {
				_, err = j.w.Write(line)
			}
			j.err = err
		}
	}
}

func encode(r record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	return signed(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// signed is a line with the text.
func signed(text []byte) []byte {
	return fmt.Appendf(nil, "%08x %s\n", crc32.Checksum(text, castagnoli), text)
}

// write hands what was added to the system: it outlives a killed process.
func (j *journal) write() error {
	if j.err == nil && j.step != nil {
		j.err = j.step("write journal", j.path, "")
	}
	if j.err == nil {
		j.err = j.w.Flush()
	}
	return j.wrapped()
}

// sync waits until everything that was added is on disk. After an error the
// journal is not used any more: the system may have dropped the pages and would
// call a second attempt a success.
func (j *journal) sync() error {
	if err := j.write(); err != nil {
		return err
	}
	if j.step != nil {
		j.err = j.step("sync journal", j.path, "")
	}
	if j.err == nil {
		j.err = j.f.Sync()
	}
	return j.wrapped()
}

func (j *journal) wrapped() error {
	if j.err == nil {
		return nil
	}
	return &journalError{j.path, j.err}
}

// journalError ends a run: without a journal nothing may be changed.
type journalError struct {
	path string
	err  error
}

func (e *journalError) Error() string {
	return fmt.Sprintf("sorter: journal %q: %s; every file is where it was or where it was going", e.path, reason(e.err))
}

func (e *journalError) Unwrap() error { return e.err }

// ErrDamaged is of a journal that something other than a crash has changed.
var ErrDamaged = errors.New("the journal is damaged")

// readJournal calls each with the records of a journal and returns the length
// of its sound part.
func readJournal(r io.Reader, each func(record) error) (sound int64, err error) {
	b := bufio.NewReaderSize(r, maxLine)
	bad := false
	for n := 1; ; n++ {
		line, err := b.ReadSlice('\n')
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return sound, err
		}
		rec, ok := decode(line)
		if ok && bad {
			return sound, fmt.Errorf("%w: there are good records behind byte %d", ErrDamaged, sound)
		}
		if ok {
			if err := each(rec); err != nil {
				return sound, fmt.Errorf("%w: line %d: %w", ErrDamaged, n, err)
			}
			sound += int64(len(line))
		} else if len(line) > 0 {
			bad = true
		}
		if err == io.EOF {
			return sound, nil
		}
	}
}

// decode reads a line; anything but what encode writes is not ok.
func decode(line []byte) (rec record, ok bool) {
	text, whole := bytes.CutSuffix(line, []byte("\n"))
	if !whole || len(text) < 10 || text[8] != ' ' {
		return rec, false
	}
	text = text[9:]
	if string(line[:8]) != fmt.Sprintf("%08x", crc32.Checksum(text, castagnoli)) {
		return rec, false
	}
	return rec, json.Unmarshal(text, &rec) == nil
}
