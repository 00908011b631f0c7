// Package sorter files pictures into folders and never loses one.
//
// A Plan says which file goes where; it is complete, and no two files get the
// same place, before anything is changed. A Run carries it out under a journal:
//
//	plan.go     where everything goes: names that clash get " (2)"
//	journal.go  what a run is about to do, on disk before it does it
//	run.go      lock, journal, and the plan's units one after the other
//	place.go    one unit: look where its files are, then rename, copy or link
//	copy.go     a copy that has been read back
//	commit.go   what makes a batch durable, in which order
//	undo.go     a run backwards, by the same engine
//	folder*.go  the few calls to the system that all this is made of
//
// # What holds
//
// No call here can replace a file: names are given by a rename that refuses to
// (renameat2 with RENAME_NOREPLACE on Linux, renameatx_np with RENAME_EXCL on
// macOS, MoveFileEx without MOVEFILE_REPLACE_EXISTING on Windows), by link or
// by symlink, which all fail where something is. Two things are ever removed:
// the package's own temporary files, and, when moving to another file system,
// a source whose copy is synced, has been read back, has its name, and whose
// folder is synced.
//
// After a crash at any point (also one in the middle of recovering from a
// crash) every file is where it was or where it was going, whole. The next Run
// on the same destination looks where each file of the unfinished journal is
// and finishes; Undo takes back what was done instead.
//
// Folders below the source and destination are opened one component at a time
// and links among them are not followed, so none that is planted leads out.
//
// Not promised: anything on disks that lie about flushing, and, when moving to
// another file system, what a program writes into a source in the microseconds
// between the last look at that file and its removal.
package sorter

import "fmt"

// Mode is how files get to their new place.
type Mode string

const (
	Copy     Mode = "copy"     // sources stay as they are
	Move     Mode = "move"     // by renaming, or by copying to another file system
	Symlink  Mode = "symlink"  // relative links that point to the sources
	Hardlink Mode = "hardlink" // second names, on the same file system only
)

func (m Mode) outcome() Outcome {
	switch m {
	case Move:
		return Moved
	case Copy:
		return Copied
	}
	return Linked
}

func (m Mode) check() error {
	switch m {
	case Copy, Move, Symlink, Hardlink:
		return nil
	}
	return fmt.Errorf("sorter: mode %q, want copy, move, symlink or hardlink", m)
}

// Outcome is what became of one file.
type Outcome string

const (
	Moved   Outcome = "moved"
	Copied  Outcome = "copied"
	Linked  Outcome = "linked"
	Kept    Outcome = "kept"    // on purpose: the same content is there already, or nobody wanted it moved
	Skipped Outcome = "skipped" // cannot be sorted: not a picture, broken, a link
	Failed  Outcome = "failed"  // was to be sorted, and something went wrong; it is where it was unless Reason says otherwise
)

// Outcomes are all of them, in the order in which totals are given.
var Outcomes = []Outcome{Moved, Copied, Linked, Kept, Skipped, Failed}

// Entry says what became of one file, and why.
type Entry struct {
	File    string // below the source, slash separated
	To      string // below the destination, where it is or would have been; may be empty
	Outcome Outcome
	Reason  string // for all but moved, copied and linked
}

// Counts are the files of each outcome. Their sum is the number of files seen.
type Counts map[Outcome]int

// Total is the number of files.
func (c Counts) Total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// A File is one file and the place planned for it.
type File struct {
	From string // below the source, slash separated
	To   string // below the destination
	Was  Stat   // when it was examined
	Sum  Sum    // SHA-256 of its content
}

// A Unit is a picture, first, and the files that belong to it: they travel
// together or not at all.
type Unit []File
