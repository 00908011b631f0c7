package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// startOpenBLAS builds the program that calls it.
func (b *bench) startOpenBLAS() {
	program := filepath.Join(b.dir, "openblas")
	if exec.Command("cc", "-O2", "bench/peers/openblas.c", "-lopenblas", "-o", program).Run() == nil {
		b.openblas = program
	}
}

// sgemm measures OpenBLAS on one shape.
func (b *bench) sgemm(shape [3]int, threads int) {
	if b.openblas == "" {
		return
	}
	cmd := b.command(b.openblas, fmt.Sprint(shape[0]), fmt.Sprint(shape[1]), fmt.Sprint(shape[2]), fmt.Sprint(threads))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", cmd, err)
	}
	for _, n := range b.blas.read(string(out)) {
		b.note(n)
	}
}

// torch is a PyTorch that waits for orders, because starting one takes seconds.
type torch struct {
	cmd    *exec.Cmd
	orders io.WriteCloser
	lines  *bufio.Scanner
}

var startTorch sync.Once

func (b *bench) startTorch() {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	cmd := b.command(python, "bench/peers/pytorch.py")
	orders, err1 := cmd.StdinPipe()
	lines, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil || cmd.Start() != nil {
		return
	}
	t := &torch{cmd, orders, bufio.NewScanner(lines)}
	if !t.lines.Scan() { // it cannot import torch
		t.close()
		return
	}
	b.note(strings.TrimPrefix(t.lines.Text(), "# "))
	b.torch = t
}

// measure gives an order, see pytorch.py, and keeps the answer.
func (b *bench) measure(order ...any) {
	startTorch.Do(b.startTorch)
	if b.torch == nil {
		return
	}
	fmt.Fprintln(b.torch.orders, order...)
	if b.torch.lines.Scan() {
		b.tens.read(b.torch.lines.Text())
	}
}

func (t *torch) close() {
	if t != nil {
		t.orders.Close()
		t.cmd.Wait()
	}
}
