package dataset

import (
	"fmt"
	"path"
	"path/filepath"

	"squint/pkg/imageio"
)

// scanFolders reads a folder that holds class folders, or split folders (train,
// val, test and their longer names, in any case) that hold class folders. Pictures
// in folders below a class folder belong to that class.
//
// A class may be called "train", so names alone do not make split folders:
// one of them must hold folders, and either all folders are named like parts or
// one is for training and another for validation or test.
func scanFolders(dir string, top listing) (*Source, []found, error) {
	f := folders{src: &Source{Root: dir, Kind: "folders"}}
	f.src.Ignored = top.ignored
	f.beside("", top.files)

	inside := map[string]listing{}
	parts := map[Part]bool{}
	named, deep := 0, false
	for _, d := range top.dirs {
		part, ok := partNamed(d)
		if !ok {
			continue
		}
		l, err := list(filepath.Join(dir, d))
		if err != nil {
			return nil, nil, fmt.Errorf("dataset: %w", err)
		}
		inside[d] = l
		parts[part] = true
		deep = deep || len(l.dirs) > 0
		named++
	}
	all := named > 0 && named == len(top.dirs)
	switch {
	case deep && (all || parts[Train] && len(parts) > 1):
		f.src.Kind = "split folders"
		for _, d := range top.dirs {
			part, ok := partNamed(d)
			if !ok {
				f.src.Ignored = append(f.src.Ignored, d+"/")
				f.src.Warnings = append(f.src.Warnings, fmt.Sprintf("folder %q is none of train, val and test, and is left out", d))
				continue
			}
			l := inside[d]
			for _, name := range l.ignored {
				f.src.Ignored = append(f.src.Ignored, path.Join(d, name))
			}
			f.beside(d, l.files)
			f.classes(d, l.dirs, part)
		}
	case all:
		return nil, nil, unusablef(dir, "folder %q holds no class folders: want one folder of pictures for each class in it", top.dirs[0])
	default:
		for _, d := range top.dirs {
			if _, ok := partNamed(d); ok {
				f.src.Warnings = append(f.src.Warnings, fmt.Sprintf("folder %q is taken for a class", d))
			}
		}
		f.classes("", top.dirs, "")
	}
	return f.src, f.found, nil
}

// folders collects what a walk finds.
type folders struct {
	src   *Source
	found []found
}

// beside notes files in a folder whose folders are classes.
func (f *folders) beside(dir string, files []string) {
	n := 0
	for _, name := range files {
		f.src.Ignored = append(f.src.Ignored, path.Join(dir, name))
		if imageio.IsImageName(name) {
			n++
		}
	}
	if n > 0 {
		f.src.Warnings = append(f.src.Warnings, fmt.Sprintf("%s beside the class folders of %q and left out", pictures(n, "", "lies", "lie"), path.Join(".", dir)))
	}
}

// classes walks the class folders named dirs in the folder dir.
func (f *folders) classes(dir string, dirs []string, part Part) {
	for _, d := range dirs {
		seen := map[string]bool{}
		for _, above := range []string{f.src.Root, filepath.Join(f.src.Root, dir)} {
			for place := real(above); !seen[place]; place = filepath.Dir(place) { // up to the root of the file system
				seen[place] = true
			}
		}
		f.walk(path.Join(dir, d), d, part, seen)
	}
}

// walk collects the pictures in and below the folder dir, and answers whether
// there are any. Links to folders are followed; seen holds the real path of
// every folder walked for this class, and of those above it, so that links in
// a circle end.
func (f *folders) walk(dir, label string, part Part, seen map[string]bool) bool {
	place := filepath.Join(f.src.Root, filepath.FromSlash(dir))
	if seen[real(place)] {
		f.src.Ignored = append(f.src.Ignored, dir+"/")
		return false
	}
	seen[real(place)] = true
	l, err := list(place)
	if err != nil {
		f.src.Skipped = append(f.src.Skipped, Skipped{dir + "/", reason(err)})
		return true
	}
	for _, name := range l.ignored {
		f.src.Ignored = append(f.src.Ignored, dir+"/"+name)
	}
	any := false
	for _, name := range l.files {
		if !imageio.IsImageName(name) {
			f.src.Ignored = append(f.src.Ignored, dir+"/"+name)
			continue
		}
		any = true
		f.found = append(f.found, found{
			Item:  Item{File: dir + "/" + name, Part: part, path: filepath.Join(place, name)},
			label: label,
		})
	}
	for _, d := range l.dirs {
		any = f.walk(dir+"/"+d, label, part, seen) || any
	}
	if !any {
		f.src.Ignored = append(f.src.Ignored, dir+"/")
	}
	return any
}

// real returns the one name that a folder has behind all links.
func real(dir string) string {
	if r, err := filepath.EvalSymlinks(dir); err == nil {
		dir = r
	}
	if a, err := filepath.Abs(dir); err == nil {
		dir = a
	}
	return dir
}
