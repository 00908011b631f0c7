package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"squint/pkg/sorter"
)

// keepWatch sorts pictures as they arrive, under the journal of the run, until
// ctx ends. A photo is taken up when none of its files has changed for a while.
func (s *sorting) keepWatch(ctx context.Context, j *journey) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	src, err := filepath.EvalSymlinks(s.src)
	if err != nil {
		return err
	}
	v := &waiting{sorting: s, w: w, seen: map[string]sight{}}
	v.into, _ = os.Stat(s.dst)
	if err := v.add(src); err != nil {
		return err
	}
	fmt.Fprintf(s.notes, "watching %s; Ctrl-C ends it\n", clean(src))
	// What is there already has made no event.
	tick := time.NewTicker(max(s.settle/4, 10*time.Millisecond))
	defer tick.Stop()
	stir := true
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-w.Events:
			if !ok {
				return errors.New("the watch has ended")
			}
			if e.Has(fsnotify.Create) {
				v.add(e.Name) // if it is a folder; it may be gone again
			}
			stir = true
		case err := <-w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) { // then looking at everything makes up for it
				return err
			}
			stir = true
		case <-tick.C:
			if !stir {
				continue
			}
			if stir, err = v.look(ctx, j); err != nil {
				return err
			}
		}
	}
}

type waiting struct {
	*sorting
	w    *fsnotify.Watcher
	into os.FileInfo      // the destination
	seen map[string]sight // by picture
}

// sight is what a photo's files looked like, and since when.
type sight struct {
	look  string
	since time.Time
	done  bool
}

// add watches a folder and those below it.
func (v *waiting) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return nil // gone, or a file
		}
		if st, err := e.Info(); path != dir && (hidden(e.Name()) || err == nil && os.SameFile(st, v.into)) {
			return fs.SkipDir
		}
		return v.w.Add(path)
	})
}

// look sorts the photos that have settled, and tells whether others have not.
func (v *waiting) look(ctx context.Context, j *journey) (unsettled bool, err error) {
	found, err := sorter.Scan(ctx, v.src, v.dst, isPicture)
	if err != nil {
		return false, err
	}
	now := time.Now()
	seen := map[string]sight{}
	var ready []sorter.Photo
	for _, ph := range found.Photos {
		s := sight{look: v.looks(ph), since: now}
		if before, ok := v.seen[ph.Picture]; ok && before.look == s.look {
			s = before
		}
		if !s.done && now.Sub(s.since) >= v.settle {
			s.done = true
			ready = append(ready, ph)
		}
		unsettled = unsettled || !s.done
		seen[ph.Picture] = s
	}
	v.seen = seen
	if len(ready) == 0 {
		return unsettled, nil
	}
	plan, err := sorter.NewPlan(v.src, v.dst, v.kind)
	if err != nil {
		return false, err
	}
	v.rows = v.rows[:0]
	clear(v.labels)
	if err := v.classify(ctx, plan, ready); err != nil {
		return false, err
	}
	before := maps.Clone(j.counts)
	if err := j.apply(ctx, plan); err != nil {
		return false, err
	}
	gained := maps.Clone(j.counts)
	for o, n := range before {
		gained[o] -= n
	}
	fmt.Fprintf(v.notes, "%s arrived: %s\n", plural(len(ready), "picture"), totals(gained))
	return unsettled, v.out.Flush()
}

// looks is what is seen of a photo's files from outside.
func (v *waiting) looks(ph sorter.Photo) string {
	var b strings.Builder
	for _, name := range append([]string{ph.Picture}, ph.Companions...) {
		st, err := os.Lstat(filepath.Join(v.src, filepath.FromSlash(name)))
		if err != nil {
			fmt.Fprintln(&b, name)
			continue
		}
		fmt.Fprintln(&b, name, st.Size(), st.ModTime().UnixNano())
	}
	return b.String()
}
