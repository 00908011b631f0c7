package cli

import (
	"fmt"
	"time"
)

// Deadline bounds the time for each picture, for imageio.Loader's Watch: pkg/
// has no clock.
func Deadline(d time.Duration) func() (stop func() error) {
	return func() func() error {
		end := time.Now().Add(d)
		return func() error {
			if time.Now().After(end) {
				return fmt.Errorf("it takes longer than %v", d)
			}
			return nil
		}
	}
}
