package digits

import "fmt"

// The pictures in data/digits are Draw(Seed, class, index) for every class and
// every index under PerClass, each in the file Name(class, index).
const (
	Seed     = 1
	PerClass = 100
)

// Name returns the slash-separated path of a picture in data/digits.
func Name(class, index int) string { return fmt.Sprintf("%d/%03d.png", class, index) }
