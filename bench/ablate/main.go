// Command ablate measures what each part of the recipes brings: it trains with
// the default recipe and with one thing changed at a time, with the same seed,
// and writes the table of docs/accuracy.md.
//
//	go build -o bin/ ./cmd/trainimg && go run ./bench/ablate [-data ../shared/data] [-out runs/ablations] [-only photos]
//
// Runs that are finished are not repeated, one that was broken off goes on, and
// the table is written anew after each. What is compared is the validation part,
// since these numbers are for choosing; the test part is for the model that was
// chosen.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"squint/internal/safefile"
	"squint/pkg/report"
)

// group is a base run and what is changed in it.
type group struct {
	name, title string
	data        string   // below -data
	other       string   // pictures of another source, likewise; "" for none
	base        []string // flags
	changes     []change
}

type change struct {
	what  string
	flags []string
}

// flags splits a line.
func flags(s string) []string { return strings.Fields(s) }

var groups = []group{
	{
		"photos", "Cats and dogs, `convnet`", "catdog", "photos", flags("--filters 24 --epochs 12 --lr 0.15 --val 0.2"),
		[]change{
			{"the default recipe", nil},
			{"stem learned, not whitened", flags("--stem learned")},
			{"full size (96 pixels) from the beginning", flags("--progressive none")},
			{"64 pixels throughout", flags("--imgsz 64 --progressive none")},
			{"no weight average", flags("--ema 0")},
			{"no label smoothing", flags("--label-smoothing 0")},
			{"batch norm sees 32, not 16", flags("--bn-batch 32")},
			{"batch norm's running statistics", flags("--bn-estimate 0")},
			{"one look, not also at the mirror image", flags("--tta one")},
			{"flip at random, not alternating", flags("--aug photos,flip=random")},
			{"no zooming out", flags("--aug photos,crop_area_max=1")},
			{"no blur, grain, JPEG", flags("--aug photos,blur=0,noise=0,jpeg=0,degrade_share=0")},
			{"random erasing of up to 20 % on half", flags("--aug photos,erase=0.2,erase_share=0.5")},
			{"no deformation at all", flags("--aug none")},
			{"learning rate 0.3", flags("--lr 0.3")},
		},
	},
	{
		"digits", "MNIST, `convnet` (the digit net)", "mnist", "handwriting", flags("--filters 16 --epochs 8 --subject digits"),
		[]change{
			{"the default recipe", nil},
			{"no weight average", flags("--ema 0")},
			{"no label smoothing", flags("--label-smoothing 0")},
			{"batch norm's running statistics", flags("--bn-estimate 0")},
			{"nine looks, moved by a pixel", flags("--tta shifts")},
			{"no elastic field", flags("--aug digits,elastic=0,elastic_share=0")},
			{"no deformation at all", flags("--aug none")},
		},
	},
	{
		"mlp", "MNIST, `mlp`", "mnist", "handwriting", flags("--arch mlp --epochs 20 --subject digits"),
		[]change{
			{"the default recipe", nil},
			{"no batch norm, learning rate 0.02", flags("--batch-norm no --lr 0.02")},
			{"hidden layers of 512 and 256", flags("--hidden 512,256")},
			{"no weight average", flags("--ema 0")},
			{"nine looks, moved by a pixel", flags("--tta shifts")},
			{"no deformation at all", flags("--aug none")},
		},
	},
}

// result is one finished run.
type result struct {
	report.Report
	other float64 // accuracy on pictures of another source, -1 for none
}

func main() {
	data := flag.String("data", "../shared/data", "the folder with catdog, mnist, photos, handwriting")
	out := flag.String("out", "runs/ablations", "the folder of the runs")
	only := flag.String("only", "", "one group: photos, digits, mlp")
	trainimg := flag.String("trainimg", "bin/trainimg", "the program")
	doc := flag.String("doc", "docs/accuracy.md", "the page with the table")
	flag.Parse()
	var tables bytes.Buffer
	for _, g := range groups {
		results := make([]*result, len(g.changes))
		for i := range g.changes {
			dir := filepath.Join(*out, fmt.Sprintf("%s-%02d", g.name, i))
			if *only == "" || *only == g.name {
				check(run(*trainimg, *data, dir, g, g.changes[i]))
			}
			results[i] = read(*trainimg, *data, dir, g)
			if results[i] != nil && (*only == "" || *only == g.name) {
				done := tables.String() + table(g, results)
				check(write(*doc, done))
			}
		}
		tables.WriteString(table(g, results))
	}
	check(write(*doc, tables.String()))
}

// run trains, or goes on, unless there is a report.
func run(trainimg, data, dir string, g group, c change) error {
	if _, err := os.Stat(filepath.Join(dir, "report.json")); err == nil {
		return nil
	}
	args := append([]string{filepath.Join(data, g.data), "--out", dir}, append(g.base, c.flags...)...)
	if _, err := os.Stat(filepath.Join(dir, "checkpoint.safetensors")); err == nil {
		args = []string{"--resume", dir}
	} else if err := os.RemoveAll(dir); err != nil { // broken off before the first checkpoint
		return err
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", dir, strings.Join(args, " "))
	cmd := exec.Command(trainimg, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}

// read returns what a run brought, nil where it is not finished.
func read(trainimg, data, dir string, g group) *result {
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		return nil
	}
	r := &result{other: -1}
	check(json.Unmarshal(b, &r.Report))
	if g.other == "" {
		return r
	}
	file := filepath.Join(dir, "other.json")
	if b, err = os.ReadFile(file); err != nil {
		if b, err = exec.Command(trainimg, "eval", dir, filepath.Join(data, g.other), "--json", "--quiet").Output(); err != nil {
			return r
		}
		check(safefile.Write(file, b))
	}
	var o report.Report
	check(json.Unmarshal(b, &o))
	if o.Test != nil {
		r.other = o.Test.Accuracy
	}
	return r
}

// table writes a group as far as it is finished.
func table(g group, results []*result) string {
	var b strings.Builder
	for i, r := range results {
		if r == nil || r.Val == nil {
			continue
		}
		if i == 0 || results[0] == nil && b.Len() == 0 {
			fmt.Fprintf(&b, "### %s\n\n`trainimg %s %s`, %d pictures to learn from, %d to compare by.\n\n", g.title, g.data, strings.Join(g.base, " "), r.Train.N, r.Val.N)
			b.WriteString("| changed | flags | accuracy | log loss | elsewhere | training |\n|---|---|---|---|---|---|\n")
		}
		other := "–"
		if r.other >= 0 {
			other = fmt.Sprintf("%.2f %%", 100*r.other)
		}
		flags := "–"
		if f := g.changes[i].flags; f != nil {
			flags = "`" + strings.Join(f, " ") + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %.2f %% | %.4f | %s | %.0f s |\n", g.changes[i].what, flags, 100*r.Val.Accuracy, r.Val.Loss, other, r.Train.Seconds)
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

const begin, end = "<!-- written by bench/ablate -->\n", "<!-- end -->\n"

// write puts the tables into the page between its marks.
func write(doc, tables string) error {
	b, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s: no marks %q and %q to write between", doc, begin, end)
	}
	return safefile.Write(doc, []byte(before+begin+"\n"+tables+end+after))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "ablate:", err)
		os.Exit(1)
	}
}
