package sorter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gofrs/flock"
)

// ErrLocked is of a destination that another run works on.
var ErrLocked = errors.New("another run is at work there")

// A Store is a destination that this process alone may change: it holds the
// lock, which the system takes away when the process ends, however it does.
type Store struct {
	Dst  string // absolute, without links
	home *tree  // Dst
	lock *flock.Flock
	step stepper
	runs []*Run // that were begun or loaded
}

// Open makes the destination where it is missing, and locks it. The error is
// ErrLocked where another process has it.
func Open(dst string) (*Store, error) { return openStore(dst, nil) }

func openStore(dst string, step stepper) (*Store, error) {
	dst, err := resolve(dst)
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dst, Home)
	if err := makeAll(home); err != nil {
		return nil, fmt.Errorf("sorter: destination: %w", err)
	}
	if st, err := os.Lstat(home); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("sorter: %q is not a folder", home)
	}
	s := &Store{Dst: dst, step: step, lock: flock.New(filepath.Join(home, "lock"))}
	if ok, err := s.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("sorter: lock %q: %w", s.lock.Path(), err)
	} else if !ok {
		return nil, fmt.Errorf("sorter: %q: %w", dst, ErrLocked)
	}
	if s.home, err = openTree(dst, step); err != nil {
		s.lock.Unlock()
		return nil, err
	}
	return s, nil
}

// Close ends all runs, finished or not, and gives the lock back.
func (s *Store) Close() error {
	for _, r := range s.runs {
		r.close()
	}
	s.home.close()
	return s.lock.Close()
}

// makeAll is os.MkdirAll with every new name on disk.
func makeAll(dir string) error {
	if st, err := os.Stat(dir); err == nil {
		if !st.IsDir() {
			return fmt.Errorf("%q is a file, want a folder", dir)
		}
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := openFolder(parent)
	if err != nil {
		return err
	}
	defer d.close()
	return d.sync()
}

// A Run carries plans out. It is one journal, and Undo takes it back as a whole.
type Run struct {
	Number string // "0001", of the journal's name
	// Report is called with every file when its fate is on disk, in order of the
	// plan but for those that fail.
	Report func(Entry)

	store    *Store
	head     head
	from, to *tree
	journal  *journal
	files    []*item
	units    []span
	folders  []folderTime
	made     []string // folders, in order
	begun    bool
	sure     int   // files before the last "begin" in a journal
	sound    int64 // bytes of a journal that was read
	ended    bool

	resumed bool
	waiting []*item         // staged or published, for the next commit
	staged  int64           // bytes of copies among them
	dirty   map[place]bool  // folders to sync
	taken   map[string]bool // keys of places that the plan gives away; made when first needed
	buf     []byte
}

type folderTime struct {
	path  string
	mtime int64
}

// span is a unit: r.files[from:to].
type span struct{ from, to int }

// item is a file on its way.
type item struct {
	File
	n, unit int
	trash   bool // To is below the store, for Undo
	made    ID   // of a copy that this run made
	state   state
	waiting bool
	outcome Outcome
	why     string
}

type state int

const (
	todo      state = iota // at its source
	staged                 // a copy of it lies under a temporary name
	published              // at its place; of a copy to move, also still at its source
	done                   // reported, or in a journal as done or failed
)

func (r *Run) add(f File, unit int, trash bool) {
	if unit == len(r.units) {
		r.units = append(r.units, span{len(r.files), len(r.files)})
	}
	r.files = append(r.files, &item{File: f, n: len(r.files), unit: unit, trash: trash})
	r.units[unit].to = len(r.files)
}

func (r *Run) unit(i int) []*item      { return r.files[r.units[i].from:r.units[i].to] }
func (r *Run) unitOf(it *item) []*item { return r.unit(it.unit) }
func (r *Run) source(it *item) place   { return place{r.from, it.From} }
func (r *Run) place(it *item) place    { return place{r.target(it), it.To} }
func (r *Run) target(it *item) (t *tree) {
	if it.trash {
		return r.store.home
	}
	return r.to
}

// temp is where the copy of a file lies until it gets its name: beside that
// place, so that giving it is a rename.
func (r *Run) temp(it *item) place {
	return place{r.target(it), path.Join(path.Dir(it.To), fmt.Sprintf(".squint-tmp-%s-%d", r.head.Token, it.n))}
}

// Begin starts a run with a journal of its own.
func (s *Store) Begin(p *Plan) (*Run, error) {
	src, err := rootOf(p.Src)
	if err != nil {
		return nil, err
	}
	return s.begin(head{Mode: p.Mode, Src: src}, s.home)
}

func rootOf(dir string) (root, error) {
	d, err := openFolder(dir)
	if err != nil {
		return root{}, fmt.Errorf("sorter: folder %q: %w", dir, err)
	}
	defer d.close()
	st, err := d.lstat(".")
	return root{name(dir), st.ID}, err
}

// begin creates the journal of a run; h lacks what every journal has.
func (s *Store) begin(h head, to *tree) (r *Run, err error) {
	h.Format, h.Token = journalFormat, rand.Text()[:10]
	if h.Dst, err = rootOf(to.root); err != nil {
		return nil, err
	}
	numbers, err := s.journals()
	if err != nil {
		return nil, err
	}
	number := 1
	if len(numbers) > 0 {
		fmt.Sscanf(numbers[len(numbers)-1], "%d", &number)
		number++
	}
	r = s.newRun(fmt.Sprintf("%04d", number))
	r.head = h
	f, err := os.OpenFile(s.journalPath(r.Number), os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sorter: %w", err)
	}
	r.journal = newJournal(f, s.step)
	r.journal.add(record{Do: "head", Head: &h})
	return r, r.openRoots()
}

func (s *Store) newRun(number string) *Run {
	r := &Run{Number: number, Report: func(Entry) {}, store: s, dirty: map[place]bool{}}
	s.runs = append(s.runs, r)
	return r
}

// openRoots opens source and destination, which must be the folders that the
// journal was begun for.
func (r *Run) openRoots() (err error) {
	for _, want := range []root{r.head.Src, r.head.Dst} {
		is, err := rootOf(string(want.Path))
		if err != nil {
			return err
		}
		if is.ID.Ino != want.ID.Ino { // device numbers change when a disk is plugged in again
			return fmt.Errorf("sorter: folder %q is not the one that run %s worked on", want.Path, r.Number)
		}
	}
	if r.from, err = openTree(string(r.head.Src.Path), r.store.step); err != nil {
		return err
	}
	r.to, err = openTree(string(r.head.Dst.Path), r.store.step)
	return err
}

func (r *Run) close() {
	for _, t := range []*tree{r.from, r.to} {
		if t != nil {
			t.close()
		}
	}
	r.from, r.to = nil, nil
	if r.journal != nil {
		r.journal.f.Close() // twice does no harm
	}
}

func (s *Store) journalPath(number string) string {
	return filepath.Join(s.Dst, Home, number+".journal")
}

// journals returns the numbers of all journals, in order.
func (s *Store) journals() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dst, Home))
	var numbers []string
	for _, e := range entries {
		if n, ok := strings.CutSuffix(e.Name(), ".journal"); ok && len(n) >= 4 && strings.Trim(n, "0123456789") == "" {
			numbers = append(numbers, n)
		}
	}
	slices.SortFunc(numbers, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return numbers, err
}

// Apply carries a plan out. Files that fail are reported and the others go on;
// an error means that the run stopped, with everything as safe as after a crash:
// Store.Finish or Undo go on from there. When ctx ends, so does the run, between
// two units.
func (r *Run) Apply(ctx context.Context, p *Plan) error {
	if string(r.head.Src.Path) != p.Src || r.store.Dst != p.Dst || r.head.Mode != p.Mode {
		return errors.New("sorter: a plan for another run")
	}
	first, files := len(r.units), len(r.files)
	r.taken = nil
	for _, u := range p.Units {
		unit := len(r.units)
		for _, f := range u {
			r.add(f, unit, false)
		}
	}
	if p.Mode == Move {
		r.noteFolders(r.files[files:])
	}
	return r.start(ctx, first)
}

// noteFolders keeps when the source folders of files last changed, for Undo.
func (r *Run) noteFolders(files []*item) {
	known := map[string]bool{}
	for _, f := range r.folders {
		known[f.path] = true
	}
	for _, it := range files {
		dir := path.Dir(it.From)
		if known[dir] {
			continue
		}
		known[dir] = true
		if d, err := r.from.folder(dir); err == nil {
			if st, err := d.lstat("."); err == nil {
				r.folders = append(r.folders, folderTime{dir, st.MTime})
				r.journal.add(record{Do: "folder", From: name(dir), MTime: st.MTime})
			}
		}
	}
}

// start writes what is to be done from unit first on, and does it.
func (r *Run) start(ctx context.Context, first int) error {
	for i := first; i < len(r.units); i++ {
		for _, it := range r.unit(i) {
			r.journal.add(record{Do: "file", N: it.n, Unit: i, From: name(it.From), To: name(it.To), Was: &it.Was, Sum: &it.Sum, Trash: it.trash})
		}
	}
	r.journal.add(record{Do: "begin", N: len(r.files)})
	r.begun = true
	if err := r.journal.sync(); err != nil {
		return err
	}
	if err := r.store.home.sync(Home); err != nil {
		return err
	}
	return r.work(ctx, first)
}

// work places the units from first on that are not done. One thread makes all
// calls: they happen in the order in which they are written here.
func (r *Run) work(ctx context.Context, first int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := first; i < len(r.units); i++ {
		if err := ctx.Err(); err != nil {
			return errors.Join(r.commit(), err)
		}
		if err := r.placeUnit(r.unit(i)); err != nil {
			return err
		}
		if len(r.waiting) >= batchFiles || r.staged >= batchBytes {
			if err := r.commit(); err != nil {
				return err
			}
		}
	}
	return r.commit()
}

// End closes the journal: nothing is left to do.
func (r *Run) End() error {
	for _, it := range r.files { // where tidying up failed too, it may work now
		if it.outcome == Failed {
			r.dropTemp(it)
			if src, err := r.source(it).lstat(); err == nil && src.ID == it.Was.ID && r.head.Mode == Move {
				r.unlink(it)
			}
		}
	}
	r.journal.add(record{Do: "end"})
	return r.journal.sync()
}

// load reads a journal.
func (s *Store) load(number string) (r *Run, err error) {
	path := s.journalPath(number)
	defer func() {
		if err != nil {
			err = fmt.Errorf("sorter: journal %q: %w", path, err)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.New(reason(err))
	}
	defer f.Close()
	r = s.newRun(number)
	r.resumed = true
	r.sound, err = readJournal(f, func(rec record) error {
		if r.head.Format == "" {
			return r.replayHead(rec)
		}
		return r.replay(rec)
	})
	if err != nil {
		return nil, err
	}
	// What was planned behind the last begin was never begun.
	r.files = r.files[:r.sure]
	for len(r.units) > 0 && r.units[len(r.units)-1].to > r.sure {
		r.units = r.units[:len(r.units)-1]
	}
	return r, nil
}

// reopen opens a journal that was read to go on with it. Half a line at its end
// is taken off.
func (r *Run) reopen() error {
	f, err := os.OpenFile(r.store.journalPath(r.Number), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("sorter: %w", err)
	}
	r.journal = newJournal(f, r.store.step)
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil && end != r.sound {
		if err = f.Truncate(r.sound); err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		return fmt.Errorf("sorter: %w", err)
	}
	return r.openRoots()
}

// Unfinished returns the runs that a crash or an interruption left, oldest
// first, to be finished or stopped.
func (s *Store) Unfinished() ([]*Run, error) {
	numbers, err := s.journals()
	if err != nil {
		return nil, err
	}
	var runs []*Run
	undone := map[string]bool{}
	for _, n := range numbers {
		r, err := s.load(n)
		if err != nil {
			return nil, err
		}
		if r.begun && r.head.Undoes != "" {
			undone[r.head.Undoes] = true
		}
		if r.begun && !r.ended {
			runs = append(runs, r)
		}
	}
	return slices.DeleteFunc(runs, func(r *Run) bool { return undone[r.Number] }), nil
}

// Interrupted tells whether a run into dst has been left unfinished. It changes
// nothing.
func Interrupted(dst string) (bool, error) {
	dst, err := resolve(dst)
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(filepath.Join(dst, Home)); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	runs, err := (&Store{Dst: dst}).Unfinished()
	return len(runs) > 0, err
}

// Finish does what is left of an unfinished run. Files are looked for in both
// places, so it does not matter where the run stopped.
func (r *Run) Finish(ctx context.Context) error {
	if err := r.reopen(); err != nil {
		return err
	}
	if err := r.work(ctx, 0); err != nil {
		return err
	}
	if r.head.Undoes != "" {
		return r.endUndo()
	}
	return r.End()
}
