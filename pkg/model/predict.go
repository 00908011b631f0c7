package model

import (
	"context"
	"fmt"

	"squint/internal/parallel"
)

// Predict returns the probabilities [n][classes] of n pictures, whose bytes
// [n][H*W*C] are as Prep.Bytes writes them, computed by up to threads
// goroutines, and how familiar each picture is, [n]. The result does not depend
// on their number. The error is ctx's.
func (m *Model) Predict(ctx context.Context, pixels []uint8, threads int) (probs, familiar []float32, err error) {
	n, classes := len(pixels)/m.Prep.Size.Size(), len(m.Classes)
	probs, familiar = make([]float32, n*classes), make([]float32, n)
	err = m.each(ctx, pixels, threads, func(c *Classifier, pixels []uint8, from, to int) {
		c.Answers(probs[from*classes:to*classes], familiar[from:to], pixels, to-from)
	})
	return probs, familiar, err
}

// each calls see with each batch of the pictures, and a classifier that nobody
// else uses then.
func (m *Model) each(ctx context.Context, pixels []uint8, threads int, see func(c *Classifier, pixels []uint8, from, to int)) error {
	const batch = 32 // a picture's answer does not depend on its batch
	size := m.Prep.Size.Size()
	n := len(pixels) / size
	if len(pixels) != n*size {
		panic(fmt.Sprintf("model: %d bytes are no pictures of %v", len(pixels), m.Prep.Size))
	}
	batches := (n + batch - 1) / batch
	pool := parallel.New(min(max(1, threads), max(1, batches)))
	defer pool.Close()
	idle := make(chan *Classifier, pool.Threads())
	for range pool.Threads() {
		c, err := m.NewClassifier(batch)
		if err != nil {
			return err
		}
		idle <- c
	}
	pool.Do(batches, func(i int) {
		if ctx.Err() != nil {
			return
		}
		c := <-idle
		from, to := i*batch, min((i+1)*batch, n)
		see(c, pixels[from*size:to*size], from, to)
		idle <- c
	})
	return ctx.Err()
}
