// Command bench measures squint beside its peers in one run and writes
// docs/performance.md to standard output:
//
//	go run ./bench [-rounds N] [-only kernels,sgemm,…] [-under COMMAND] >docs/performance.md
//
// Everything is measured round by round, ours and theirs in turn and for a fraction
// of a second each, so that a machine whose speed drifts does so for both, and
// other work spoils few rounds. Medians are reported, with the lowest and
// highest value. Peers take part where they are installed: OpenBLAS
// (libopenblas-dev and a C compiler) and PyTorch (a python3 that imports torch,
// or the one that PYTHON names).
//
// On a machine with other work, -under 'chrt -r 20' (as root) lets everything that is
// measured go before it. What is built is built as usual: compilers at such a
// priority have been seen to wait for each other for ever.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// section is a part of the report: what to do in every round, and what to write
// at the end.
type section struct {
	name    string
	measure func(b *bench, round int)
	write   func(b *bench)
}

var sections = []section{
	{"kernels", measureKernels, writeKernels},
	{"sgemm", measureSgemm, writeSgemm},
	{"step", measureSteps, writeSteps},
	{"inference", measureInference, writeInference},
	{"start", measureStart, writeStart},
	{"lines", nil, writeLines},
}

// bench is what the sections share: where programs are, and what was measured.
type bench struct {
	dir              string   // of programs made for the run
	under            []string // command and arguments that run what is measured
	openblas         string   // "" where it is not installed
	torch            *torch   // nil where it is not installed
	ours, blas, tens results
	versions         []string
}

func main() {
	rounds := flag.Int("rounds", 5, "how often to measure everything")
	only := flag.String("only", "", "sections to do, with commas between; all if empty")
	under := flag.String("under", "", "COMMAND with arguments that runs what is measured")
	flag.Parse()
	if err := run(*rounds, *only, strings.Fields(*under)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, only string, under []string) error {
	todo := slices.Clone(sections)
	if only != "" {
		names := strings.Split(only, ",")
		todo = slices.DeleteFunc(todo, func(s section) bool { return !slices.Contains(names, s.name) })
	}
	if len(todo) == 0 || rounds < 1 {
		return fmt.Errorf("%d rounds of %q: nothing to do", rounds, only)
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, under: under, ours: results{}, blas: results{}, tens: results{}}
	if err := b.build(); err != nil {
		return err
	}
	b.startOpenBLAS()
	defer func() { b.torch.close() }()

	start := time.Now()
	for round := range rounds {
		for _, s := range todo {
			if s.measure != nil {
				fmt.Fprintf(os.Stderr, "%4.0f s: round %d of %d: %s\n", time.Since(start).Seconds(), round+1, rounds, s.name)
				s.measure(b, round)
			}
		}
	}
	b.writeHead(rounds)
	for _, s := range todo {
		s.write(b)
	}
	return nil
}

// packages are those whose benchmarks are run.
var packages = []string{"internal/simd", "internal/simd/blas32", "pkg/conv", "pkg/mlp", "pkg/train", "pkg/model"}

// build makes a program of each package's benchmarks, and classify.
func (b *bench) build() error {
	for _, pkg := range packages {
		if out, err := exec.Command("go", "test", "-c", "-o", b.program(pkg), "./"+pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %v\n%s", pkg, err, out)
		}
	}
	if out, err := exec.Command("go", "build", "-o", b.program("classify"), "./cmd/classify").CombinedOutput(); err != nil {
		return fmt.Errorf("classify: %v\n%s", err, out)
	}
	return nil
}

func (b *bench) program(pkg string) string {
	return b.dir + "/" + strings.ReplaceAll(pkg, "/", "-")
}

// command prepares to run something that is measured.
func (b *bench) command(args ...string) *exec.Cmd {
	args = append(slices.Clone(b.under), args...)
	return exec.Command(args[0], args[1:]...)
}

// run runs the benchmarks of a package that match pattern for a time each,
// on a tier of internal/simd.
func (b *bench) run(pkg, pattern, time, tier string) results {
	cmd := b.command(b.program(pkg), "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", time)
	cmd.Dir, cmd.Stderr = pkg, os.Stderr
	cmd.Env = append(os.Environ(), "SQUINT_SIMD="+tier)
	out, err := cmd.Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", cmd, err)
	}
	r := results{}
	r.read(string(out))
	return r
}

// note keeps a peer's version for the report.
func (b *bench) note(version string) {
	if version != "" && !slices.Contains(b.versions, version) {
		b.versions = append(b.versions, version)
	}
}

func (b *bench) writeHead(rounds int) {
	commit, _ := exec.Command("git", "describe", "--always", "--dirty", "--exclude", "*").Output()
	peers := strings.Join(b.versions, "; ")
	if peers == "" {
		peers = "none installed"
	}
	fmt.Printf(`# Performance

Made by %s on %s at commit %s: medians of %d round(s), in
brackets the lowest and highest; ours and theirs in turn on the same machine:
%s, %d cores, %s.
Peers: %s.
`, "`make bench`", time.Now().Format(time.DateOnly), strings.TrimSpace(string(commit)), rounds, processor(), runtime.NumCPU(), runtime.Version(), peers)
}

// processor returns the name of the processor, where the system tells it.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}
