package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"squint/pkg/eval"
	"squint/pkg/model"
	"squint/pkg/report"
)

// A format writes answers: open, the rows, each with end behind it and sep
// between two, close.
type format struct {
	open, end, sep, close string
	// row writes the answer, or err. Several goroutines call it at once.
	row func(dst *bytes.Buffer, name string, a answer, err error)
}

// answer is what the model says about a picture.
type answer struct {
	probs  []float32 // of each class
	unsure bool      // the most probable class is no answer
}

// unsureLabel stands in text before an answer that is none.
const unsureLabel = "unsure"

// newFormat returns the format called name. k is --topk, 0 for what suits the
// format.
func newFormat(name string, m *model.Model, k int, forPeople bool, p report.Palette) format {
	switch name {
	case "csv":
		return csvFormat(m.Classes)
	case "json":
		return format{open: "[\n", row: jsonRow(m, k), sep: ",\n", close: "\n]\n"}
	case "jsonl":
		return format{row: jsonRow(m, k), end: "\n"}
	}
	return format{row: textRow(m.Classes, max(k, 1), forPeople, p), end: "\n"}
}

// textRow writes "photo.png  cat  98.7%", and the other k-1 behind it; or
// "photo.png  unsure  cat  61.2%".
func textRow(classes []string, k int, forPeople bool, p report.Palette) func(*bytes.Buffer, string, answer, error) {
	show := func(s string) string { return s }
	if forPeople {
		show = clean
	}
	return func(dst *bytes.Buffer, name string, a answer, err error) {
		dst.WriteString(show(name))
		if err != nil {
			dst.WriteString("  " + p.Bad("error: "+show(err.Error())))
			return
		}
		if a.unsure {
			dst.WriteString("  " + p.Warn(unsureLabel))
		}
		for _, c := range eval.TopK(nil, a.probs, k) {
			fmt.Fprintf(dst, "  %s  %.1f%%", p.Bold(show(classes[c])), 100*a.probs[c])
		}
	}
}

func clean(s string) string { return report.Clean(s) }

// jsonAnswer and jsonError are the two kinds of row; their fields never change
// their order or meaning, new ones go behind.
type jsonAnswer struct {
	jsonFile
	Label  string      `json:"label"`
	Score  score       `json:"score"`
	Unsure bool        `json:"unsure"` // Label is the most probable, but no answer: see --precision
	Top    []jsonGuess `json:"top"`    // most probable first
	Model  string      `json:"model"`
}

type jsonError struct {
	jsonFile
	Error string `json:"error"`
}

type jsonFile struct {
	File  string `json:"file"`
	Bytes []byte `json:"file_bytes,omitempty"` // where File could not hold the name, which is not UTF-8
}

type jsonGuess struct {
	Label string `json:"label"`
	Score score  `json:"score"`
}

func jsonRow(m *model.Model, k int) func(*bytes.Buffer, string, answer, error) {
	if k == 0 {
		k = 5
	}
	return func(dst *bytes.Buffer, name string, a answer, err error) {
		file := jsonFile{File: name}
		if !utf8.ValidString(name) {
			file.Bytes = []byte(name)
		}
		if err != nil {
			writeJSON(dst, jsonError{file, err.Error()})
			return
		}
		top := make([]jsonGuess, 0, k)
		for _, c := range eval.TopK(nil, a.probs, k) {
			top = append(top, jsonGuess{m.Classes[c], score(a.probs[c])})
		}
		writeJSON(dst, jsonAnswer{jsonFile: file, Label: top[0].Label, Score: top[0].Score, Unsure: a.unsure, Top: top, Model: m.Name})
	}
}

// writeJSON writes v on one line, as people read it (& and not \u0026), but
// with what would steer a terminal or cannot be seen as \u escapes: control
// characters beyond ASCII and overrides of the direction among them.
func writeJSON(dst *bytes.Buffer, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings and finite numbers always encode
	}
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		switch {
		case r < 0x7f || unicode.IsPrint(r):
			dst.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(dst, `\u%04x`, r)
		default:
			fmt.Fprintf(dst, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
	}
}

// score is a probability, written with at most four decimals.
type score float32

func (s score) String() string {
	return strconv.FormatFloat(math.Round(float64(s)*1e4)/1e4, 'f', -1, 64)
}

func (s score) MarshalJSON() ([]byte, error) { return []byte(s.String()), nil }

// csvFormat has the columns file,label,score,unsure,error and the classes.
func csvFormat(classes []string) format {
	columns := append([]string{"file", "label", "score", "unsure", "error"}, classes...)
	return format{
		open: csvRow(columns),
		row: func(dst *bytes.Buffer, name string, a answer, err error) {
			fields := make([]string, len(columns))
			fields[0] = name
			if err != nil {
				fields[4] = err.Error()
			} else {
				best := eval.Argmax(a.probs)
				fields[1], fields[2], fields[3] = classes[best], score(a.probs[best]).String(), strconv.FormatBool(a.unsure)
				for c, p := range a.probs {
					fields[5+c] = score(p).String()
				}
			}
			dst.WriteString(csvRow(fields))
		},
	}
}

func csvRow(fields []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write(fields) // into memory: never fails
	w.Flush()
	return b.String()
}
