//go:build !linux && !darwin && !windows

package safefile

import "errors"

func renameNoReplace(from, to string) error { return errors.ErrUnsupported }
