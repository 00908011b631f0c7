package report

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	p := Colors(true)
	var table Table
	table.Row("class", "n", p.Bold("F1"))
	table.Row("猫", "1000", p.Good("99.00"))
	table.Row("cafe\u0301", "", "–")
	table.Row("dog")
	var b strings.Builder
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = "class     n     \x1b[1mF1\x1b[22m\n" +
		"猫     1000  \x1b[32m99.00\x1b[0m\n" +
		"cafe\u0301             –\n" +
		"dog\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
	if err := table.Write(fullDisk{}); err != errFull {
		t.Errorf("%v, want %v", err, errFull)
	}
}

func TestPaletteIgnoresTheEnvironment(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	if got := Colors(true).Bad("x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("on: %q", got)
	}
	for _, p := range []Palette{{}, Colors(false)} {
		if got := p.Bold("x") + p.Faint("x") + p.Good("x") + p.Warn("x") + p.Bad("x"); got != "xxxxx" {
			t.Errorf("off: %q", got)
		}
	}
}
