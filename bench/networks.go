package main

import "fmt"

// nets are the names of networks in pkg/train's benchmark and in pytorch.py.
var nets = []string{"lenet5", "mlp-784-512-256-10", "conv3x3-32-64", "convnet-24-64px", "convnet-32-64px"}

// layouts are PyTorch's orders of a picture's values, of which the faster counts.
var layouts = []string{"contiguous", "channels_last"}

func measureSteps(b *bench, _ int) {
	for _, net := range nets {
		for threads := 1; threads <= 2; threads++ {
			b.ours.merge("", b.run("pkg/train", fmt.Sprintf("^BenchmarkStep$/^%s$/^threads=%d$", net, threads), "600ms", ""))
			for _, layout := range layouts {
				b.measure("step", net, threads, layout, 0.6)
			}
		}
	}
}

// fastest returns the name of the measurement with the highest median.
func (r results) fastest(unit string, names ...string) string {
	best := names[0]
	for _, n := range names {
		if r.median(n, unit) > r.median(best, unit) {
			best = n
		}
	}
	return best
}

func writeSteps(b *bench) {
	fmt.Print(`
## A training step

Images/s with batches of 128. Ours deforms the photos of convnet as it goes;
PyTorch gets a finished batch, and its faster memory layout counts. The ratio is
that of our two threads to PyTorch's best number of threads.
`)
	const unit = "images/s"
	var rows [][]string
	for _, net := range nets {
		row := []string{net}
		var theirs []string
		for threads := 1; threads <= 2; threads++ {
			name := fmt.Sprintf("Step/%s/threads=%d", net, threads)
			us, them := b.ours.median(name, unit), b.tens.fastest(unit, name+"/"+layouts[0], name+"/"+layouts[1])
			theirs = append(theirs, them)
			row = append(row, b.ours.cell(name, unit, 0), b.tens.cell(them, unit, 0))
			if threads == 2 {
				row = append(row, fmt.Sprintf("%.0f", b.ours.median(name, "GFLOP/s")), ratio(us, b.tens.median(b.tens.fastest(unit, theirs...), unit)))
			}
		}
		rows = append(rows, row)
	}
	table([]string{"network", "one thread", "PyTorch", "two threads", "PyTorch", "GFLOP/s", "ratio"}, rows)
}

// probs are the networks of pkg/model's benchmark.
var probs = []string{"lenet5", "mlp-784-512-256-10", "convnet-32-64px"}

func measureInference(b *bench, _ int) {
	for _, net := range probs {
		for _, batch := range []int{1, 32} {
			b.ours.merge("", b.run("pkg/model", fmt.Sprintf("^BenchmarkProbs$/^%s$/^batch=%d$", net, batch), "200ms", ""))
			b.measure("probs", net, batch, 0.2)
		}
	}
}

func writeInference(b *bench) {
	fmt.Print("\n## Answers\n\nImages/s from bytes to probabilities (PyTorch: from numbers to logits), one thread.\n")
	const unit = "images/s"
	var rows [][]string
	for _, net := range probs {
		for _, batch := range []int{1, 32} {
			name := fmt.Sprintf("Probs/%s/batch=%d", net, batch)
			rows = append(rows, []string{net, fmt.Sprint(batch), b.ours.cell(name, unit, 0), b.tens.cell(name, unit, 0), ratio(b.ours.median(name, unit), b.tens.median(name, unit))})
		}
	}
	table([]string{"network", "batch", "ours", "PyTorch", "ratio"}, rows)
}
