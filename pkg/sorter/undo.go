package sorter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNothing is of a destination with no run that could be undone.
var ErrNothing = errors.New("there is no run to undo")

// Undo takes a run back: moved files return to where they were, copies and
// links go to .squint/trash/NUMBER in the destination, and folders that the run
// made are removed where they are empty. A file that has changed since stays, and
// so does one whose old name is taken. number is "" for the last run that has not
// been undone. An undo that was interrupted is finished; one that left files
// behind can be tried again by its number.
//
// report is called as Run.Report is; Undo returns the number of the run.
func (s *Store) Undo(ctx context.Context, number string, report func(Entry)) (string, error) {
	undo, old, err := s.toUndo(number)
	if err != nil {
		return "", err
	}
	if undo != nil { // interrupted
		undo.Report = report
		return undo.head.Undoes, undo.Finish(ctx)
	}
	undo, err = s.reverse(old, report)
	if err != nil {
		return old.Number, err
	}
	if err := undo.start(ctx, 0); err != nil {
		return old.Number, err
	}
	return old.Number, undo.endUndo()
}

// toUndo finds the run to undo, or the undo of it that was interrupted.
func (s *Store) toUndo(number string) (undo, old *Run, err error) {
	numbers, err := s.journals()
	if err != nil {
		return nil, nil, err
	}
	var runs []*Run
	undos := map[string][]*Run{} // by the run that they take back
	for _, n := range numbers {
		r, err := s.load(n)
		if err != nil {
			return nil, nil, err
		}
		switch of := r.head.Undoes; {
		case !r.begun:
		case of == "":
			runs = append(runs, r)
		case !r.ended && (number == "" || number == of):
			return r, nil, nil
		default:
			undos[of] = append(undos[of], r)
		}
	}
	for _, r := range slices.Backward(runs) {
		before := undos[r.Number]
		if number != r.Number && (number != "" || before != nil) {
			continue
		}
		r.without(before)
		if before != nil && !slices.ContainsFunc(r.files, func(it *item) bool { return it.outcome != Failed }) {
			return nil, nil, fmt.Errorf("sorter: run %s: %w: it has been undone", number, ErrNothing)
		}
		return nil, r, nil
	}
	return nil, nil, fmt.Errorf("sorter: %q: %w", s.Dst, ErrNothing)
}

// without leaves out the files that earlier undos have taken back.
func (r *Run) without(undos []*Run) {
	back := map[string]bool{}
	for _, u := range undos {
		for _, it := range u.files {
			back[it.From] = back[it.From] || it.outcome == Moved
		}
	}
	for _, it := range r.files {
		if back[it.To] {
			it.state, it.outcome = done, Failed // it is not where the run brought it
		}
	}
}

// reverse plans the undo of a run.
func (s *Store) reverse(old *Run, report func(Entry)) (*Run, error) {
	home, err := rootOf(s.Dst)
	if err != nil {
		return nil, err
	}
	if err := old.openRoots(); err != nil {
		return nil, err
	}
	undo, err := s.begin(head{Mode: Move, Src: home, Undoes: old.Number}, old.from)
	if err != nil {
		return nil, err
	}
	undo.Report = report
	for _, it := range slices.Backward(old.files) {
		f, trash, err := old.back(it)
		switch {
		case err != nil:
			report(Entry{it.To, it.From, Kept, reason(err)})
		case f.From != "":
			undo.add(f, len(undo.units), trash)
		}
	}
	return undo, nil
}

// back says how a file returns; nothing does where From is empty.
func (r *Run) back(it *item) (f File, trash bool, err error) {
	if it.state == done && it.outcome == Failed {
		return File{}, false, nil
	}
	if it.state != done { // the run was interrupted
		if err := r.look(it); err != nil || it.state == todo {
			return File{}, false, nil
		}
	}
	now, err := r.place(it).lstat()
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, false, errors.New("not there any more")
	}
	if err != nil {
		return File{}, false, err
	}
	if r.head.Mode == Symlink {
		if target, err := r.place(it).readlink(); err != nil || target != r.linkTarget(it) {
			return File{}, false, errors.New("changed since, left where it is")
		}
	} else if now.Size != it.Was.Size || !r.holds(it) {
		return File{}, false, errors.New("changed since, left where it is")
	}
	f = File{From: it.To, To: it.From, Was: now, Sum: it.Sum}
	if r.head.Mode != Move || r.source(it).holds(it.Sum) { // else nothing is there, or a file of somebody's
		f.To, trash = path.Join(Home, "trash", r.Number, it.To), true
	}
	return f, trash, nil
}

// endUndo does what is left when all files are back.
func (r *Run) endUndo() error {
	old, err := r.store.load(r.head.Undoes)
	if err != nil {
		return err
	}
	for _, dir := range slices.Backward(old.made) {
		p := place{r.store.home, dir}
		switch err := p.rmdir(); {
		case err == nil:
			delete(r.dirty, p)
			r.dirty[place{r.store.home, path.Dir(dir)}] = true
		case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			// something is within, or it is not ours any more
		default:
			return fmt.Errorf("sorter: empty folder %q: %w", p, err)
		}
	}
	r.from.closeFolders() // some may be gone
	r.store.home.closeFolders()
	if err := r.syncFolders(); err != nil {
		return err
	}
	// Each folder that got all its files back has changed as little as they have.
	stays := map[string]bool{}
	for _, it := range r.files {
		if it.outcome == Failed {
			stays[path.Dir(it.To)] = true
		}
	}
	for _, f := range old.folders {
		if d, err := r.to.folder(f.path); err == nil && !stays[f.path] {
			d.setMTime(f.mtime) // a courtesy: nothing depends on it
		}
	}
	return r.End()
}

// rmdir removes a folder that is empty.
func (p place) rmdir() error {
	if err := p.before("rmdir", ""); err != nil {
		return err
	}
	d, err := p.folder(p.dir())
	if err != nil {
		return err
	}
	return d.rmdir(p.name())
}

// Trash returns the folder that holds the copies and links of a run that was
// undone, or "" where there are none.
func (s *Store) Trash(number string) string {
	dir := filepath.Join(s.Dst, Home, "trash", number)
	if _, err := os.Lstat(dir); err != nil {
		return ""
	}
	return dir
}

// Number tells the number of the run of a journal by the journal's path, and
// the destination that it lies in.
func Number(journal string) (dst, number string, ok bool) {
	dir, file := filepath.Split(journal)
	number, ok = strings.CutSuffix(file, ".journal")
	return filepath.Dir(filepath.Clean(dir)), number, ok && filepath.Base(filepath.Clean(dir)) == Home
}
