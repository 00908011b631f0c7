package model_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"squint/internal/safetensors"
	"squint/pkg/model"
)

// TestStorm damages good files in many ways at once and then repairs the header's
// length and the checksum, without which nothing would get past them. What is
// accepted must be written back to the same bytes. SQUINT_STORM sets how many
// files there are; of more than a million every eighth goes on from the form of
// the file to the model.
func TestStorm(t *testing.T) {
	count, deep := 10_000, 1
	if s := os.Getenv("SQUINT_STORM"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
		if count > 1_000_000 {
			deep = 8
		}
	}
	var storms []storm
	for _, g := range goldens {
		b, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		storms = append(storms, newStorm(b))
	}
	m := smallest(t)
	for _, m.Half = range []bool{false, true, false, true, false} { // more often: damage shows more in little
		storms = append(storms, newStorm(encode(t, m)))
	}
	var whole, models, good atomic.Int64
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < count; i += workers {
				b := storms[i%len(storms)].file(rand.New(rand.NewPCG(uint64(count), uint64(i))))
				f, err := safetensors.Decode(b)
				if err != nil {
					continue
				}
				whole.Add(1)
				again, err := safetensors.Encode(f.Meta, f.Tensors)
				if i/len(storms)%deep == 0 {
					models.Add(1)
					var m *model.Model
					if m, err = model.Decode(b); err != nil {
						continue
					}
					good.Add(1)
					again, err = m.Encode()
				}
				if err != nil || !bytes.Equal(again, b) {
					t.Errorf("file %d of %d: accepted, but written again differs (%v):\n%q\n%q", i, count, err, b, again)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d files, %d of the right form; of %d of these %d were good models", count, whole.Load(), models.Load(), good.Load())
	if int(whole.Load()) < count/20 || good.Load() < models.Load()/20 {
		t.Error("that few say little about what comes after the checksum")
	}
}

// storm makes damaged files of a good one.
type storm struct {
	header, data []byte
	words        [][]byte // what the header is made of, and what could confuse its reader
}

func newStorm(b []byte) storm {
	n := 8 + binary.LittleEndian.Uint64(b)
	s := storm{header: bytes.TrimRight(b[8:n], " "), data: b[n:]}
	s.words = regexp.MustCompile(`[\w.]+|\\?"|[^\w.]`).FindAll(s.header, -1)
	for _, w := range []string{
		"0", "1", "-1", "00", "1e9", "4294967296", "9007199254740993", "9223372036854775807", "18446744073709551616", "null", "true", `\u0000`, `\ud800`, "\x00", "\xff",
		"\u202e", "{}", "[]", `\"kind\":\"relu\"`, `,{\"kind\":\"residual\",\"body\":[]}`, `,{\"kind\":\"dense\",\"units\":16777216}`, `\"pad\":255`, `\"stride\":0`, "F32", "F16", "BF16",
		`"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`, `"__metadata__":`, `"sha256":"`, "squint-model-2",
	} {
		for range 4 {
			s.words = append(s.words, []byte(w))
		}
	}
	return s
}

// file returns a file with one to four damages, usually repaired.
func (s storm) file(r *rand.Rand) []byte {
	header, data := slices.Clone(s.header), slices.Clone(s.data)
	for range 1 + r.IntN(4) {
		if r.IntN(4) == 0 {
			data = s.damage(r, data)
		} else {
			header = s.damage(r, header)
		}
	}
	for len(header)%8 > 0 {
		header = append(header, ' ')
	}
	length := uint64(len(header))
	if r.IntN(64) == 0 {
		length = r.Uint64() >> r.IntN(64)
	}
	b := append(binary.LittleEndian.AppendUint64(nil, length), header...)
	b = append(b, data...)
	if r.IntN(64) > 0 {
		safetensors.Seal(b)
	}
	return b
}

func (s storm) damage(r *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	at := r.IntN(len(b))
	to := min(len(b), at+1+r.IntN(1+r.IntN(32)))
	switch r.IntN(8) {
	case 0, 1: // a bit
		b[at] ^= 1 << r.IntN(8)
	case 2: // a digit, or any byte
		if b[at] >= '0' && b[at] <= '9' {
			b[at] = '0' + byte(r.IntN(10))
		} else {
			b[at] = byte(r.Uint32())
		}
	case 3: // a piece less
		b = slices.Delete(b, at, to)
	case 4: // a piece twice
		b = slices.Insert(b, r.IntN(len(b)), slices.Clone(b[at:to])...)
	case 5: // a word more
		b = slices.Insert(b, at, s.words[r.IntN(len(s.words))]...)
	case 6: // a word instead of a piece
		b = slices.Replace(b, at, to, s.words[r.IntN(len(s.words))]...)
	case 7: // cut off
		if r.IntN(8) == 0 {
			b = b[:at]
		}
	}
	return b
}
