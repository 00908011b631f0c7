package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxMarks is how many accents may pile on one letter; real writing needs
// about four, and a hundred of them paint over the lines above.
const maxMarks = 8

// Clean makes a name from outside (a file, a class, an error that quotes one)
// fit for a terminal. What could move the cursor, change colours, reorder or
// hide text is written as a Go escape instead: control characters such as ESC
// and line breaks, bidirectional overrides and marks, invisible and
// unassigned characters, bytes that are not UTF-8, and the accents beyond the
// eighth on one letter. Everything else, spaces and emoji too, stays.
//
// It is for reading: a name that itself holds `\x1b` looks the same.
func Clean(s string) string {
	var b strings.Builder
	kept, marks := 0, 0 // s[:kept] is in b
	for i, r := range s {
		if unicode.Is(unicode.M, r) || joiner(r) {
			marks++
		} else {
			marks = 0
		}
		size, escape := utf8.RuneLen(r), ""
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			size, escape = 1, fmt.Sprintf(`\x%02x`, s[i])
		case (unicode.IsGraphic(r) || joiner(r)) && marks <= maxMarks:
			continue
		case r < 0x80:
			escape = fmt.Sprintf(`\x%02x`, r)
		case r < 0x10000:
			escape = fmt.Sprintf(`\u%04x`, r)
		default:
			escape = fmt.Sprintf(`\U%08x`, r)
		}
		b.WriteString(s[kept:i])
		b.WriteString(escape)
		kept = i + size
	}
	if kept == 0 {
		return s
	}
	b.WriteString(s[kept:])
	return b.String()
}

// joiner tells the two invisible characters that writing needs: Persian and
// Indic words, and emoji made of several.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// Shorten cuts a cleaned name to at most so many terminal cells (an ideograph
// takes two), ending in … where something was cut, never inside a character.
func Shorten(s string, cells int) string {
	if uniseg.StringWidth(s) <= cells {
		return s
	}
	end, used, rest, state := 0, 1, s, -1 // the … takes one cell
	for {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += width; used > cells {
			return s[:end] + "…"
		}
		end += len(cluster)
	}
}
