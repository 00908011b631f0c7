package sorter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// tree is a folder that a user named, and all below it. The folders last used
// are kept open.
type tree struct {
	root string // absolute, without links
	top  *folder
	open map[string]*folder // by path below root
	step stepper
}

// stepper is called before every call that changes a disk, with the place and,
// where there are two, the second. Tests put errors and crashes there; elsewhere
// it is nil.
type stepper func(call, path, to string) error

// maxOpen folders are kept open in a tree.
const maxOpen = 64

func openTree(root string, step stepper) (*tree, error) {
	top, err := openFolder(root)
	if err != nil {
		return nil, fmt.Errorf("sorter: folder %q: %w", root, err)
	}
	return &tree{root, top, map[string]*folder{}, step}, nil
}

func (t *tree) close() {
	t.closeFolders()
	t.top.close()
}

func (t *tree) closeFolders() {
	for _, d := range t.open {
		d.close()
	}
	clear(t.open)
}

// folder returns the folder dir, a slash-separated path below the root or ".".
// It stays open until the next call.
func (t *tree) folder(dir string) (*folder, error) {
	if dir == "." || dir == "" {
		return t.top, nil
	}
	if d := t.open[dir]; d != nil {
		return d, nil
	}
	if len(t.open) >= maxOpen {
		t.closeFolders()
	}
	d := t.top
	for name := range strings.SplitSeq(dir, "/") {
		sub, err := d.sub(name)
		if d != t.top {
			d.close()
		}
		if err != nil {
			if isLink(t, dir) {
				err = errors.New("a link stands in the way, and links are not followed here")
			}
			return nil, fmt.Errorf("folder %q: %w", dir, err)
		}
		d = sub
	}
	t.open[dir] = d
	return d, nil
}

// isLink explains why a folder could not be opened.
func isLink(t *tree, dir string) bool {
	for ; dir != "."; dir = path.Dir(dir) {
		if st, err := os.Lstat(filepath.Join(t.root, filepath.FromSlash(dir))); err == nil && st.Mode()&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

// A place is a name in a tree, whether something is there or not.
type place struct {
	*tree
	path string // below the root
}

func (p place) String() string { return filepath.Join(p.root, filepath.FromSlash(p.path)) }

func (p place) name() string { return path.Base(p.path) }

func (p place) dir() string { return path.Dir(p.path) }

// before is asked before each change.
func (p place) before(call, to string) error {
	if p.step != nil {
		return p.step(call, p.String(), to)
	}
	return nil
}

// lstat looks at what is there: fs.ErrNotExist where nothing is.
func (p place) lstat() (Stat, error) {
	d, err := p.folder(p.dir())
	if err != nil {
		return Stat{}, err
	}
	return d.lstat(p.name())
}

// rename moves what is at p to q, where nothing may be.
func (p place) rename(q place) error {
	from, to, err := both(p, q)
	if err != nil {
		return err
	}
	if err = p.before("rename", q.String()); err == nil {
		err = from.rename(p.name(), to, q.name())
	}
	if !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	// A file system without such a rename: a second name, which no file system
	// gives over another, and when that is on disk, one name less.
	if err := p.before("link", q.String()); err != nil {
		return err
	}
	if err := from.link(p.name(), to, q.name()); err != nil {
		if errors.Is(err, fs.ErrExist) || isOtherFileSystem(err) {
			return err
		}
		return fmt.Errorf("this file system can neither rename without replacing nor link: %w", err)
	}
	err = q.sync(q.dir())
	if err == nil {
		err = p.remove()
	}
	if err != nil { // then it keeps the old name
		a, err1 := p.lstat()
		b, err2 := q.lstat()
		if err1 == nil && err2 == nil && a.ID == b.ID && b.links > 1 {
			q.remove()
		}
	}
	return err
}

// both opens the folders of two places.
func both(p, q place) (from, to *folder, err error) {
	if from, err = p.folder(p.dir()); err != nil {
		return nil, nil, err
	}
	if p.tree == q.tree { // opening the second may close the first
		if to, err = q.folder(q.dir()); err != nil {
			return nil, nil, err
		}
		from, err = p.folder(p.dir())
		return from, to, err
	}
	to, err = q.folder(q.dir())
	return from, to, err
}

// remove takes a file's name away.
func (p place) remove() error {
	if err := p.before("remove", ""); err != nil {
		return err
	}
	d, err := p.folder(p.dir())
	if err != nil {
		return err
	}
	return d.remove(p.name())
}

// link gives the file at p a second name q.
func (p place) link(q place) error {
	if err := p.before("link", q.String()); err != nil {
		return err
	}
	from, to, err := both(p, q)
	if err != nil {
		return err
	}
	return from.link(p.name(), to, q.name())
}

// symlink makes q a link to target.
func (p place) symlink(target string) error {
	if err := p.before("symlink", ""); err != nil {
		return err
	}
	d, err := p.folder(p.dir())
	if err != nil {
		return err
	}
	return d.symlink(target, p.name())
}

func (p place) readlink() (string, error) {
	d, err := p.folder(p.dir())
	if err != nil {
		return "", err
	}
	return d.readlink(p.name())
}

// open opens the file at p to read.
func (p place) open() (*os.File, error) {
	d, err := p.folder(p.dir())
	if err != nil {
		return nil, err
	}
	return d.read(p.name())
}

// sync makes the names in a folder durable.
func (t *tree) sync(dir string) error {
	if err := (place{t, dir}).before("sync folder", ""); err != nil {
		return err
	}
	d, err := t.folder(dir)
	if err != nil {
		return err
	}
	if err := d.sync(); err != nil {
		return fmt.Errorf("folder %q: %w", dir, err)
	}
	return nil
}

// resolve makes a path that a user named absolute and free of links. What is not
// there yet may follow what is.
func resolve(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if _, err := os.Lstat(abs); err == nil {
		return "", fmt.Errorf("%q is a link that leads nowhere", path)
	}
	parent, err := resolve(filepath.Dir(abs))
	return filepath.Join(parent, filepath.Base(abs)), err
}
