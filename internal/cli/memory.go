package cli

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// AddMemory adds --memory to cmd and to the verbs below it.
func (c *Common) AddMemory(cmd *cobra.Command) {
	cmd.PersistentFlags().Var((*size)(&c.memory), "memory", "take at most `SIZE` of memory for pictures (512M, 4G); more pixels than half of it lie in a file (default: what is free)")
}

// Memory is how many bytes to take for pictures, as the flag says, or what the
// system has free; 0 where nobody knows. The garbage collector is told too.
func (c *Common) Memory() int64 {
	if c.memory == 0 {
		c.memory = coarse(free("/")) // once: later the program itself has taken some
	}
	if c.memory > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(c.memory)
	}
	return c.memory
}

// coarse rounds down to a quarter of a power of two, so that it is seldom another
// number the next time: it is in what is said of pictures that are too large.
func coarse(n int64) int64 {
	step := int64(1)
	for 8*step <= n {
		step *= 2
	}
	return n / step * step
}

// size is a flag for bytes.
type size int64

func (s *size) String() string {
	if s == nil || *s == 0 {
		return ""
	}
	return strconv.FormatInt(int64(*s), 10)
}

func (s *size) Type() string { return "size" }

func (s *size) Set(text string) error {
	number := strings.TrimSuffix(strings.TrimSuffix(strings.ToUpper(text), "B"), "I")
	unit := int64(1)
	if i := strings.IndexAny(number, "KMGT"); i >= 0 && i == len(number)-1 {
		unit = 1 << (10 * (strings.IndexByte("KMGT", number[i]) + 1))
		number = number[:i]
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v*float64(unit) >= least && v*float64(unit) < math.MaxInt64) {
		return fmt.Errorf("want a size such as 512M or 4G, at least %dM", least>>20)
	}
	*s = size(v * float64(unit))
	return nil
}

// least is what a program needs to do anything at all.
const least = 64 << 20

// free returns how much memory a process may take now: what Linux says is
// available, or what is left of a container's share, and 0 elsewhere. Root is
// where the system's files are.
func free(root string) int64 {
	n := int64(0)
	for line := range strings.Lines(read(root, "proc/meminfo")) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "MemAvailable:" {
			kib, _ := strconv.ParseInt(f[1], 10, 64)
			n = kib << 10
		}
	}
	bound := func(group, limit, used, cached string) {
		most, err := strconv.ParseInt(read(root, group, limit), 10, 64)
		if err != nil { // "max", or no such file
			return
		}
		has, _ := strconv.ParseInt(read(root, group, used), 10, 64)
		for line := range strings.Lines(read(root, group, "memory.stat")) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == cached { // of files, which give way
				cache, _ := strconv.ParseInt(f[1], 10, 64)
				has -= cache
			}
		}
		if left := most - max(has, 0); left < n {
			n = max(left, least)
		}
	}
	for line := range strings.Lines(read(root, "proc/self/cgroup")) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) < 3 {
			continue
		}
		for _, dir := range []string{f[2], "/"} { // inside a container its own group is mounted as the root
			switch f[1] {
			case "memory":
				bound(filepath.Join("sys/fs/cgroup/memory", dir), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache")
			case "":
				bound(filepath.Join("sys/fs/cgroup", dir), "memory.max", "memory.current", "file")
			}
		}
	}
	return n
}

func read(path ...string) string {
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
