package main

import (
	"fmt"
	"slices"
	"strings"

	"squint/internal/simd"
)

// measureKernels runs whole layers on every tier. The Go twin is slow and has its
// turn in the first round only.
func measureKernels(b *bench, round int) {
	for _, tier := range simd.Tiers() {
		time := "30ms"
		if tier == "go" {
			if time = "1x"; round > 0 {
				continue
			}
		} else {
			b.ours.merge(tier+"/", b.run("internal/simd", "^BenchmarkPeak$", time, tier))
		}
		b.ours.merge(tier+"/", b.run("internal/simd", "^BenchmarkProduct$/^sgemm512$", time, tier))
		b.ours.merge(tier+"/", b.run("pkg/mlp", "^BenchmarkDense$", time, tier))
		b.ours.merge(tier+"/", b.run("pkg/conv", "^BenchmarkConv2D$", time, tier))
	}
}

func writeKernels(b *bench) {
	fmt.Print(`
## Layers

Whole layers on one core, in GFLOP/s: forward, gradient by the weights, gradient
by the input. Multiplications by the zeros around a picture count, though some
layers leave them out, which can take them beyond the peak.
`)
	for _, tier := range simd.Tiers() {
		peak := b.ours.median(tier+"/Peak", "GFLOP/s")
		of := func(name string) string {
			cell := b.ours.cell(name, "GFLOP/s", 1)
			if m := b.ours.median(name, "GFLOP/s"); m > 0 && peak > 0 {
				cell += fmt.Sprintf(", %.0f %%", 100*m/peak)
			}
			return cell
		}
		if peak > 0 {
			fmt.Printf("\nTier %s, in percent of the measured peak of its fused multiply-adds, %s GFLOP/s:\n", tier, b.ours.cell(tier+"/Peak", "GFLOP/s", 1))
		} else {
			fmt.Printf("\nTier %s, plain Go, measured once:\n", tier)
		}
		rows := [][]string{{"the kernel alone, 512×512×512", of(tier + "/Product/sgemm512"), "", ""}}
		for _, kind := range []string{"Dense", "Conv2D"} {
			for _, layer := range b.layers(tier + "/" + kind + "/") {
				name := tier + "/" + kind + "/" + layer
				rows = append(rows, []string{strings.ToLower(kind) + " " + strings.ReplaceAll(layer, ",", ", "), of(name + "/forward"), of(name + "/dW"), of(name + "/dX")})
			}
		}
		table([]string{"layer", "forward", "dW", "dX"}, rows)
	}
}

// layers lists the layers that were measured under names that begin with prefix.
func (b *bench) layers(prefix string) []string {
	var names []string
	for name := range b.ours {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			layer, _, _ := strings.Cut(rest, "/")
			names = append(names, layer)
		}
	}
	slices.SortFunc(names, natural)
	return slices.Compact(names)
}

// natural compares names with the numbers in them by value: 6 before 16.
func natural(a, b string) int {
	for a != "" && b != "" {
		na, resta := number(a)
		nb, restb := number(b)
		if na >= 0 && nb >= 0 {
			if na != nb {
				return na - nb
			}
			a, b = resta, restb
			continue
		}
		if a[0] != b[0] {
			return int(a[0]) - int(b[0])
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// number returns the number that s begins with, -1 for none, and the rest.
func number(s string) (n int, rest string) {
	n = -1
	for s != "" && '0' <= s[0] && s[0] <= '9' {
		n, s = max(n, 0)*10+int(s[0]-'0'), s[1:]
	}
	return n, s
}
