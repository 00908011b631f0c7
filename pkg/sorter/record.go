package sorter

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A record is one line of a journal. Do says which of the fields count:
//
//	head      the first line: Head
//	file      a file and its place: N (from 0), Unit, From, To, Was, Sum, Trash
//	folder    when a source folder last changed: From, MTime
//	begin     the records before are all that there is to do so far: N files
//	mkdir     the folder To is about to be made
//	existed   …but somebody else had made it
//	names     the files of the unit that begins with N get other names: Names
//	made      the file N's copy, which has no name yet, is this: ID
//	done      the file N is in its place: Outcome
//	failed    the file N stays: Why
//	end       all is done and on disk
type record struct {
	Do      string  `json:"do"`
	Head    *head   `json:"head,omitempty"`
	N       int     `json:"n,omitempty"`
	Unit    int     `json:"unit,omitempty"`
	From    name    `json:"from,omitempty"`
	To      name    `json:"to,omitempty"`
	Names   []name  `json:"names,omitempty"`
	Was     *Stat   `json:"was,omitempty"`
	Sum     *Sum    `json:"sha256,omitempty"`
	Trash   bool    `json:"trash,omitempty"`
	MTime   int64   `json:"mtime,omitempty"`
	ID      *ID     `json:"id,omitempty"`
	Outcome Outcome `json:"outcome,omitempty"`
	Why     string  `json:"why,omitempty"`
}

// journalFormat names the form of journals that this package writes and reads.
const journalFormat = "squint journal 1"

// head says what a journal is about.
type head struct {
	Format string `json:"format"`
	Token  string `json:"token"` // in the names of temporary files; random
	Mode   Mode   `json:"mode"`
	Src    root   `json:"src"`
	Dst    root   `json:"dst"`
	Undoes string `json:"undoes,omitempty"` // the number of the run that this one takes back
}

// root is a folder that a user named.
type root struct {
	Path name `json:"path"`
	ID   ID   `json:"id"`
}

// name is a path of any bytes. In JSON it is a string, or where it is not UTF-8
// an object with its bytes in base64.
type name string

type rawName struct {
	Bytes []byte `json:"bytes"`
}

// MarshalJSON implements json.Marshaler.
func (n name) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(n)) {
		return json.Marshal(string(n))
	}
	return json.Marshal(rawName{[]byte(n)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *name) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var raw rawName
		err := json.Unmarshal(data, &raw)
		*n = name(raw.Bytes)
		return err
	}
	return json.Unmarshal(data, (*string)(n))
}

// replayHead takes a journal's first line.
func (r *Run) replayHead(rec record) error {
	if rec.Do != "head" || rec.Head == nil || rec.Head.Format != journalFormat {
		return fmt.Errorf("does not begin as %q does", journalFormat)
	}
	r.head = *rec.Head
	if strings.Trim(r.head.Token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return fmt.Errorf("token %q", r.head.Token)
	}
	// The destination may have been renamed, or have another mount point now.
	if home := name(r.store.Dst); r.head.Undoes == "" {
		r.head.Dst.Path = home
	} else {
		r.head.Src.Path = home
	}
	return r.head.Mode.check()
}

// replay makes r what it was when the records had been written. Records are not
// trusted: the error says what is impossible in one.
func (r *Run) replay(rec record) error {
	switch rec.Do {
	case "file":
		return r.replayFile(rec)
	case "folder":
		if rec.From != "." {
			if err := checkPath(string(rec.From)); err != nil {
				return err
			}
		}
		r.folders = append(r.folders, folderTime{string(rec.From), rec.MTime})
		return nil
	case "begin":
		if rec.N != len(r.files) {
			return fmt.Errorf("%d files begun, want %d", rec.N, len(r.files))
		}
		r.begun, r.sure = true, rec.N
		return nil
	case "mkdir", "existed":
		if err := checkPath(string(rec.To)); err != nil {
			return err
		}
		if rec.Do == "mkdir" {
			r.made = append(r.made, string(rec.To))
		} else {
			r.made = without(r.made, string(rec.To))
		}
		return nil
	case "end":
		r.ended = true
		return nil
	}
	if rec.N < 0 || rec.N >= len(r.files) {
		return fmt.Errorf("file %d of %d", rec.N, len(r.files))
	}
	it := r.files[rec.N]
	switch rec.Do {
	case "names":
		u := r.unitOf(it)
		if it != u[0] || len(rec.Names) != len(u) {
			return fmt.Errorf("%d names for the %d files of a unit", len(rec.Names), len(u))
		}
		for _, n := range rec.Names {
			if err := checkPath(string(n)); err != nil {
				return err
			}
		}
		for i, n := range rec.Names {
			u[i].To = string(n)
		}
	case "made":
		if rec.ID == nil {
			return errors.New("a copy without its identity")
		}
		it.made = *rec.ID
	case "done":
		it.state, it.outcome, it.why = done, rec.Outcome, rec.Why
	case "failed":
		it.state, it.outcome, it.why = done, Failed, rec.Why
	default:
		return fmt.Errorf("%q is no kind of record", rec.Do)
	}
	return nil
}

func (r *Run) replayFile(rec record) error {
	if rec.N != len(r.files) || rec.Was == nil || rec.Sum == nil {
		return fmt.Errorf("file %d without its number or sum", len(r.files))
	}
	for _, p := range []name{rec.From, rec.To} {
		if err := checkPath(string(p)); err != nil {
			return err
		}
	}
	last := len(r.units) - 1
	if rec.Unit != last && rec.Unit != last+1 {
		return fmt.Errorf("unit %d after unit %d", rec.Unit, last)
	}
	r.add(File{string(rec.From), string(rec.To), *rec.Was, *rec.Sum}, rec.Unit, rec.Trash)
	return nil
}

func without(list []string, s string) []string {
	for i, x := range list {
		if x == s {
			return append(list[:i:i], list[i+1:]...)
		}
	}
	return list
}
