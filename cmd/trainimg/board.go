package main

import (
	"os"
	"time"

	"squint/internal/tfevents"
	"squint/pkg/train"
)

// board is what TensorBoard is told; nil tells nothing.
type board struct {
	file   *os.File
	events *tfevents.Writer
	valid  bool // there is a validation part
}

func (j *job) openBoard() (*board, error) {
	if j.tensorboard == "" {
		return nil, nil
	}
	w, f, err := tfevents.Create(j.tensorboard, time.Now())
	if err != nil {
		return nil, err
	}
	return &board{f, w, j.data.Val.Len() > 0}, nil
}

// epoch adds what an epoch brought, under its number.
func (b *board) epoch(e train.Epoch) error {
	if b == nil {
		return nil
	}
	s := []tfevents.Scalar{{Tag: "loss/train", Value: e.TrainLoss}, {Tag: "learning_rate", Value: e.LR}, {Tag: "images_per_s", Value: e.ImagesPerSecond}}
	if b.valid {
		s = append(s, tfevents.Scalar{Tag: "loss/val", Value: e.ValLoss}, tfevents.Scalar{Tag: "accuracy/val", Value: e.ValAccuracy})
	}
	return b.events.Add(time.Now(), e.Epoch, s...)
}

func (b *board) close() {
	if b != nil {
		b.file.Close()
	}
}
