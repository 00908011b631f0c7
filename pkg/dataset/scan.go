package dataset

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// found is an Item whose class has only a name so far.
type found struct {
	Item
	label string
}

// Scan finds out what the folder dir holds, or the manifest file dir lists. It
// reads names, labels and headers, and opens no picture.
//
// A folder that holds IDX files (train-images-idx3-ubyte and the like, gzip or
// not) is an IDX set, and one that holds nothing but an npz file is that file;
// else it holds class folders or, above them, split folders; see scanFolders for
// how they are told apart. A file is an npz file by its name, else a manifest: see
// parseManifest.
//
// The error is an *Unusable where there are no labelled pictures, or where the
// files contradict each other; otherwise something could not be read.
func Scan(dir string) (*Source, error) {
	src, all, err := scan(dir)
	if err != nil {
		return nil, err
	}
	src.settle(all)
	if len(src.Items) == 0 {
		return nil, src.nothing()
	}
	return src, nil
}

func scan(dir string) (*Source, []found, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %w", err)
	}
	if !info.IsDir() {
		if isNPZ(dir) {
			return scanNPZ(dir)
		}
		return scanManifest(dir)
	}
	top, err := list(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("dataset: %w", err)
	}
	src, all, err := scanIDX(dir, top.files)
	if err != nil {
		return nil, nil, err
	}
	if src == nil && len(top.dirs) == 0 && len(top.files) == 1 && isNPZ(top.files[0]) {
		src, all, err = scanNPZ(filepath.Join(dir, top.files[0]))
	}
	if err != nil {
		return nil, nil, err
	}
	if src == nil {
		return scanFolders(dir, top)
	}
	src.Ignored = append(src.Ignored, top.ignored...)
	for _, d := range top.dirs {
		src.Ignored = append(src.Ignored, d+"/")
	}
	return src, all, nil
}

// settle gives the classes their numbers and puts everything in order. The
// classes are those of pictures that are, or may be, for training; where there
// are none of those, all.
func (s *Source) settle(all []found) {
	trains := func(f found) bool { return f.Part == Train || f.Part == "" }
	if !slices.ContainsFunc(all, trains) {
		trains = func(found) bool { return true }
	}
	number := map[string]int{}
	for _, f := range all {
		if _, ok := number[f.label]; !ok && trains(f) {
			number[f.label] = 0
			s.Classes = append(s.Classes, f.label)
		}
	}
	slices.SortFunc(s.Classes, compareNatural)
	for i, c := range s.Classes {
		number[c] = i
	}

	type place struct {
		part  Part
		label string
	}
	counts := map[place]int{}
	var strange []place
	for _, f := range all {
		class, ok := number[f.label]
		at := place{f.Part, f.label}
		if counts[at]++; ok {
			f.Class = class
			s.Items = append(s.Items, f.Item)
			continue
		}
		if counts[at] == 1 {
			strange = append(strange, at)
		}
		s.Skipped = append(s.Skipped, Skipped{f.File, fmt.Sprintf("class %q is not in train", f.label)})
	}
	for _, at := range strange {
		s.Warnings = append(s.Warnings, fmt.Sprintf("class %q of %s is not in train: %s left out",
			at.label, at.part, pictures(counts[at], "", "is", "are")))
	}
	for _, part := range []Part{Val, Test} {
		if !slices.ContainsFunc(s.Items, func(it Item) bool { return it.Part == part }) {
			continue
		}
		for _, c := range s.Classes {
			if counts[place{part, c}] == 0 {
				s.Warnings = append(s.Warnings, fmt.Sprintf("class %q has no pictures in %s", c, part))
			}
		}
	}

	order := map[Part]int{"": 0, Train: 0, Val: 1, Test: 2}
	slices.SortStableFunc(s.Items, func(a, b Item) int {
		if c := cmp.Or(cmp.Compare(order[a.Part], order[b.Part]), cmp.Compare(a.Class, b.Class)); c != 0 {
			return c
		}
		return compareNatural(a.File, b.File)
	})
	slices.SortFunc(s.Ignored, compareNatural)
	slices.SortStableFunc(s.Skipped, func(a, b Skipped) int { return compareNatural(a.File, b.File) })
}

// nothing says that there are no labelled pictures, and why if that can be seen.
func (s *Source) nothing() *Unusable {
	if len(s.Skipped) > 0 {
		return unusablef(s.Root, "no usable pictures: %q: %s", s.Skipped[0].File, s.Skipped[0].Reason)
	}
	if len(s.Warnings) > 0 {
		return unusablef(s.Root, "no class folders with pictures: %s", s.Warnings[0])
	}
	return unusablef(s.Root, "no pictures, want one folder of them for each class")
}

// pictures counts in words: "1 picture of test is", "2 pictures of test are".
func pictures(n int, of, one, many string) string {
	if n == 1 {
		return "1 picture" + of + " " + one
	}
	return fmt.Sprintf("%d pictures%s %s", n, of, many)
}

// partNamed returns the part that a folder or a manifest means by name.
func partNamed(name string) (Part, bool) {
	switch strings.ToLower(name) {
	case "train", "training":
		return Train, true
	case "val", "valid", "validation":
		return Val, true
	case "test", "testing":
		return Test, true
	}
	return "", false
}

// listing is the content of one folder, each list in natural order. Links count
// as what they lead to; a link that leads nowhere, or a pipe, is a file.
type listing struct{ dirs, files, ignored []string }

func list(dir string) (listing, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return listing{}, err
	}
	var l listing
	for _, e := range entries {
		name := e.Name()
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			info, err := os.Stat(filepath.Join(dir, name))
			isDir = err == nil && info.IsDir()
		}
		switch {
		case ignored(name) && isDir:
			l.ignored = append(l.ignored, name+"/")
		case ignored(name):
			l.ignored = append(l.ignored, name)
		case isDir:
			l.dirs = append(l.dirs, name)
		default:
			l.files = append(l.files, name)
		}
	}
	slices.SortFunc(l.dirs, compareNatural)
	slices.SortFunc(l.files, compareNatural)
	return l, nil
}

func isNPZ(name string) bool { return strings.EqualFold(filepath.Ext(name), ".npz") }

// ignored tells the names that operating systems and tools leave in folders of
// pictures, thumbnails among them.
func ignored(name string) bool {
	switch name {
	case "__MACOSX", "Thumbs.db", "@eaDir":
		return true
	}
	return strings.HasPrefix(name, ".")
}
