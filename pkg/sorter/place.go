package sorter

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
)

// maxNames is how many names are tried for a unit that somebody else's files
// get in the way of.
const maxNames = 1000

var errNoName = errors.New("somebody else takes every name as soon as it is tried")

// placeUnit brings the files of a unit to their places, or leaves all of them
// where they are and reports why. The error ends the run.
func (r *Run) placeUnit(u []*item) error {
	err := error(fs.ErrExist)
	for n := 0; errors.Is(err, fs.ErrExist); n++ {
		if err = r.tryUnit(u); err == nil {
			return nil
		}
		r.takeBack(u)
		if r.journal.err != nil {
			return r.journal.wrapped()
		}
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		if r.head.Undoes != "" {
			err = errors.New("its old name is taken by another file")
		} else if n == maxNames {
			err = errNoName
		} else if err := r.rename(u); err != nil {
			return err
		}
	}
	r.fail(u, err)
	return r.journal.write()
}

// tryUnit places or stages the files of a unit that are not in their places yet.
// When it errs, some may be.
func (r *Run) tryUnit(u []*item) error {
	for _, it := range u {
		if it.state == done {
			continue
		}
		if err := r.makeFolder(r.place(it)); err != nil {
			return err
		}
		if err := r.look(it); err != nil {
			return err
		}
	}
	for _, it := range u {
		if it.state != todo {
			continue
		}
		err := r.bring(it)
		if r.head.Mode == Move && isOtherFileSystem(err) {
			err = r.stage(it)
		}
		if err != nil {
			return err
		}
	}
	for _, it := range u {
		r.wait(it)
	}
	return nil
}

// look finds out where a file is. On the first try it is at its source; after a
// crash it may be anywhere on its way. The error is fs.ErrExist where something
// else is at its place.
func (r *Run) look(it *item) error {
	src, errSrc := r.source(it).lstat()
	dst, errDst := r.place(it).lstat()
	for _, err := range []error{errSrc, errDst} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if r.resumed && errSrc == nil { // a crash may have left a half copy
		if err := r.dropTemp(it); err != nil {
			return err
		}
	}
	it.state = todo
	switch {
	case errSrc != nil && errDst != nil:
		return errors.New("it is neither where it was nor where it was going: somebody else has moved or removed it")
	case errSrc != nil:
		if dst.like(it.Was) || r.isCopy(it, dst) || r.holds(it) {
			it.state = published
			return nil
		}
		return errors.New("somebody else has moved or removed it, and its place is taken by another file")
	case errDst != nil:
		return r.unchanged(it, src)
	case r.isCopy(it, dst):
		it.state = published // and of a move, the source is to be removed
		return nil
	}
	switch r.head.Mode {
	case Symlink:
		if target, err := r.place(it).readlink(); err == nil && r.resumed && target == r.linkTarget(it) {
			it.state = published
			return nil
		}
	case Hardlink:
		if dst.ID == src.ID && r.resumed {
			it.state = published
			return nil
		}
	case Move:
		// Between the link and the removal that stand for a rename.
		if dst.ID == src.ID && dst.links > 1 && r.resumed {
			if err := r.source(it).remove(); err != nil {
				return err
			}
			it.state = published
			return nil
		}
	}
	return fs.ErrExist
}

// isCopy tells whether st is the copy that this run made of a file.
func (r *Run) isCopy(it *item, st Stat) bool { return it.made != ID{} && st.ID == it.made }

// holds tells whether the content at a file's place is that file's.
func (r *Run) holds(it *item) bool { return r.place(it).holds(it.Sum) }

// holds tells whether a file with that sum is there.
func (p place) holds(want Sum) bool {
	f, err := p.open()
	if err != nil {
		return false
	}
	defer f.Close()
	sum, err := sumOf(f)
	return err == nil && sum == want
}

// unchanged errs unless the source is what it was when the plan was made.
func (r *Run) unchanged(it *item, now Stat) error {
	if now.untouched(it.Was) {
		return nil
	}
	if !now.like(it.Was) {
		return errChanged
	}
	// Only the ctime differs: the mode, a second name, or a write by somebody
	// who put the time back. Reading tells.
	if now.Mode.Type() == fs.ModeSymlink {
		return nil // its content cannot change
	}
	f, err := r.source(it).open()
	if err != nil {
		return err
	}
	defer f.Close()
	if sum, err := sumOf(f); err != nil || sum != it.Sum {
		return errors.Join(errChanged, err)
	}
	return nil
}

// bring places one file by a single call, or stages a copy.
func (r *Run) bring(it *item) error {
	from, to := r.source(it), r.place(it)
	switch r.head.Mode {
	case Copy:
		return r.stage(it)
	case Symlink:
		err := to.symlink(r.linkTarget(it))
		if err == nil {
			it.state = published
		}
		return err
	case Hardlink:
		err := from.link(to)
		if isOtherFileSystem(err) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("no hard link possible from here to there (%w): copy instead", err)
		}
		if err == nil {
			it.state = published
		}
		return err
	}
	err := from.rename(to)
	if err != nil {
		// A network file system may have renamed and lost the answer.
		if st, e := to.lstat(); e != nil || st.ID != it.Was.ID {
			return err
		}
		if _, e := from.lstat(); !errors.Is(e, fs.ErrNotExist) {
			return err
		}
	}
	it.state = published
	if st, err := to.lstat(); err != nil || st.ID != it.Was.ID {
		// Another file had slipped into the source's name: it goes back.
		return errors.Join(errChanged, err)
	}
	return nil
}

// takeBack returns the files of a unit that are staged or placed to where they
// were, last first. What cannot go back stays placed.
func (r *Run) takeBack(u []*item) {
	for i := len(u) - 1; i >= 0; i-- {
		it := u[i]
		if it.state != staged && it.state != published {
			continue
		}
		src, err := r.source(it).lstat()
		atSource := err == nil && src.ID == it.Was.ID
		switch {
		case it.state == staged:
			r.dropTemp(it) // or End does
			err = nil
		case atSource && it.made != ID{}: // to its temporary name, lest another's file is removed
			if err = r.place(it).rename(r.temp(it)); err == nil {
				r.dropTemp(it)
			}
		case atSource:
			err = r.unlink(it)
		default:
			err = r.place(it).rename(r.source(it))
		}
		if err == nil {
			it.state = todo
		}
	}
}

// unlink removes the link to a source, if that is what is there.
func (r *Run) unlink(it *item) error {
	to := r.place(it)
	st, err := to.lstat()
	if err != nil {
		return err
	}
	if r.head.Mode == Symlink {
		if target, err := to.readlink(); err != nil || target != r.linkTarget(it) {
			return fs.ErrExist
		}
	} else if st.ID != it.Was.ID || st.links < 2 {
		return fs.ErrExist
	}
	return to.remove()
}

// wait puts a file that is staged or placed into the batch.
func (r *Run) wait(it *item) {
	if !it.waiting && (it.state == staged || it.state == published) {
		it.waiting = true
		r.waiting = append(r.waiting, it)
	}
}

// fail reports the files of a unit that are not in their places. Those that
// could not be taken back are, and count as such.
func (r *Run) fail(u []*item, why error) {
	for _, it := range u {
		r.wait(it)
		if it.state == todo {
			it.state, it.outcome, it.why = done, Failed, reason(why)
			r.journal.add(record{Do: "failed", N: it.n, Why: it.why})
			r.Report(r.entry(it))
		}
	}
}

func (r *Run) entry(it *item) Entry { return Entry{it.From, it.To, it.outcome, it.why} }

// rename gives a unit the next names that nothing has, and makes a note of that
// before anything else: after a crash, its files are looked for there.
func (r *Run) rename(u []*item) error {
	if r.taken == nil {
		r.taken = map[string]bool{}
		for _, it := range r.files {
			r.taken[keyOf(it.To)] = true
		}
	}
	dir := path.Dir(u[0].To)
	d, err := r.target(u[0]).folder(dir)
	if err != nil {
		return nil // the next try says so
	}
	there, err := d.names()
	if err != nil {
		return nil
	}
	for _, name := range there {
		r.taken[keyOf(path.Join(dir, name))] = true
	}
	names := make([]string, len(u))
	for i, it := range u {
		names[i] = path.Base(it.From)
	}
	n := 2
	for ; !r.freeNames(dir, variant(names, n)); n++ {
	}
	rec := record{Do: "names", N: u[0].n}
	for i, v := range variant(names, n) {
		if it := u[i]; it.state == todo || it.state == staged {
			it.To = path.Join(dir, v)
			r.taken[keyOf(it.To)] = true
		}
		rec.Names = append(rec.Names, name(u[i].To))
	}
	r.journal.add(rec)
	return r.journal.sync()
}

func (r *Run) freeNames(dir string, names []string) bool {
	for _, n := range names {
		if r.taken[keyOf(path.Join(dir, n))] {
			return false
		}
	}
	return true
}

// linkTarget is what a symbolic link to a file's source says: the way there from
// the folder it is in.
func (r *Run) linkTarget(it *item) string {
	source := r.source(it).String()
	if rel, err := filepath.Rel(filepath.Dir(r.place(it).String()), source); err == nil {
		return rel
	}
	return source // on another drive
}

// makeFolder makes the folder of a place, and those above it.
func (r *Run) makeFolder(p place) error {
	dir := p.dir()
	if dir == "." {
		return nil
	}
	if _, err := p.folder(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	up := place{p.tree, dir}
	if err := r.makeFolder(up); err != nil {
		return err
	}
	d, err := p.folder(up.dir())
	if err != nil {
		return err
	}
	r.journal.add(record{Do: "mkdir", To: name(dir)})
	if err := r.journal.write(); err != nil {
		return err
	}
	if err := up.before("mkdir", ""); err != nil {
		return err
	}
	switch err := d.mkdir(up.name()); {
	case err == nil:
		r.made = append(r.made, dir)
	case errors.Is(err, fs.ErrExist):
		r.journal.add(record{Do: "existed", To: name(dir)})
	default:
		return err
	}
	r.dirty[place{p.tree, up.dir()}] = true
	return nil
}
