package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"squint/models"
)

// measureStart runs classify on one small picture and on many, a few times in a row.
func measureStart(b *bench, _ int) {
	many, err := filepath.Glob("data/digits/*/00?.png")
	if err != nil || len(many) < 100 {
		fmt.Fprintf(os.Stderr, "bench: %d pictures in data/digits\n", len(many))
		return
	}
	for _, m := range models.Names() {
		for range 5 {
			one, wall := b.classify(m, many[:1])
			all, _ := b.classify(m, many)
			each := (all - one) / float64(len(many)-1)
			b.ours.add("Start/"+m, "CPU ms", one-each)
			b.ours.add("Start/"+m, "ms", wall)
			b.ours.add("Start/"+m, "each", each)
		}
	}
}

// classify returns how many milliseconds a run takes, on processors and on the clock.
func (b *bench) classify(model string, files []string) (processors, clock float64) {
	cmd := b.command(slices.Concat([]string{b.program("classify"), "-m", model, "-j", "1"}, files)...)
	start := time.Now()
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", cmd, err)
		return 0, 0
	}
	clock = milliseconds(time.Since(start))
	return milliseconds(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()), clock
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func writeStart(b *bench) {
	fmt.Print(`
## Cold start

Milliseconds of classify with a built-in model on one picture of 28×28 pixels:
processor time but for the picture itself, all by the clock, and processor time
of each further picture.
`)
	var rows [][]string
	for _, m := range models.Names() {
		name := "Start/" + m
		rows = append(rows, []string{m, b.ours.cell(name, "CPU ms", 1), b.ours.cell(name, "ms", 1), b.ours.cell(name, "each", 2)})
	}
	table([]string{"model", "start", "by the clock", "each picture"}, rows)
}
