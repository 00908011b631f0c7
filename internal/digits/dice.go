package digits

import "math/rand/v2"

// dice are the random draws of one picture, all of them whole numbers.
type dice struct{ src *rand.PCG }

// newDice is keyed by (seed, class, index).
func newDice(seed uint64, class, index int) dice {
	return dice{rand.NewPCG(seed, uint64(class)<<32|uint64(uint32(index)))}
}

// between returns a number from lo to hi, both included.
func (d dice) between(lo, hi int64) int64 {
	return lo + int64(d.src.Uint64()>>32*uint64(hi-lo+1)>>32)
}

// around returns a number with the given mean and standard deviation and the
// bell shape of a sum of four uniform ones, so never more than 3.5 deviations out.
func (d dice) around(mean, deviation int64) int64 {
	const r = 1 << 16
	sum := d.between(-r, r) + d.between(-r, r) + d.between(-r, r) + d.between(-r, r)
	// Four uniform numbers on [-r, r] have the variance 4·r²/3: 56756 = r·√(3/4).
	return mean + sum*56756/r*deviation/r
}
