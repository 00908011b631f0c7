package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"squint/pkg/imageio"
)

// input is one file to classify.
type input struct {
	name  string // the path, as it is shown; "-" for standard input
	n     int    // for sort: which photo it is
	stdin bool
	err   error // why there is nothing to read, found while listing
}

// lister names the inputs in order, one after the other: never all at once,
// for there may be millions.
type lister struct {
	args      []string  // files, folders, patterns, "-"
	list      io.Reader // names, or nil
	listName  string    // of list, for errors
	recursive bool
	shard     shard
	skip      done // files that an earlier run has answered

	found        int  // inputs of all shards
	foldersBelow bool // a folder was left out for want of -r

	close   func()
	yield   func(input) bool
	stopped bool
}

// each calls yield with every input of the shard until it returns false. The
// error is of the list itself; what is wrong with a file comes in its input.
func (l *lister) each(yield func(input) bool) error {
	l.yield = yield
	for _, a := range l.args {
		if a == "-" {
			l.emit(input{name: a, stdin: true})
		} else if err := l.named(a); errors.Is(err, fs.ErrNotExist) && hasMeta(a) {
			if !l.pattern(a) {
				l.emit(input{name: a, err: errors.New("no file matches")})
			}
		} else if err != nil {
			l.emit(input{name: a, err: err})
		}
	}
	if l.list == nil || l.stopped {
		return nil
	}
	return names(l.list, l.listName, func(name string) bool {
		if err := l.named(name); err != nil {
			l.emit(input{name: name, err: err})
		}
		return !l.stopped
	})
}

func (l *lister) emit(in input) {
	l.found++
	if !l.stopped && l.shard.has(in.name) && !l.skip.has(in.name) {
		l.stopped = !l.yield(in)
	}
}

// named lists what a user named: a file whatever it is called, or a folder. It
// returns an error where there is neither.
func (l *lister) named(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.IsDir() {
		l.folder(path)
	} else {
		l.emit(input{name: path})
	}
	return nil
}

// folder lists the pictures in dir in order of name.
func (l *lister) folder(dir string) {
	err := sorted(dir, func(e fs.DirEntry) bool {
		return !hidden(e.Name()) && (isFolder(dir, e) || imageio.IsImageName(e.Name()))
	}, func(e entry) bool {
		switch path := filepath.Join(dir, e.name); {
		case !e.folder:
			l.emit(input{name: path})
		case !l.recursive:
			l.foldersBelow = true
		case !e.link: // or a link to a folder above would never end
			l.folder(path)
		}
		return !l.stopped
	})
	if err != nil {
		l.emit(input{name: dir, err: err})
	}
}

// pattern lists what a pattern matches, as if a shell had put the names there,
// and tells whether anything did.
func (l *lister) pattern(pattern string) bool {
	root := filepath.VolumeName(pattern)
	rest := filepath.ToSlash(pattern[len(root):])
	if strings.HasPrefix(rest, "/") {
		root += string(filepath.Separator)
	}
	return l.match(root, strings.FieldsFunc(rest, func(r rune) bool { return r == '/' }))
}

// match lists what the parts of a pattern match below dir.
func (l *lister) match(dir string, parts []string) bool {
	if len(parts) == 0 {
		return l.named(dir) == nil
	}
	part, rest := parts[0], parts[1:]
	if !hasMeta(part) {
		return l.match(filepath.Join(dir, part), rest)
	}
	any := false
	if part == "**" { // no folder, or one and perhaps more
		any = l.match(dir, rest)
	}
	// What cannot be read cannot match, as in a shell.
	_ = sorted(orHere(dir), func(e fs.DirEntry) bool {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(part, ".") {
			return false
		}
		if part == "**" {
			return e.IsDir()
		}
		ok, _ := filepath.Match(part, e.Name())
		return ok
	}, func(e entry) bool {
		path := filepath.Join(dir, e.name)
		if part == "**" {
			any = l.match(path, parts) || any
		} else if len(rest) == 0 || e.folder || e.link {
			any = l.match(path, rest) || any
		}
		return !l.stopped
	})
	return any
}

func hasMeta(s string) bool { return strings.ContainsAny(s, "*?[") }

func orHere(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

// hidden tells names that systems leave in folders and nobody put there, as
// training does.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || name == "__MACOSX" || name == "@eaDir"
}

// isFolder follows links.
func isFolder(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	st, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && st.IsDir()
}

// reason words an error about a file for a place that names the file already.
func reason(err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		err = named.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("no such file")
	}
	return err
}
