package simd

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestUse(t *testing.T) {
	before := Tier()
	restore := Use("go")
	if Tier() != "go" {
		t.Errorf("tier %q after Use(go)", Tier())
	}
	restore()
	if Tier() != before {
		t.Errorf("tier %q restored, want %q", Tier(), before)
	}
	if names := Tiers(); names[len(names)-1] != "go" || !slices.Contains(names, before) {
		t.Errorf("tiers %v", names)
	}
}

// TestEnvironment runs this test's binary again under SQUINT_SIMD.
func TestEnvironment(t *testing.T) {
	if os.Getenv("SQUINT_SIMD_PRINT") != "" {
		os.Stdout.WriteString("tier=" + Tier())
		return
	}
	for _, want := range append(Tiers(), "nonesuch") {
		cmd := exec.Command(os.Args[0], "-test.run=^TestEnvironment$")
		cmd.Env = append(os.Environ(), "SQUINT_SIMD="+want, "SQUINT_SIMD_PRINT=1")
		out, err := cmd.CombinedOutput()
		if want == "nonesuch" {
			if err == nil || !strings.Contains(string(out), `tier "nonesuch" asked for, this machine has [`) {
				t.Errorf("an unknown tier: %v, %s", err, out)
			}
		} else if !strings.Contains(string(out), "tier="+want) {
			t.Errorf("SQUINT_SIMD=%s: %s", want, out)
		}
	}
}

// calls are all functions but Product, on slices of 100 values of 5 channels.
func calls() map[string]func() {
	f := func(n int) []float32 { return make([]float32, n) }
	a, b, c, d := f(100), f(100), f(100), f(100)
	k, l, m := f(5), f(5), f(5)
	u, v, bytes, wide := make([]float64, 5), make([]float64, 5), make([]uint8, 100), f(200)
	return map[string]func(){
		"Transpose":      func() { Transpose(a, 9, b, 9, 9, 9) },
		"Add":            func() { Add(a, b) },
		"Axpy":           func() { Axpy(a, b, 1) },
		"Scale":          func() { Scale(a, 1) },
		"EMA":            func() { EMA(a, b, 1) },
		"ReLU":           func() { ReLU(a, b) },
		"ReLUGrad":       func() { ReLUGrad(a, b, c) },
		"ScaleShift":     func() { ScaleShift(a, b, k, l) },
		"Combine":        func() { Combine(a, b, c, k, l, m) },
		"Normalize":      func() { Normalize(a, bytes, k, l) },
		"SumRows":        func() { SumRows(k, a) },
		"Moments":        func() { Moments(u, v, a) },
		"DotRows":        func() { DotRows(u, v, a, b) },
		"MaxPool2x2":     func() { MaxPool2x2(a, bytes, wide, wide, 5) },
		"MaxPool2x2Grad": func() { MaxPool2x2Grad(wide, wide, a, bytes, 5) },
		"SGD":            func() { SGD(a, b, c, 1, 1, 1, true) },
		"AdamW":          func() { AdamW(a, b, c, d, 1, 1, 1, 1, 1, 1, 1) },
		"SumSq":          func() { SumSq(a) },
		"IsFinite":       func() { IsFinite(a) },
	}
}

func TestAllocs(t *testing.T) {
	onTiers(t, func(t *testing.T) {
		for name, call := range calls() {
			if n := testing.AllocsPerRun(5, call); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	})
}

func TestLengthPanics(t *testing.T) {
	f := func(n int) []float32 { return make([]float32, n) }
	for want, call := range map[string]func(){
		"simd: Add: slices of 3 and 4 values":                  func() { Add(f(3), f(4)) },
		"simd: Transpose: 3×2, rows 2 and 3 apart in 6 and 5":  func() { Transpose(f(5), 3, f(6), 2, 3, 2) },
		"simd: AdamW: slices of 3 and 2 values":                func() { AdamW(f(3), f(3), f(3), f(2), 1, 1, 1, 1, 1, 1, 1) },
		"simd: ScaleShift: 7 values are no pixels of 3":        func() { ScaleShift(f(7), f(7), f(3), f(3)) },
		"simd: ScaleShift: slices of 3 and 2 values":           func() { ScaleShift(f(6), f(6), f(3), f(2)) },
		"simd: SumRows: 7 values are no pixels of 0":           func() { SumRows(nil, f(7)) },
		"rows of 12 and 12 values, pooled 4 and 4, of 2":       func() { MaxPool2x2(f(4), make([]uint8, 4), f(12), f(12), 2) },
		"rows of 8 and 6 values, pooled 4 and 4, of 2":         func() { MaxPool2x2(f(4), make([]uint8, 4), f(8), f(6), 2) },
		"MaxPool2x2Grad: rows of 8 and 8 values, pooled 4 and": func() { MaxPool2x2Grad(f(8), f(8), f(4), make([]uint8, 3), 2) },
	} {
		func() {
			defer func() {
				if r, _ := recover().(string); !strings.Contains(r, want) {
					t.Errorf("panic %q, want %q", r, want)
				}
			}()
			call()
		}()
	}
}
