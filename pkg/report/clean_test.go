package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"cat", "cat"},
		{"Perserkatze – weiß", "Perserkatze – weiß"},
		{"猫 🐱 👨‍👩‍👧", "猫 🐱 👨‍👩‍👧"},
		{"می\u200cخواهم", "می\u200cخواهم"}, // Persian with its non-joiner
		{"cafe\u0301", "cafe\u0301"},       // decomposed é
		{"a\ufffdb", "a\ufffdb"},           // a replacement character that is really there
		{`C:\pets\cat`, `C:\pets\cat`},     // paths stay readable
		{"\x1b[2J", `\x1b[2J`},             // clears the screen
		{"\u009b2J", `\u009b2J`},           // so does this, in one character
		{"\x9b2J", `\x9b2J`},               // and this, on terminals that are not UTF-8
		{"a\r\nb\tc\x7f", `a\x0d\x0ab\x09c\x7f`},
		{"\x00", `\x00`},
		{"gpj.\u202eexe", `gpj.\u202eexe`}, // override: reads exe.jpg
		{"\u2066a\u2069\u200f", `\u2066a\u2069\u200f`},
		{"a\u200bb\ufeff\u00ad", `a\u200bb\ufeff\u00ad`}, // invisible
		{"a\u2028b", `a\u2028b`},
		{"\U000e0041", `\U000e0041`}, // tag: invisible
		{"\ue000", `\ue000`},         // private use
		{"\xff\xfea\xc3", `\xff\xfea\xc3`},
		{strings.Repeat("e\u0301", 12), strings.Repeat("e\u0301", 12)},
		{"a" + strings.Repeat("\u0300", 10), "a" + strings.Repeat("\u0300", 8) + `\u0300\u0300`},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanLeavesGoodNamesWithoutACopy(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Clean("golden_retriever 猫") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// harmless tells whether a terminal can print s without harm.
func harmless(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Cs) && r != '\u200c' && r != '\u200d' {
			return false
		}
	}
	return utf8.ValidString(s)
}

func TestHarmlessCanFail(t *testing.T) {
	for _, s := range []string{"\x1b", "a\n", "\u009b", "\u202e", "\u2066", "\u2028", "\xff"} {
		if harmless(s) {
			t.Errorf("%q passes", s)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"cat", "\x1b[31m", "\u202e", "猫", "e\u0301\u0301", "\xf0\x9f", "👨‍👩‍👧", "\u200d\u200d", "a\\b"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, s string, cells int) {
		c := Clean(s)
		if !harmless(c) {
			t.Fatalf("Clean(%q) = %q", s, c)
		}
		if again := Clean(c); again != c {
			t.Fatalf("Clean(%q) = %q, cleaned again %q", s, c, again)
		}
		cells = 1 + (cells%100+100)%100
		short := Shorten(c, cells)
		if !harmless(short) || uniseg.StringWidth(short) > cells {
			t.Fatalf("Shorten(%q, %d) = %q, %d cells", c, cells, short, uniseg.StringWidth(short))
		}
		if short != c && !strings.HasPrefix(c, strings.TrimSuffix(short, "…")) {
			t.Fatalf("Shorten(%q, %d) = %q, not its beginning", c, cells, short)
		}
	})
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in    string
		cells int
		want  string
	}{
		{"retriever", 9, "retriever"},
		{"retriever", 8, "retriev…"},
		{"猫猫猫", 6, "猫猫猫"},
		{"猫猫猫", 5, "猫猫…"},
		{"猫猫猫", 4, "猫…"}, // half an ideograph does not fit
		{"cafe\u0301s", 4, "caf…"},
		{"cafe\u0301s", 5, "cafe\u0301s"},
		{"👨‍👩‍👧👨‍👩‍👧", 3, "👨‍👩‍👧…"},
		{"", 3, ""},
	} {
		if got := Shorten(c.in, c.cells); got != c.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.in, c.cells, got, c.want)
		}
	}
}
