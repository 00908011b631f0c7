// Package digits draws handwritten-looking digits, 28×28 grey, light ink on
// black as in MNIST. It is the source of the pictures in data/digits, and lets
// a test have as many digits as it likes without a download.
//
// A picture is drawn as a hand draws it. The bones of a style (styles.go) are
// a few points for each stroke; the hand misses them a little, leans, bends and
// hurries (hand.go); a smooth curve goes through what it hit (curve.go); a pen
// of changing pressure follows the curve and leaves ink (pen.go).
//
// Everything is counted in integers: there is no floating-point operation that
// a compiler may fuse on one processor and not on another, so the same seed
// gives the same pixels everywhere.
package digits

import (
	"fmt"
	"image"
)

const (
	Size    = 28 // width and height of a picture, in pixels
	Classes = 10
)

// Draw returns picture number index of a class, 0 to 9. The same arguments give
// the same pixels on every machine, and each picture is independent of the
// others: index 999 does not need 0 to 998. It panics for another class.
func Draw(seed uint64, class, index int) *image.Gray {
	if class < 0 || class >= Classes {
		panic(fmt.Sprintf("digits: class %d, want 0 to %d", class, Classes-1))
	}
	d := newDice(seed, class, index)
	strokes := hand(d, pick(d, styles[class]))
	paths := make([][]point, len(strokes))
	for i, s := range strokes {
		paths[i] = curve(s)
	}
	p := newPen(d)
	lay(d, paths, p)
	return p.ink(d, paths)
}
