package sorter

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A batch is committed when it has so many files, or copies of so many bytes.
const (
	batchFiles = 256
	batchBytes = 64 << 20
)

// commit makes the files that wait durable, in an order in which a power cut
// between any two steps loses nothing:
//
//  1. the journal, which knows each copy by its identity
//  2. names for the copies, whose content was synced and read back
//  3. the destination folders
//  4. of moves, the sources of copies are removed
//  5. the source folders
//  6. "done" in the journal, which is on disk before anybody is told that all is
//
// Renamed files need steps 3 and 5 only.
func (r *Run) commit() error {
	if slices.ContainsFunc(r.waiting, func(it *item) bool { return it.state == staged }) {
		if err := r.journal.sync(); err != nil {
			return err
		}
		if err := r.publish(); err != nil {
			return err
		}
	}
	r.waiting = slices.DeleteFunc(r.waiting, func(it *item) bool { // those failed
		it.waiting = it.state == published
		return !it.waiting
	})
	for _, it := range r.waiting {
		r.dirty[place{r.target(it), path.Dir(it.To)}] = true
	}
	if err := r.syncFolders(); err != nil {
		return err
	}
	if r.head.Mode == Move {
		for _, it := range r.waiting {
			r.dirty[place{r.from, path.Dir(it.From)}] = true
			if err := r.removeSource(it); err != nil {
				it.why = "copied, but its source stays: " + reason(err)
			}
		}
		if err := r.syncFolders(); err != nil {
			return err
		}
	}
	for _, it := range r.waiting {
		it.state, it.waiting, it.outcome = done, false, r.head.Mode.outcome()
		if it.why != "" {
			it.outcome = Copied
		}
		r.journal.add(record{Do: "done", N: it.n, Outcome: it.outcome, Why: it.why})
	}
	if err := r.journal.write(); err != nil {
		return err
	}
	for _, it := range r.waiting {
		r.Report(r.entry(it))
	}
	r.waiting, r.staged = r.waiting[:0], 0
	return nil
}

// publish gives staged copies their names, unit by unit.
func (r *Run) publish() error {
	for i := 0; i < len(r.waiting); {
		u := r.waiting[i:]
		n := slices.IndexFunc(u, func(it *item) bool { return it.unit != u[0].unit })
		if n < 0 {
			n = len(u)
		}
		i += n
		if err := r.publishUnit(u[:n]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) publishUnit(u []*item) error {
	for range maxNames {
		err := r.publishOnce(u)
		if err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrExist) || r.head.Undoes != "" {
			r.takeBack(u)
			r.fail(u, err)
			return r.journal.write()
		}
		if err := r.rename(r.unitOf(u[0])); err != nil {
			return err
		}
	}
	r.takeBack(u)
	r.fail(u, errNoName)
	return r.journal.write()
}

// publishOnce names the copies of a unit, or none.
func (r *Run) publishOnce(u []*item) error {
	for i, it := range u {
		if it.state != staged {
			continue
		}
		if err := r.temp(it).rename(r.place(it)); err != nil {
			for _, back := range u[:i] {
				if back.state == published && r.place(back).rename(r.temp(back)) == nil {
					back.state = staged
				}
			}
			return err
		}
		it.state = published
	}
	return nil
}

// removeSource removes the source of a copy that was moved, after a last look at
// both. Renamed files have none any more.
func (r *Run) removeSource(it *item) error {
	if it.made == (ID{}) {
		return nil
	}
	src, err := r.source(it).lstat()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	dst, err := r.place(it).lstat()
	if err != nil {
		return err
	}
	if dst.ID != it.made || dst.Size != it.Was.Size || dst.ID == src.ID {
		return errors.New("the copy is not there any more")
	}
	if r.resumed && !r.holds(it) { // it was read back before the crash, and perhaps not since
		return errors.New("the copy is damaged")
	}
	if err := r.unchanged(it, src); err != nil {
		return err
	}
	return r.source(it).remove()
}

// syncFolders makes the names in all folders that changed durable.
func (r *Run) syncFolders() error {
	var places []place
	for p := range r.dirty {
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b place) int { // always the same order
		if a.root != b.root {
			return strings.Compare(a.root, b.root)
		}
		return strings.Compare(a.path, b.path)
	})
	for _, p := range places {
		if err := p.sync(p.path); err != nil {
			return err
		}
		delete(r.dirty, p)
	}
	return nil
}
