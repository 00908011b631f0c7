package sorter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A Plan says which file goes where. It is made by Add, photo by photo, and
// changes nothing.
type Plan struct {
	Src, Dst string // absolute, without links
	Mode     Mode
	Units    []Unit
	Rest     []Entry // files of photos that stay, with the reason

	folders map[string]*planned // by key
	sources map[string]bool
}

// planned is a destination folder: the names in it, now and according to the
// plan.
type planned struct {
	path    string            // as it is spelled on the disk
	blocked string            // why nothing can go there
	there   map[string]string // key to name, of what is there now
	sums    map[string]Sum    // of files there that were read
	taken   map[string]bool   // keys that the plan gives away
	next    map[string]int    // by key of a name: the number to try next
}

// NewPlan begins a plan. dst need not exist.
func NewPlan(src, dst string, mode Mode) (*Plan, error) {
	if err := mode.check(); err != nil {
		return nil, err
	}
	src, err := resolve(src)
	if err != nil {
		return nil, err
	}
	if dst, err = resolve(dst); err != nil {
		return nil, err
	}
	return &Plan{Src: src, Dst: dst, Mode: mode, folders: map[string]*planned{}, sources: map[string]bool{}}, nil
}

// Files is the number of files in Units.
func (p *Plan) Files() int {
	n := 0
	for _, u := range p.Units {
		n += len(u)
	}
	return n
}

// Stay notes that the files of a photo remain where they are.
func (p *Plan) Stay(ph Photo, o Outcome, why string) {
	for _, f := range append([]string{ph.Picture}, ph.Companions...) {
		p.Rest = append(p.Rest, Entry{File: f, Outcome: o, Reason: why})
	}
}

// Add plans a photo (its files, as Examine returned them, the picture first)
// into a folder below the destination. Names that something has already, by
// another case or Unicode form too, get " (2)"; where the same content is there
// under the name already, the photo stays.
func (p *Plan) Add(files []File, folder string) {
	stay := func(o Outcome, to, why string) {
		for _, f := range files {
			p.Rest = append(p.Rest, Entry{f.From, to, o, why})
		}
	}
	if err := checkPath(folder); err != nil {
		stay(Failed, folder, err.Error())
		return
	}
	if first, _, _ := strings.Cut(folder, "/"); key(first) == key(Home) {
		stay(Failed, folder, "that folder is for journals")
		return
	}
	for _, f := range files {
		if p.sources[f.From] {
			stay(Skipped, folder, "listed twice")
			return
		}
	}
	d := p.folder(folder)
	if d.blocked != "" {
		stay(Failed, folder, d.blocked)
		return
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = path.Base(f.From)
	}
	for n := 1; ; n++ { // as long as some of the names are on the disk
		vs := variant(names, n)
		if !slices.ContainsFunc(vs, func(v string) bool { return d.there[key(v)] != "" }) {
			break
		}
		if at, ok := p.identical(d, files, vs); ok {
			for i, f := range files {
				p.Rest = append(p.Rest, Entry{f.From, at[i], Kept, "the same file is there already"})
			}
			return
		}
	}
	base := key(names[0])
	n := max(d.next[base], 1)
	for ; !d.free(variant(names, n)); n++ {
	}
	d.next[base] = n + 1
	u := make(Unit, len(files))
	for i, v := range variant(names, n) {
		d.taken[key(v)] = true
		u[i] = files[i]
		u[i].To = path.Join(d.path, v)
		p.sources[files[i].From] = true
	}
	p.Units = append(p.Units, u)
}

func (d *planned) free(names []string) bool {
	for _, n := range names {
		k := key(n)
		if _, there := d.there[k]; there || d.taken[k] {
			return false
		}
	}
	return true
}

// identical tells whether all files are in d under these names, and where.
func (p *Plan) identical(d *planned, files []File, names []string) (at []string, ok bool) {
	for i, f := range files {
		name, there := d.there[key(names[i])]
		if !there {
			return nil, false
		}
		to := path.Join(d.path, name)
		st, err := os.Lstat(filepath.Join(p.Dst, filepath.FromSlash(to)))
		if err != nil || st.Mode()&fs.ModeSymlink == 0 && st.Size() != f.Was.Size {
			return nil, false
		}
		if st.Mode()&fs.ModeSymlink != 0 { // from an earlier run with links
			target, err := os.Stat(filepath.Join(p.Dst, filepath.FromSlash(to)))
			source, err2 := os.Lstat(filepath.Join(p.Src, filepath.FromSlash(f.From)))
			if p.Mode != Symlink || err != nil || err2 != nil || !os.SameFile(target, source) {
				return nil, false
			}
			at = append(at, to)
			continue
		}
		sum, known := d.sums[name]
		if !known {
			there, err := Examine(p.Dst, to)
			if err != nil {
				return nil, false
			}
			if sum = there.Sum; there.Was.ID == f.Was.ID {
				sum = f.Sum // the very file
			}
			d.sums[name] = sum
		}
		if sum != f.Sum {
			return nil, false
		}
		at = append(at, to)
	}
	return at, true
}

// folder looks at a destination folder once. A folder that is there under a
// name of another case or Unicode form is the one.
func (p *Plan) folder(dir string) *planned {
	k := keyOf(dir)
	if d := p.folders[k]; d != nil {
		return d
	}
	d := &planned{path: dir, there: map[string]string{}, sums: map[string]Sum{}, taken: map[string]bool{}, next: map[string]int{}}
	p.folders[k] = d
	if parent := path.Dir(dir); parent != "." {
		up := p.folder(parent)
		d.path, d.blocked = path.Join(up.path, path.Base(dir)), up.blocked
		if name, ok := up.spelled(path.Base(dir)); ok {
			d.path = path.Join(up.path, name)
		}
	} else if top, err := os.ReadDir(p.Dst); err == nil {
		up := planned{there: map[string]string{}}
		for _, e := range top {
			up.note(e.Name(), dir)
		}
		if name, ok := up.spelled(dir); ok {
			d.path = name
		}
	}
	if d.blocked != "" {
		return d
	}
	full := filepath.Join(p.Dst, filepath.FromSlash(d.path))
	st, err := os.Lstat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return d
	case err != nil:
		d.blocked = reason(err)
	case st.Mode()&fs.ModeSymlink != 0:
		d.blocked = fmt.Sprintf("%q is a link, and links are not followed below the destination", d.path)
	case !st.IsDir():
		d.blocked = fmt.Sprintf("%q is a file, where a folder is wanted", d.path)
	}
	if d.blocked != "" {
		return d
	}
	entries, err := os.ReadDir(full)
	if err != nil {
		d.blocked = reason(err)
	}
	for _, e := range entries {
		d.note(e.Name(), "")
	}
	return d
}

// note adds a name that is on the disk. Of several with one key, exact wins, or
// else the first.
func (d *planned) note(name, exact string) {
	k := key(name)
	if _, ok := d.there[k]; !ok || name == exact {
		d.there[k] = name
	}
}

func (d *planned) spelled(name string) (string, bool) {
	if s, ok := d.there[key(name)]; ok {
		return s, true
	}
	return "", false
}
