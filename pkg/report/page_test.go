package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"squint/pkg/dataset"
	"squint/pkg/eval"
	"squint/pkg/tensor"
)

// page makes a page of n random pictures of a side, some of them mistaken.
func page(t *testing.T, classes []string, n, side, channels int) *Page {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	shape := tensor.Shape{H: side, W: side, C: channels}
	s := &dataset.Set{Classes: classes, Shape: shape, Pixels: make([]uint8, n*shape.Size())}
	for i := range s.Pixels {
		s.Pixels[i] = uint8(r.UintN(256)) // noise: nothing compresses worse
	}
	var probs []float32
	for i := range n {
		label := r.IntN(len(classes))
		s.Labels = append(s.Labels, label)
		s.Files = append(s.Files, fmt.Sprintf("%s/<b>&\"%d.png", classes[label], i))
		answer := label
		if r.IntN(5) == 0 {
			answer = r.IntN(len(classes))
		}
		p := 0.5 + 0.5*r.Float32()
		for c := range classes {
			if c == answer {
				probs = append(probs, p)
			} else {
				probs = append(probs, (1-p)/float32(len(classes)-1))
			}
		}
	}
	res, err := eval.Score(classes, s.Labels, probs)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, len(classes))
	for c := range counts {
		counts[c] = 100
	}
	var epochs []Epoch
	for e := range 6 {
		epochs = append(epochs, Epoch{Epoch: e + 1, TrainLoss: 1 / float64(e+1), ValLoss: 1.2 / float64(e+1), ValAccuracy: 0.5 + 0.05*float64(e)})
	}
	var trust eval.Trust
	trust.Learn(s.Labels, probs, nil)
	return &Page{
		Report: &Report{Classes: classes, Arch: "lenet", Test: res, Train: Train{N: 600, Epochs: 6}, Skipped: []Skipped{{File: "a/<x>.png", Reason: "truncated"}},
			Trust: NewTrust(&trust, s.Labels, probs, make([]float32, n))},
		Title: "pets <&>", Epochs: epochs, Counts: counts, Receipt: []Fact{{"seed", "0"}}, Set: s, Probs: probs,
	}
}

func write(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var figures = regexp.MustCompile(`<data data-path="([^"]*)" value="([^"]*)">`)

// Every figure in the page is the one in report.json.
func TestPageEqualsReport(t *testing.T) {
	for _, classes := range [][]string{{"cat", "dog"}, {"a", "b", "<c>", "d", "e", "f", "g"}, strings.Fields("x1 x2 x3 x4 x5 y1 y2 y3 y4 y5 z1 z2 z3 z4 z5 w1 w2 w3 w4 w5 v1 v2")} {
		p := page(t, classes, 300, 12, 1)
		var b bytes.Buffer
		if err := p.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		var report any
		if err := json.Unmarshal(b.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		found := figures.FindAllStringSubmatch(write(t, p), -1)
		if least := 10 + 5*len(classes); len(found) < least {
			t.Errorf("%d figures, want at least %d", len(found), least)
		}
		for _, f := range found {
			want := report
			for _, key := range strings.Split(f[1], ".") {
				if list, ok := want.([]any); ok {
					i, err := strconv.Atoi(key)
					if err != nil {
						t.Fatal(f)
					}
					want = list[i]
				} else {
					want = want.(map[string]any)[key]
				}
			}
			if got, err := strconv.ParseFloat(html.UnescapeString(f[2]), 64); err != nil || want != got {
				t.Errorf("%s is %s in the page, %v in report.json", f[1], f[2], want)
			}
		}
	}
}

// The page asks for nothing outside itself, runs nothing, and lets no name out of
// its place.
func TestPageStandsAlone(t *testing.T) {
	text := write(t, page(t, []string{"cat", "<script>alert(1)</script>", "c"}, 200, 12, 3))
	for _, bad := range []string{"<script", "http://", "https://", "url(", "@import", "<link rel=\"stylesheet", "onload", "<b>&", "ZgotmplZ"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(text, "data:image/png;base64,") || !strings.Contains(text, "&lt;x&gt;.png") {
		t.Error("no pictures, or no list of skipped files")
	}
	for _, id := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, `id="`+id[1]+`"`) {
			t.Errorf("nothing has the id %q", id[1])
		}
	}
}

func TestPageIsSmall(t *testing.T) {
	if n := len(write(t, page(t, []string{"cat", "dog", "fox", "owl"}, 2000, 64, 3))); n > 5<<20 {
		t.Errorf("%d bytes for 2,000 pictures of noise, want at most 5 MiB", n)
	}
}

func TestPageOfLittle(t *testing.T) {
	p := &Page{Report: &Report{Classes: []string{"a", "b"}}, Title: "x", Set: &dataset.Set{}}
	if text := write(t, p); !strings.Contains(text, "no test part") {
		t.Error("a page without a test part does not say so")
	}
	p = page(t, []string{"a", "b"}, 3, 8, 1)
	p.Epochs, p.Counts, p.Trust = nil, nil, nil
	write(t, p)
}

func TestAdvice(t *testing.T) {
	classes := []string{"cat", "dog", "fox"}
	labels, probs := []int{}, []float32{}
	add := func(n, label, answer int) {
		for range n {
			labels = append(labels, label)
			p := []float32{.1, .1, .1}
			p[answer] = .8
			probs = append(probs, p...)
		}
	}
	add(40, 0, 0)
	add(34, 1, 1)
	add(30, 2, 2)
	add(6, 2, 1) // fox taken for dog: 6 of 10 errors
	add(4, 1, 0)
	res, err := eval.Score(classes, labels, probs)
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{Report: &Report{Classes: classes, Test: res}, Counts: []int{300, 280, 80}, Set: &dataset.Set{}}
	lead, list := verdict(p)
	all := strings.Join(list, "\n")
	for _, want := range []string{"60 % of the errors (6 of 10)", "Add about 40 more pictures of “fox”", "only 80 pictures to learn from (others about 280)", "The test itself is small: with 114 pictures"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if want := "Of 100 pictures it never saw, it names about 91 right; always saying “cat” would get 35 %."; lead != want {
		t.Errorf("%q, want %q", lead, want)
	}
}
