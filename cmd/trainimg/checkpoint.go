package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"squint/internal/cli"
	"squint/internal/safefile"
	"squint/pkg/train"
)

// checkpointFiles are the last two checkpoints. They are written in turn, so
// that there is a whole one at any moment, and another should one be damaged.
// Which is newer is what they say of themselves, not their times.
var checkpointFiles = [2]string{"checkpoint.safetensors", "checkpoint-2.safetensors"}

// mostCheckpoint bounds what is read, in bytes.
const mostCheckpoint = 16 << 30

// The metadata of a checkpoint beside the state of training.
const (
	metaRecipe = "recipe"
	metaData   = "data" // where it is
	metaHash   = "data_hash"
)

// isRun tells whether path is the folder of a run that can be resumed.
func isRun(path string) bool {
	for _, name := range checkpointFiles {
		if st, err := os.Stat(filepath.Join(path, name)); err == nil && st.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// checkpoint saves where the run is, in place of the older of both.
func (f *runFolder) checkpoint(j *job, s *train.State) error {
	r, err := json.Marshal(j.recipe)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(j.dir)
	if err != nil {
		return err
	}
	b, err := s.Encode(map[string]string{metaRecipe: string(r), metaData: dir, metaHash: splitHash(j.data)})
	if err != nil {
		return err
	}
	next := 1 - f.saved
	path := f.file(checkpointFiles[next])
	if err := safefile.Write(path, b); err != nil {
		return err
	}
	// Some disks take what they cannot give back.
	if again, err := safefile.Read(path, mostCheckpoint); err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%q is not what was written to it; %q is still whole", path, f.file(checkpointFiles[f.saved]))
	}
	f.saved = next
	return nil
}

// readCheckpoint reads the newest whole checkpoint of the run in a folder: its
// state, what was kept beside it, and which of both it was. One that is damaged is said.
func readCheckpoint(path string, warn func(string)) (state *train.State, meta map[string]string, which int, err error) {
	var first error
	for i, name := range checkpointFiles {
		s, m, err := readOne(filepath.Join(path, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil && first == nil:
			first = err
		case err == nil && (state == nil || s.Step > state.Step || s.Step == state.Step && len(s.History) > len(state.History)):
			state, meta, which = s, m, i
		}
	}
	if state == nil && first == nil {
		return nil, nil, 0, cli.Errorf(cli.Usage, "name the run's folder: trainimg --resume runs/pets", "%q holds no checkpoint to go on from", path)
	}
	if state == nil {
		return nil, nil, 0, first
	}
	if first != nil {
		warn(fmt.Sprintf("%v; going on from the other checkpoint", first))
	}
	return state, meta, which, nil
}

func readOne(path string) (*train.State, map[string]string, error) {
	b, err := safefile.Read(path, mostCheckpoint)
	if err != nil {
		return nil, nil, err
	}
	s, meta, err := train.DecodeState(b)
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", path, err)
	}
	return s, meta, nil
}

// How long the end of a run waits for room on a full disk, and how often it
// looks.
const (
	mostWait  = 30 * time.Minute
	waitEvery = 2 * time.Second
)

// insist calls save until it succeeds, for as long as what keeps it from that
// is a full disk, because hours of work would be lost with the process. It gives
// up when the user does (Ctrl-C), and after mostWait.
func (j *job) insist(save func() error) error {
	began := time.Now()
	for said := false; ; said = true {
		err := save()
		if !full(err) || time.Since(began) > mostWait {
			return err
		}
		if !said {
			fmt.Fprintf(j.notes, "warning: %v: make room and it goes on (Ctrl-C gives up)\n", err)
		}
		select {
		case <-j.ctx.Done():
			return err
		case <-time.After(waitEvery):
		}
	}
}

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
