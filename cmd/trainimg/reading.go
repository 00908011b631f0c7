package main

import (
	"os"
	"path/filepath"
	"time"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/imageio"
)

// limits are what a picture to train on may be: one's own, so TIFF too.
var limits = imageio.Limits{TIFF: true}

// patience is how long one picture may take to decode. The largest that limits let
// through take a few seconds, and which are skipped must not depend on what else the
// machine has to do: this is for what was made to take for ever.
const patience = 5 * time.Minute

// reading is how every verb reads labelled pictures.
func reading(common *cli.Common, noCache bool) dataset.Options {
	opt := dataset.Options{Limits: limits, Threads: common.Workers(), Memory: common.Memory(), Watch: cli.Deadline(patience)}
	// Without a home there is nothing to keep anything in.
	if dir, err := os.UserCacheDir(); err == nil {
		opt.Scratch = filepath.Join(dir, "squint")
		if !noCache {
			opt.Cache = opt.Scratch
		}
	}
	return opt
}
