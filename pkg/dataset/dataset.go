// Package dataset turns a folder of labelled pictures into the bytes that a
// network learns from, in two steps. Scan looks at names only and says what
// is there; Load decodes, resizes and splits it.
//
// Four layouts are understood: class folders (with or without train, val and
// test above them), the IDX files of MNIST and of sets named like it, NumPy's npz
// files, and a manifest that lists files and labels. For a new layout write one function
// that finds its pictures, and call it from scan (scan.go).
//
// Nothing here writes to the dataset. Whatever is left out is listed: by rule
// in Source.Ignored, because it cannot be used in Data.Skipped. Check says what
// else is wrong with a dataset, and Data.Warnings the worst of it.
//
// With Options.Cache, a second run decodes only what has changed.
//
// # Splitting
//
// Parts that the layout gives are taken as given. Those that it lacks are split
// off from the training part, and the part of a picture follows from its
// content alone (see KeyOf): more pictures move no old one, unless they are near
// duplicates of it; exact copies and near duplicates (see nearGroups) are always
// together; and neither names nor a seed matter. The price is that counts are
// only about the shares asked for, as with coin flips. See split for the details
// and the exceptions.
//
// # Order
//
// Within a part, examples are in the order of their content keys. So what Load
// answers depends on the pictures and not on the number of threads, the order
// of files or, but for Set.Files, on names and formats: the same pictures as
// PNG folders and as IDX files are the same bytes.
package dataset

import (
	"fmt"

	"squint/internal/mapped"
)

// Part says what an example is for.
type Part string

// The parts. The empty Part is not decided yet: Load will.
const (
	Train Part = "train"
	Val   Part = "val"
	Test  Part = "test"
)

// Item is one labelled picture of a Source, not yet opened.
type Item struct {
	// File names the picture to people and in records: the slash path
	// relative to Source.Root, "t10k-images-idx3-ubyte.gz[17]" inside an IDX
	// file, "mnist.npz/x_test[17]" inside an npz file, or the path as the manifest writes it.
	File  string
	Class int  // index into Source.Classes
	Part  Part // as the source gives it; "" where it does not say

	path   string  // to open, where the picture is a file
	packed *packed // else the array that holds it
	index  int     // and its place there
}

// Skipped is a picture that could not be used, and why.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Source is what Scan found: names and classes, nothing decoded.
type Source struct {
	Root    string   // the folder that Item.File is relative to
	Kind    string   // "folders", "split folders", "idx", "npz" or "manifest"
	Classes []string // in natural order: "2" before "10"
	Items   []Item   // by part, class and natural order of names

	// Ignored lists the slash paths that were left out by rule: names that
	// begin with a dot, __MACOSX, Thumbs.db and the like, empty folders, files
	// whose names are not those of pictures. A folder ends in a slash.
	Ignored []string
	// Skipped lists labelled pictures that cannot be used whatever they show,
	// such as those of a class which the training part lacks.
	Skipped []Skipped
	// Warnings say, a sentence each, what looks like a mistake.
	Warnings []string
}

// Data is a loaded Source.
type Data struct {
	Source  *Source
	Classes []string
	// The parts are never nil; one that was not asked for, or that there were
	// no pictures for, has Len 0.
	Train, Val, Test *Set

	Skipped  []Skipped // Source.Skipped, then the files that failed, in the order of Source.Items
	Warnings []string  // Source.Warnings, then what the pictures themselves show

	// Unkept says why the pictures are not in Options.Cache for the next run; nil
	// where they are, or where there is none.
	Unkept error

	mapped *mapped.Bytes // all pixels
}

// Unusable is the error for a dataset that cannot be trained on, as against
// one that could not be read: no pictures, only one class, files that
// contradict each other. Commands tell it by errors.As.
type Unusable struct {
	Place  string // the file or folder at fault
	Reason string // what was found, and what was wanted
}

func (e *Unusable) Error() string { return fmt.Sprintf("dataset: %s: %s", e.Place, e.Reason) }

// unusablef makes an Unusable from a format.
func unusablef(place, format string, args ...any) *Unusable {
	return &Unusable{place, fmt.Sprintf(format, args...)}
}
