package main

import (
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// entry is what is kept of a directory entry.
type entry struct {
	name         string
	folder, link bool
}

// chunk is how many entries of a folder are in memory at most, twice over. A
// folder that holds more is read again for each chunk: at a million files that is
// 16 readings of half a second, where classifying takes many minutes.
const chunk = 1 << 16

// sorted calls yield with the entries of dir for which keep returns true, in
// order of name, until yield returns false.
func sorted(dir string, keep func(fs.DirEntry) bool, yield func(entry) bool) error {
	return sortedBy(chunk, dir, keep, yield)
}

func sortedBy(chunk int, dir string, keep func(fs.DirEntry) bool, yield func(entry) bool) error {
	last := ""
	for {
		found, more, err := following(dir, last, chunk, keep)
		for _, e := range found {
			if !yield(e) {
				return nil
			}
		}
		if err != nil || !more {
			return err
		}
		last = found[len(found)-1].name
	}
}

// following returns the first n entries of dir whose names come after last, and
// whether there are more.
func following(dir, last string, n int, keep func(fs.DirEntry) bool) (found []entry, more bool, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	byName := func(a, b entry) int { return strings.Compare(a.name, b.name) }
	bound := "" // nothing from here on is wanted
	for err == nil {
		var batch []fs.DirEntry
		batch, err = f.ReadDir(1024)
		for _, e := range batch {
			name := e.Name()
			if name <= last || !keep(e) {
				continue
			}
			if bound != "" && name >= bound {
				more = true
				continue
			}
			link := e.Type()&fs.ModeSymlink != 0
			found = append(found, entry{name, e.IsDir() || link && isFolder(dir, e), link})
			if len(found) == 2*n {
				slices.SortFunc(found, byName)
				bound, more = found[n].name, true
				clear(found[n:])
				found = found[:n]
			}
		}
	}
	slices.SortFunc(found, byName)
	if len(found) > n {
		found, more = found[:n], true
	}
	if err == io.EOF {
		err = nil
	}
	return found, more, err
}
