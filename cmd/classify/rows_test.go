package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"squint/pkg/model"
	"squint/pkg/report"
)

// Whatever a file is called, its JSON row is one line that shows nothing unseen
// and from which the exact name comes back.
func TestJSONHoldsEveryName(t *testing.T) {
	row := jsonRow(&model.Model{Classes: []string{"a", "b"}}, 0)
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		if rapid.Bool().Draw(t, "text") {
			name = rapid.String().Draw(t, "name")
		}
		var probs []float32
		err := errors.New(name)
		if rapid.Bool().Draw(t, "good") {
			probs, err = []float32{.25, .75}, nil
		}
		var b bytes.Buffer
		row(&b, name, answer{probs: probs}, err)
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("unprintable at %d of %q", i, b.String())
		}
		var got jsonFile
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
		if got.Bytes != nil {
			got.File = string(got.Bytes)
		}
		if got.File != name {
			t.Fatalf("got %q, want %q", got.File, name)
		}
	})
}

func TestCSVHoldsEveryName(t *testing.T) {
	f := csvFormat([]string{"a", `b "c", d`})
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[^\r]*`).Draw(t, "name") // encoding/csv reads \r\n as \n
		var b bytes.Buffer
		b.WriteString(f.open)
		f.row(&b, name, answer{probs: []float32{.25, .75}}, nil)
		f.row(&b, name, answer{}, errors.New("no"))
		got, err := csv.NewReader(&b).ReadAll()
		want := [][]string{
			{"file", "label", "score", "unsure", "error", "a", `b "c", d`},
			{name, `b "c", d`, "0.75", "false", "", "0.25", "0.75"},
			{name, "", "", "", "no", "", ""},
		}
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	})
}

func TestScore(t *testing.T) {
	for s, want := range map[score]string{
		0: "0", 1: "1", .5: "0.5", .98701: "0.987", .98714: "0.9871", .99996: "1", 1e-7: "0", .00005001: "0.0001", .1: "0.1",
	} {
		if s.String() != want {
			t.Errorf("%v is written %s, want %s", float32(s), s, want)
		}
		if b, err := json.Marshal(s); err != nil || string(b) != want {
			t.Errorf("%v in JSON is %s, %v, want %s", float32(s), b, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.Float32Range(0, 1).Draw(t, "p")
		back, err := strconv.ParseFloat(score(p).String(), 64)
		// half of the last digit, and what float32 to float64 leaves of it
		if err != nil || back-float64(p) > 0.5001e-4 || float64(p)-back > 0.5001e-4 {
			t.Fatalf("%v is written %s", p, score(p))
		}
	})
}

func TestTextForPeople(t *testing.T) {
	classes := []string{"cat", "do\u202eg"}
	var unsure bytes.Buffer
	textRow(classes, 1, true, report.Colors(false))(&unsure, "a.png", answer{[]float32{.25, .75}, true}, nil)
	if want := `a.png  unsure  do\u202eg  75.0%`; unsure.String() != want {
		t.Errorf("unsure: got %q, want %q", unsure.String(), want)
	}
	for _, c := range []struct {
		people bool
		colour bool
		err    error
		want   string
	}{
		{false, false, nil, "a\x1b.png  do\u202eg  75.0%"},
		{true, false, nil, `a\x1b.png  do\u202eg  75.0%`},
		{true, true, nil, `a\x1b.png  ` + "\x1b[1m" + `do\u202eg` + "\x1b[22m  75.0%"},
		{true, false, errors.New("bad\nthing"), `a\x1b.png  error: bad\x0athing`},
	} {
		var b bytes.Buffer
		textRow(classes, 1, c.people, report.Colors(c.colour))(&b, "a\x1b.png", answer{probs: []float32{.25, .75}}, c.err)
		if b.String() != c.want {
			t.Errorf("people %v, colour %v: got %q, want %q", c.people, c.colour, b.String(), c.want)
		}
	}
}
