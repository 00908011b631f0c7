package sorter

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Home is the folder in a destination that holds the lock, the journals and what
// Undo took away.
const Home = ".squint"

// Found is what a source holds.
type Found struct {
	Photos []Photo
	Others []Entry // files that are nothing to sort, with the reason
}

// Scan lists the photos below src in order of their paths. Folders and files
// with a dot in front are passed over, and so is dst where it lies within src,
// but not where it is src. Links are not followed.
func Scan(ctx context.Context, src, dst string, isPicture func(name string) bool) (*Found, error) {
	src, err := resolve(src)
	if err != nil {
		return nil, err
	}
	s := &scan{ctx: ctx, root: src, isPicture: isPicture}
	if dst, err = resolve(dst); err != nil {
		return nil, err
	}
	if st, err := os.Stat(dst); err == nil && dst != src {
		s.skip = st
	}
	if top, err := os.Stat(src); err != nil {
		return nil, err
	} else if !top.IsDir() {
		return nil, &fs.PathError{Op: "sort", Path: src, Err: errors.New("a file, want a folder")}
	} else if s.skip != nil && os.SameFile(top, s.skip) {
		s.skip = nil // the same by another path
	}
	if _, err := os.ReadDir(src); err != nil {
		return nil, err
	}
	if err := s.folder("."); err != nil {
		return nil, err
	}
	return &s.found, nil
}

type scan struct {
	ctx       context.Context
	root      string
	skip      os.FileInfo // the destination
	isPicture func(string) bool
	found     Found
}

func (s *scan) folder(dir string) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(s.root, filepath.FromSlash(dir))) // sorted
	if err != nil {
		s.leave(dir, reason(err))
	}
	var files, folders []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."), name == "__MACOSX", name == "@eaDir":
		case e.IsDir():
			folders = append(folders, name)
		case e.Type()&fs.ModeSymlink != 0:
			s.leave(path.Join(dir, name), "a link, left as it is")
		case !e.Type().IsRegular():
			s.leave(path.Join(dir, name), "not a regular file")
		default:
			files = append(files, name)
		}
	}
	photos, others := group(dir, files, s.isPicture)
	s.found.Photos = append(s.found.Photos, photos...)
	for _, name := range others {
		s.leave(name, "not a picture")
	}
	for _, name := range folders {
		sub := path.Join(dir, name)
		if s.skip != nil {
			if st, err := os.Lstat(filepath.Join(s.root, filepath.FromSlash(sub))); err == nil && os.SameFile(st, s.skip) {
				continue
			}
		}
		if err := s.folder(sub); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) leave(file, why string) {
	s.found.Others = append(s.found.Others, Entry{File: file, Outcome: Skipped, Reason: why})
}

// reason is an error without the names that the place it is said in gives.
func reason(err error) string {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return err.Error()
}
