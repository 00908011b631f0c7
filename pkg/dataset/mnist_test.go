package dataset

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"squint/pkg/imageio"
)

// shared returns a folder of the data that lies outside the project, or skips.
func shared(t testing.TB, name string) string {
	dir := os.Getenv("SQUINT_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir = filepath.Join(dir, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no %s: set SQUINT_DATA to the folder that holds it", dir)
	}
	return dir
}

func TestMNIST(t *testing.T) {
	d := load(t, shared(t, "mnist"), Options{Prep: gray(28)})
	// Counts of each digit as published with the set (LeCun, Cortes, Burges).
	train := []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}
	test := []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}
	if d.Train.Len() != 60000 || d.Val.Len() != 0 || d.Test.Len() != 10000 || !slices.Equal(d.Train.Counts(), train) || !slices.Equal(d.Test.Counts(), test) {
		t.Errorf("%d %v, %d, %d %v", d.Train.Len(), d.Train.Counts(), d.Val.Len(), d.Test.Len(), d.Test.Counts())
	}
	// 0.1307 and 0.3081 are in every PyTorch example; they are given to four digits.
	mean, std := d.Train.MeanStd()
	if math.Abs(float64(mean[0])-0.1307) > 5e-5 || math.Abs(float64(std[0])-0.3081) > 5e-5 {
		t.Errorf("mean %v, standard deviation %v", mean, std)
	}
	if !slices.Equal(d.Classes, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}) || len(d.Skipped)+len(d.Warnings) > 0 {
		t.Errorf("%q, %v, %q", d.Classes, d.Skipped, d.Warnings)
	}
	// Whatever is joined here is wrong: no two people drew the same stroke. The
	// warnings above would tell if near duplicates were not looked for at all.
	for _, s := range []*Set{d.Train, d.Test} {
		for i, k := range s.Keys {
			if s.Groups[i] != k {
				t.Errorf("%s is a near duplicate of another digit", s.Files[i])
			}
		}
	}
}

func BenchmarkLoadMNIST(b *testing.B)  { benchmarkLoad(b, "mnist", gray(28)) }
func BenchmarkLoadCatDog(b *testing.B) { benchmarkLoad(b, filepath.Join("catdog", "test"), gray(64)) }

func benchmarkLoad(b *testing.B, name string, prep imageio.Prep) {
	dir := shared(b, name)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		src, err := Scan(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := src.Load(context.Background(), Options{Prep: prep, Val: 0.1, Test: 0.1}); err != nil {
			b.Fatal(err)
		}
		n += len(src.Items)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pictures/s")
}
