package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"squint/pkg/eval"
)

// Predictions writes predictions-test.csv, one row a picture:
// file,class,label,score and one column per class. class is the given one,
// label the answer, score its probability. labels index classes, probs is
// [len(files)][len(classes)]; each value is written with as many digits as
// read back to the same float32.
func Predictions(w io.Writer, classes, files []string, labels []int, probs []float32) error {
	k := len(classes)
	if len(labels) != len(files) || len(probs) != len(files)*k || k == 0 {
		return fmt.Errorf("report: predictions: %d labels and %d probabilities for %d files and %d classes",
			len(labels), len(probs), len(files), k)
	}
	c := csv.NewWriter(w)
	c.Write(append([]string{"file", "class", "label", "score"}, classes...))
	record := make([]string, 4+k)
	for i, file := range files {
		if labels[i] < 0 || labels[i] >= k {
			return fmt.Errorf("report: predictions: %s: label %d, want 0 to %d", file, labels[i], k-1)
		}
		p := probs[i*k : (i+1)*k]
		answer := eval.Argmax(p)
		record[0], record[1], record[2], record[3] = file, classes[labels[i]], classes[answer], float(p[answer])
		for j, v := range p {
			record[4+j] = float(v)
		}
		c.Write(record)
	}
	c.Flush()
	return c.Error() // a csv.Writer keeps its first error
}

func float(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
