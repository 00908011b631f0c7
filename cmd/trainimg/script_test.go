package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"squint/internal/cli"
	"squint/pkg/dataset"
	"squint/pkg/report"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"trainimg": func() {
			os.Exit(run(cli.Signals(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error { // or root would make a cache in the home that a script has
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pictures":  pictures,
			"idx":       idx,
			"field":     field,
			"interrupt": interrupt,
			"hostile":   hostile,
			"skipped":   skipped,
			"within":    within,
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "unshare":
				return exec.Command("unshare", "-m", "true").Run() == nil, nil
			case "cgroup":
				dir, _ := memoryGroup(64 << 20)
				if dir == "" {
					return false, nil
				}
				return true, os.Remove(dir)
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}

// shape draws a picture of class c of a few: a bright square in one of the
// corners, with noise, in grey.
func shape(r *rand.Rand, side, c int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			v := 40.0
			if (x < side/2) == (c%2 == 0) && (y < side/2) == (c/2 == 0) {
				v = 170
			}
			img.Pix[y*img.Stride+x] = uint8(min(255, max(0, v+30*r.NormFloat64())))
		}
	}
	return img
}

func rgb(img *image.Gray, c int) image.Image {
	out := image.NewNRGBA(img.Rect)
	for i, v := range img.Pix {
		out.Set(i%img.Stride, i/img.Stride, color.NRGBA{v, uint8(int(v) * (c + 1) / 5), 255 - v, 255})
	}
	return out
}

// pictures DIR CLASSES COUNT SIDE [colour]: draws COUNT pictures of each class,
// into DIR/0, DIR/1 … as PNG.
func pictures(ts *testscript.TestScript, _ bool, args []string) {
	classes, count, side := number(ts, args[1]), number(ts, args[2]), number(ts, args[3])
	for c := range classes {
		dir := filepath.Join(ts.MkAbs(args[0]), strconv.Itoa(c))
		ts.Check(os.MkdirAll(dir, 0o777))
		for i := range count {
			img := image.Image(shape(rand.New(rand.NewPCG(uint64(c), uint64(i)+1000*seedOf(args[0]))), side, c))
			if len(args) > 4 {
				img = rgb(img.(*image.Gray), c)
			}
			writePNG(ts, filepath.Join(dir, fmt.Sprintf("%03d.png", i)), img)
		}
	}
}

func seedOf(s string) (h uint64) {
	for _, b := range []byte(filepath.Base(s)) {
		h = h*31 + uint64(b)
	}
	return h
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

func writePNG(ts *testscript.TestScript, path string, img image.Image) {
	f, err := os.Create(path)
	ts.Check(err)
	ts.Check(png.Encode(f, img))
	ts.Check(f.Close())
}

// idx DIR PNGDIR: writes the pictures of PNGDIR/{train,test}/DIGIT as the four
// IDX files.
func idx(ts *testscript.TestScript, _ bool, args []string) {
	out := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(out, 0o777))
	for part, prefix := range map[string]string{"train": "train", "test": "t10k"} {
		var images [][]byte
		var labels []byte
		files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[1]), part, "*", "*.png"))
		ts.Check(err)
		side := 0
		for _, name := range files {
			f, err := os.Open(name)
			ts.Check(err)
			img, err := png.Decode(f)
			ts.Check(err)
			f.Close()
			images = append(images, img.(*image.Gray).Pix)
			side = img.Bounds().Dx()
			class := filepath.Base(filepath.Dir(name))
			labels = append(labels, class[len(class)-1]-'0')
		}
		writeIDX(ts, filepath.Join(out, prefix+"-images-idx3-ubyte.gz"), []int{len(images), side, side}, images...)
		writeIDX(ts, filepath.Join(out, prefix+"-labels-idx1-ubyte.gz"), []int{len(labels)}, labels)
	}
}

func writeIDX(ts *testscript.TestScript, path string, dims []int, data ...[]byte) {
	f, err := os.Create(path)
	ts.Check(err)
	z := gzip.NewWriter(f)
	z.Write([]byte{0, 0, 8, byte(len(dims))})
	for _, d := range dims {
		z.Write([]byte{byte(d >> 24), byte(d >> 16), byte(d >> 8), byte(d)})
	}
	for _, b := range data {
		z.Write(b)
	}
	ts.Check(z.Close())
	ts.Check(f.Close())
}

// field FILE.json PATH OP VALUE: compares a number or a text in a JSON file,
// PATH being names and indices joined by dots; OP is ==, >= or <=.
func field(ts *testscript.TestScript, neg bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, p := range strings.Split(args[1], ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			v = x[number(ts, p)]
		}
	}
	ok := false
	switch x := v.(type) {
	case float64:
		w, err := strconv.ParseFloat(args[3], 64)
		ts.Check(err)
		ok = args[2] == "==" && x == w || args[2] == ">=" && x >= w || args[2] == "<=" && x <= w
	default:
		ok = args[2] == "==" && fmt.Sprint(v) == args[3]
	}
	if ok == neg {
		ts.Fatalf("%s is %v, want %s %s", args[1], v, args[2], args[3])
	}
}

// readReport reads a report.json.
func readReport(ts *testscript.TestScript, name string) (r report.Report) {
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(name)), &r))
	return r
}

// interrupt FILE: waits until FILE has two lines of epochs, then sends Ctrl-C
// to the background command.
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	for range 600 {
		if f, err := os.Open(path); err == nil {
			epochs, err := report.ReadMetrics(f)
			f.Close()
			if err == nil && len(epochs) >= 2 {
				for _, c := range ts.BackgroundCmds() {
					ts.Check(c.Process.Signal(os.Interrupt))
				}
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s: no epochs after 6 s", args[0])
}

// The data that the project makes itself, all of it, by the default recipe:
// what the README promises a newcomer.
func TestOwnDigitsAreRead(t *testing.T) {
	s, err := dataset.Scan("../../data/digits")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Items) != 1000 || len(s.Classes) != 10 {
		t.Errorf("%d pictures of %d classes, want 1000 of 10", len(s.Items), len(s.Classes))
	}
}
