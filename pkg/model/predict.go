package model

import (
	"context"
	"fmt"

	"squint/internal/parallel"
)

// Predict returns the probabilities [n][classes] of n pictures, whose bytes
// [n][H*W*C] are as Prep.Bytes writes them, computed by up to threads
// goroutines. The result does not depend on their number. The error is ctx's.
func (m *Model) Predict(ctx context.Context, pixels []uint8, threads int) ([]float32, error) {
	const batch = 32 // a picture's answer does not depend on its batch
	size, classes := m.Prep.Size.Size(), len(m.Classes)
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
			return nil, err
		}
		idle <- c
	}
	probs := make([]float32, n*classes)
	pool.Do(batches, func(i int) {
		if ctx.Err() != nil {
			return
		}
		c := <-idle
		from, to := i*batch, min((i+1)*batch, n)
		c.Probs(probs[from*classes:to*classes], pixels[from*size:to*size], to-from)
		idle <- c
	})
	return probs, ctx.Err()
}
