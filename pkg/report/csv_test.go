package report

import (
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPredictions(t *testing.T) {
	var b strings.Builder
	third := float32(1) / 3
	err := Predictions(&b, []string{"cat", `"dog", big`}, []string{"pets/1.jpg", "pets/a,b.jpg", "tie"}, []int{0, 1, 1},
		[]float32{0.75, 0.25, third, 1 - third, 0.5, 0.5})
	if err != nil {
		t.Fatal(err)
	}
	const want = `file,class,label,score,cat,"""dog"", big"
pets/1.jpg,cat,cat,0.75,0.75,0.25
"pets/a,b.jpg","""dog"", big","""dog"", big",0.6666666,0.33333334,0.6666666
tie,"""dog"", big",cat,0.5,0.5,0.5
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := strconv.ParseFloat(rows[2][4], 32); float32(v) != third {
		t.Errorf("%s reads back as %v, want %v", rows[2][4], v, third)
	}
}

func TestPredictionsErrors(t *testing.T) {
	classes, files := []string{"a", "b"}, []string{"x.png"}
	for _, c := range []struct {
		classes []string
		labels  []int
		probs   []float32
		want    string
	}{
		{classes, []int{0, 1}, []float32{1, 0}, "2 labels and 2 probabilities for 1 files and 2 classes"},
		{classes, []int{0}, []float32{1}, "1 labels and 1 probabilities"},
		{nil, []int{0}, nil, "for 1 files and 0 classes"},
		{classes, []int{2}, []float32{1, 0}, "x.png: label 2, want 0 to 1"},
		{classes, []int{-1}, []float32{1, 0}, "x.png: label -1"},
	} {
		err := Predictions(&strings.Builder{}, c.classes, files, c.labels, c.probs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if err := Predictions(fullDisk{}, classes, files, []int{0}, []float32{1, 0}); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}

func TestSplit(t *testing.T) {
	var b strings.Builder
	err := Split(&b, slices.Values([]Placed{
		{"pets/cat/1.jpg", "cat", "train", "3f2a"},
		{"pets/dog/ü \"2\".jpg", "dog", "test", ""},
	}))
	if err != nil {
		t.Fatal(err)
	}
	const want = "file,class,part,group\npets/cat/1.jpg,cat,train,3f2a\n\"pets/dog/ü \"\"2\"\".jpg\",dog,test,\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	if err := Split(fullDisk{}, slices.Values([]Placed{{}})); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}

var epochs = []Epoch{
	{1, 2.302585093, 0.5, 0.875, 0.1, 1.23456, 8123.456},
	{2, 1e-9, math.NaN(), math.NaN(), float64(float32(0.05)), 0, 0},
}

const metricsText = `epoch,train_loss,val_loss,val_accuracy,lr,seconds,images_per_s
1,2.302585,0.5,0.875,0.1,1.235,8123.5
2,1e-09,,,0.05,0.000,0.0
`

func TestMetrics(t *testing.T) {
	var b strings.Builder
	m, err := NewMetrics(&b)
	if err != nil {
		t.Fatal(err)
	}
	lines := 1
	for _, e := range epochs {
		if got := strings.Count(b.String(), "\n"); got != lines {
			t.Fatalf("%d lines before epoch %d, want %d", got, e.Epoch, lines)
		}
		if err := m.Add(e); err != nil {
			t.Fatal(err)
		}
		lines++
	}
	if b.String() != metricsText {
		t.Errorf("got\n%s\nwant\n%s", b.String(), metricsText)
	}
	if _, err := NewMetrics(fullDisk{}); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}

func TestResumedMetricsAreTheSameBytes(t *testing.T) {
	torn := metricsText + "3,0.1,0.2" // killed in the middle of a row
	past, err := ReadMetrics(strings.NewReader(torn))
	if err != nil {
		t.Fatal(err)
	}
	if len(past) != 2 {
		t.Fatalf("%d epochs, want 2: %v", len(past), past)
	}
	var b strings.Builder
	m, err := NewMetrics(&b, past[:1]...) // the checkpoint is of epoch 1
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(epochs[1]); err != nil {
		t.Fatal(err)
	}
	if b.String() != metricsText {
		t.Errorf("got\n%s\nwant\n%s", b.String(), metricsText)
	}
}

func TestReadMetricsErrors(t *testing.T) {
	header := strings.Join(metricsHeader, ",") + "\n"
	for _, c := range []struct{ in, want string }{
		{"", "no header"},
		{"epoch,loss\n", "no header"},
		{strings.TrimSuffix(header, "\n"), "no header"},
		{header + "one,1,1,1,1,1,1\n", `row 1: epoch "one"`},
		{header + "1,1,1,1,1,1,1\n2,1,1,high,1,1,1\n", `row 2: val_accuracy "high"`},
		{header + "1,1,1\n", "wrong number of fields"},
	} {
		if _, err := ReadMetrics(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "metrics.csv: ") {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
	}
	if _, err := ReadMetrics(iotest.ErrReader(errFull)); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v", err, errFull)
	}
}

// What was read writes and reads back the same.
func FuzzReadMetrics(f *testing.F) {
	f.Add(metricsText)
	f.Add(metricsText + "3,0.1")
	f.Add(strings.Join(metricsHeader, ",") + "\n1,Inf,-0,nan,1e400,0x1p-3,1_0\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ReadMetrics(strings.NewReader(text))
		if err != nil {
			return
		}
		var b strings.Builder
		if _, err := NewMetrics(&b, read...); err != nil {
			t.Fatal(err)
		}
		once := b.String()
		read, err = ReadMetrics(strings.NewReader(once))
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		b.Reset()
		if _, err := NewMetrics(&b, read...); err != nil {
			t.Fatal(err)
		}
		if once != b.String() {
			t.Fatalf("%s\nbecame\n%s", once, b.String())
		}
	})
}

func TestReadSplit(t *testing.T) {
	want := []Placed{{"a,b/\"1\".png", "a,b", "train", "00ff"}, {"c/2.png", "c", "test", "01"}}
	var b strings.Builder
	if err := Split(&b, slices.Values(want)); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSplit(strings.NewReader(b.String()))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for _, s := range []string{"", "file,class\n", "file,class,part,group\na,b\n"} {
		if _, err := ReadSplit(strings.NewReader(s)); err == nil {
			t.Errorf("%q was read", s)
		}
	}
}
