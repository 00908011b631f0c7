package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Epoch is one row of metrics.csv. NaN stands for a measure that was not
// taken (no validation part) and is written as an empty cell.
type Epoch struct {
	Epoch           int // from 1
	TrainLoss       float64
	ValLoss         float64
	ValAccuracy     float64
	LR              float64
	Seconds         float64 // of this epoch
	ImagesPerSecond float64
}

var metricsHeader = []string{"epoch", "train_loss", "val_loss", "val_accuracy", "lr", "seconds", "images_per_s"}

// Metrics appends to metrics.csv.
type Metrics struct{ w *csv.Writer }

// NewMetrics starts metrics.csv on w with the header and the epochs that a
// resumed run already has.
func NewMetrics(w io.Writer, past ...Epoch) (*Metrics, error) {
	m := &Metrics{csv.NewWriter(w)}
	m.w.Write(metricsHeader)
	for _, e := range past {
		m.w.Write(e.record())
	}
	m.w.Flush()
	return m, m.w.Error()
}

// Add writes one row through to the writer at once, in one Write.
func (m *Metrics) Add(e Epoch) error {
	m.w.Write(e.record())
	m.w.Flush()
	return m.w.Error()
}

// record writes losses, accuracy and learning rate with seven digits, what a
// float32 holds, and times to the millisecond.
func (e Epoch) record() []string {
	cell := func(v float64, format byte, digits, bits int) string {
		if math.IsNaN(v) {
			return ""
		}
		return strconv.FormatFloat(v, format, digits, bits)
	}
	return []string{
		strconv.Itoa(e.Epoch),
		cell(e.TrainLoss, 'g', 7, 64), cell(e.ValLoss, 'g', 7, 64), cell(e.ValAccuracy, 'g', 7, 64),
		cell(e.LR, 'g', 7, 64), cell(e.Seconds, 'f', 3, 64), cell(e.ImagesPerSecond, 'f', 1, 64),
	}
}

// ReadMetrics reads metrics.csv back, to resume or to plot. A last line without
// a line break is what a crash left of a row and is dropped. To resume, keep
// the epochs that the checkpoint has and hand them to NewMetrics.
func ReadMetrics(r io.Reader) ([]Epoch, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("metrics.csv: %w", err)
	}
	whole := string(text[:strings.LastIndexByte(string(text), '\n')+1])
	rows, err := csv.NewReader(strings.NewReader(whole)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("metrics.csv: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], metricsHeader) {
		return nil, fmt.Errorf("metrics.csv: no header %s", strings.Join(metricsHeader, ","))
	}
	var epochs []Epoch
	for i, row := range rows[1:] {
		var e Epoch
		if e.Epoch, err = strconv.Atoi(row[0]); err != nil {
			return nil, fmt.Errorf("metrics.csv: row %d: epoch %q, want a number", i+1, row[0])
		}
		for c, v := range []*float64{&e.TrainLoss, &e.ValLoss, &e.ValAccuracy, &e.LR, &e.Seconds, &e.ImagesPerSecond} {
			if row[c+1] == "" {
				*v = math.NaN()
			} else if *v, err = strconv.ParseFloat(row[c+1], 64); err != nil {
				return nil, fmt.Errorf("metrics.csv: row %d: %s %q, want a number", i+1, metricsHeader[c+1], row[c+1])
			}
		}
		epochs = append(epochs, e)
	}
	return epochs, nil
}
