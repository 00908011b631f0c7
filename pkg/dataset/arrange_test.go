package dataset

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestPermute(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for n := range 30 {
		const size = 3
		data := make([]uint8, n*size)
		fill(r, data)
		from := r.Perm(n)
		var want []uint8
		for _, i := range from {
			want = append(want, data[i*size:(i+1)*size]...)
		}
		if permute(data, size, from); !bytes.Equal(data, want) {
			t.Errorf("%d records: %v, want %v", n, data, want)
		}
	}
}
