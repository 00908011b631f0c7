//go:build !unix

package mapped

import "errors"

func create(string, int) (*Bytes, error) { return nil, errors.ErrUnsupported }
