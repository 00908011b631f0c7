// Command bench measures squint beside its peers in one run and writes the
// table of docs/performance.md to standard output:
//
//	go run ./bench [-quick] >docs/performance.md
//
// Everything is run round by round, ours and theirs in turn, so that a machine
// whose speed drifts does so for both; medians are reported. Peers take part
// where they are installed: OpenBLAS (libopenblas-dev and a C compiler) and
// PyTorch (a python3 that imports torch, or the one that PYTHON names).
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// results holds the measurements of one program: name → unit → values.
type results map[string]map[string][]float64

// add reads lines as Go benchmarks print them: name, count, then value and
// unit in turn.
func (r results) add(out []byte) (notes []string) {
	s := bufio.NewScanner(bytes.NewReader(out))
	for s.Scan() {
		if note, ok := strings.CutPrefix(s.Text(), "# "); ok {
			notes = append(notes, note)
		}
		f := strings.Fields(s.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if base, cpus, ok := cutLast(name, "-"); ok && cpus == strconv.Itoa(runtime.GOMAXPROCS(0)) {
			name = base
		}
		for i := 2; i+1 < len(f); i += 2 {
			v, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				continue
			}
			if r[name] == nil {
				r[name] = map[string][]float64{}
			}
			r[name][f[i+1]] = append(r[name][f[i+1]], v)
		}
	}
	return notes
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// median returns the median of a measurement, 0 for none.
func (r results) median(name, unit string) float64 {
	v := slices.Sorted(slices.Values(r[name][unit]))
	if len(v) == 0 {
		return 0
	}
	return v[len(v)/2]
}

func run(dir, name string, args ...string) []byte {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	fmt.Fprintln(os.Stderr, "+", cmd)
	out, err := cmd.Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", cmd, err)
	}
	return out
}

func main() {
	quick := flag.Bool("quick", false, "one short round")
	flag.Parse()
	rounds, benchtime, seconds := 5, "0.5s", "2"
	if *quick {
		rounds, benchtime, seconds = 1, "0.2s", "0.5"
	}
	tmp, err := os.MkdirTemp("", "bench")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer os.RemoveAll(tmp)

	blas := filepath.Join(tmp, "openblas")
	if exec.Command("cc", "-O2", "bench/peers/openblas.c", "-lopenblas", "-o", blas).Run() != nil {
		blas = ""
	}
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	if exec.Command(python, "-c", "import torch").Run() != nil {
		python = ""
	}

	ours, openblas, torch := results{}, results{}, results{}
	var versions []string
	note := func(notes []string) {
		for _, n := range notes {
			if !slices.Contains(versions, n) {
				versions = append(versions, n)
			}
		}
	}
	bench := func(pattern, pkg string) {
		ours.add(run("", "go", "test", "-run", "^$", "-bench", pattern, "-benchtime", benchtime, pkg))
	}
	for range rounds {
		bench("Peak|Product", "./internal/simd")
		bench("Sgemm", "./internal/simd/blas32")
		if blas != "" {
			note(openblas.add(run("", blas)))
		}
		bench("Step", "./pkg/train")
		bench("Probs", "./pkg/model")
		if python != "" {
			note(torch.add(run("", python, "bench/peers/pytorch.py", seconds)))
		}
	}
	write(ours, openblas, torch, versions, rounds, *quick)
}

func write(ours, openblas, torch results, versions []string, rounds int, quick bool) {
	commit := strings.TrimSpace(string(run("", "git", "describe", "--always", "--dirty")))
	fmt.Printf(`# Performance

Made by %s on %s at commit %s; medians of %d round(s), ours and
theirs in turn on the same machine: %s, %d cores, %s.
Peers: %s.

`, "`make bench`", time.Now().Format("2006-01-02"), commit, rounds, cpu(), runtime.NumCPU(), runtime.Version(), strings.Join(versions, "; "))

	if quick {
		fmt.Print("**A quick round (-quick), for a first look: single short measurements, perhaps on a machine with other\nwork, which shows most on two threads.**\n\n")
	}
	peak := ours.median("Peak", "GFLOP/s")
	fmt.Printf("## Kernels\n\nOne core; its peak of fused multiply-adds, measured, is %.0f GFLOP/s.\n\n| work | GFLOP/s | of peak |\n|---|---|---|\n", peak)
	for _, name := range sorted(ours) {
		if short, ok := strings.CutPrefix(name, "Product/"); ok {
			g := ours.median(name, "GFLOP/s")
			fmt.Printf("| %s | %.1f | %.0f %% |\n", short, g, 100*g/peak)
		}
	}
	fmt.Print("\n## Matrix product (sgemm), GFLOP/s\n\n| m×k×n | threads | ours | OpenBLAS | ratio | gonum | ratio |\n|---|---|---|---|---|---|---|\n")
	for _, name := range sorted(ours) {
		shape, ok := strings.CutPrefix(name, "Sgemm/")
		shape, kind, _ := strings.Cut(shape, "/")
		if !ok || kind == "gonum" {
			continue
		}
		us := ours.median(name, "GFLOP/s")
		gonum := ours.median("Sgemm/"+shape+"/gonum", "GFLOP/s")
		fmt.Printf("| %s | %s | %.1f | %s | %.1f | %.1f |\n", shape, strings.TrimPrefix(kind, "threads="), us,
			beside(us, openblas.median(name, "GFLOP/s"), "%.1f"), gonum, us/gonum)
	}
	fmt.Print("\n## A training step, images/s\n\nBatches of 128. Ours deforms the photos of convnet as it goes; PyTorch gets a finished batch, in its faster memory layout.\n\n| network | threads | ours | GFLOP/s | PyTorch | ratio |\n|---|---|---|---|---|---|\n")
	for _, name := range sorted(ours) {
		if short, ok := strings.CutPrefix(name, "Step/"); ok {
			net, threads, _ := strings.Cut(short, "/threads=")
			us := ours.median(name, "images/s")
			fmt.Printf("| %s | %s | %.0f | %.0f | %s |\n", net, threads, us, ours.median(name, "GFLOP/s"), beside(us, torch.median(name, "images/s"), "%.0f"))
		}
	}
	fmt.Print("\n## Inference, one thread, images/s\n\n| network | batch | ours | PyTorch | ratio |\n|---|---|---|---|---|\n")
	for _, name := range sorted(ours) {
		if short, ok := strings.CutPrefix(name, "Probs/"); ok {
			net, batch, _ := strings.Cut(short, "/batch=")
			us := ours.median(name, "images/s")
			fmt.Printf("| %s | %s | %.0f | %s |\n", net, batch, us, beside(us, torch.median(name, "images/s"), "%.0f"))
		}
	}
}

// beside writes a peer's value and our ratio to it as two cells.
func beside(us, them float64, format string) string {
	if them == 0 {
		return "– | –"
	}
	return fmt.Sprintf(format+" | %.2f", them, us/them)
}

func sorted(r results) []string {
	var names []string
	for n := range r {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func cpu() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(v, "\t :"))
		}
	}
	return runtime.GOARCH
}
