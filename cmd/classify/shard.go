package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// shard is share i of n, 1 to n, of all files. It is told by the name alone, so
// that n processes that know nothing of each other take each file once.
type shard struct{ i, n uint64 }

func (s shard) has(name string) bool {
	if s.n == 1 {
		return true
	}
	sum := sha256.Sum256([]byte(filepath.ToSlash(name))) // the same shares on every system
	return binary.BigEndian.Uint64(sum[:])%s.n == s.i-1
}

// The rest is pflag.Value.

func (s *shard) String() string {
	if s.n <= 1 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.i, s.n)
}

func (s *shard) Type() string { return "i/n" }

func (s *shard) Set(v string) error {
	i, n, _ := strings.Cut(v, "/")
	a, err1 := strconv.ParseUint(i, 10, 32)
	b, err2 := strconv.ParseUint(n, 10, 32)
	if err1 != nil || err2 != nil || a < 1 || a > b {
		return errors.New("want I/N with I from 1 to N, such as 1/4")
	}
	*s = shard{a, b}
	return nil
}
