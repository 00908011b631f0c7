package model

import (
	"context"
	"fmt"

	"squint/pkg/dataset"
	"squint/pkg/eval"
)

// maxLearnt is how many training pictures the prototypes are made of at most.
// Examples lie in the order of their keys, so the first are a fair sample.
const maxLearnt = 20_000

// LearnTrust sets m.Trust from the pictures that the network was trained on and
// from those of the validation part: the calibration, the thresholds for each
// precision, and what the classes look like. Without validation pictures there is no Trust.
// The result does not depend on the number of threads; the error is ctx's.
func (m *Model) LearnTrust(ctx context.Context, train, val *dataset.Set, threads int) error {
	m.Trust = nil
	if val.Len() == 0 {
		return nil
	}
	outputs := m.Net.Outputs()
	logits := make([]float32, val.Len()*outputs)
	err := m.each(ctx, val.Pixels, threads, func(c *Classifier, pixels []uint8, from, to int) {
		c.see(pixels, to-from)
		copy(logits[from*outputs:to*outputs], c.logits)
	})
	if err != nil {
		return err
	}
	m.Trust = &eval.Trust{Calibration: eval.Calibrate(logits, val.Labels, outputs, m.Net.Output())}
	if m.Trust.Prototypes, err = m.prototypes(ctx, train, threads); err != nil {
		return err
	}
	probs, familiar, err := m.Predict(ctx, val.Pixels, threads)
	if err != nil {
		return err
	}
	if m.Trust.Prototypes == nil {
		familiar = nil
	}
	m.Trust.Learn(val.Labels, probs, familiar)
	return nil
}

// prototypes returns what the classes of the training part look like to the
// network, or nil for a network whose last layer reads a picture.
func (m *Model) prototypes(ctx context.Context, train *dataset.Set, threads int) (*eval.Prototypes, error) {
	shape := m.Net.FeatureShape()
	if !shape.IsVec() || train.Len() == 0 {
		return nil, nil
	}
	n, d := min(train.Len(), maxLearnt), shape.C
	// Any prototypes make the classifiers keep features.
	m.Trust.Prototypes = &eval.Prototypes{D: d}
	features := make([]float32, n*d)
	err := m.each(ctx, train.Pixels[:n*train.Shape.Size()], threads, func(c *Classifier, pixels []uint8, from, to int) {
		c.see(pixels, to-from)
		copy(features[from*d:to*d], c.features)
	})
	if err != nil {
		return nil, err
	}
	return eval.NewPrototypes(features, train.Labels[:n], len(m.Classes), d), nil
}

// checkTrust says what keeps a Trust that was read from being used.
func (m *Model) checkTrust() error {
	if m.Trust == nil {
		return nil
	}
	shape := m.Net.FeatureShape()
	if m.Trust.Prototypes != nil && !shape.IsVec() {
		return fmt.Errorf("trust: prototypes for features %v, want a vector", shape)
	}
	if err := m.Trust.Validate(m.Net.Outputs(), shape.C); err != nil {
		return fmt.Errorf("trust: %w", err)
	}
	return nil
}
