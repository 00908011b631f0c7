package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// sumLen is the length of the checksum in the header.
const sumLen = 2 * sha256.Size

// sumPlace finds the checksum's digits in a file. The text looked for cannot
// begin within a JSON string: names have no quotes (see checkName), values are
// not followed by a colon, and tensors' names are not followed by a string.
func sumPlace(b []byte) (at int, ok bool) {
	mark := []byte(`"` + SumKey + `":"`)
	at = bytes.Index(b[:min(len(b), 8+MaxHeader)], mark)
	if at < 0 || at+len(mark)+sumLen > len(b) {
		return 0, false
	}
	return at + len(mark), true
}

// sum computes the checksum of a file whose digits stand at at.
func sum(b []byte, at int) string {
	h := sha256.New()
	h.Write(b[:at])
	h.Write([]byte(strings.Repeat("0", sumLen)))
	h.Write(b[at+sumLen:])
	return hex.EncodeToString(h.Sum(nil))
}

// Seal writes the checksum into a file that has room for it, and says whether
// it has. Tests use it to get past the checksum with damaged files.
func Seal(b []byte) bool {
	at, ok := sumPlace(b)
	if ok {
		copy(b[at:], sum(b, at))
	}
	return ok
}

func checkSum(b []byte, got string) error {
	at, ok := sumPlace(b)
	if !ok || len(got) != sumLen {
		return errors.New("no checksum: squint did not write this file")
	}
	if want := sum(b, at); got != want {
		return fmt.Errorf("byte %d: checksum %.8s…, the file's is %.8s…: it is damaged", at, got, want)
	}
	return nil
}
