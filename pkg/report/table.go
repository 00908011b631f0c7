package report

import (
	"io"
	"regexp"
	"strings"

	"github.com/rivo/uniseg"
)

// Table lines up columns by terminal cells, so that names in any script and
// coloured text fit: the first column flush left, the others flush right, two
// spaces between. Names must be cleaned before.
type Table struct{ rows [][]string }

// Row adds a line. Rows may differ in length.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Write writes the lines, without spaces at their ends.
func (t *Table) Write(w io.Writer) error {
	var widths []int
	for _, row := range t.rows {
		for c, cell := range row {
			if c == len(widths) {
				widths = append(widths, 0)
			}
			widths[c] = max(widths[c], width(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		var line strings.Builder
		for c, cell := range row {
			pad := strings.Repeat(" ", widths[c]-width(cell))
			if c == 0 {
				line.WriteString(cell + pad)
			} else {
				line.WriteString("  " + pad + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// width counts the terminal cells of s without the colours of a Palette.
func width(s string) int { return uniseg.StringWidth(colours.ReplaceAllString(s, "")) }

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")
