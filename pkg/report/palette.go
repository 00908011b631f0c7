package report

import "github.com/fatih/color"

// Palette colours text for a terminal. The zero value leaves it plain; nothing
// here looks at the environment, which the command does once.
type Palette struct{ on bool }

// Colors returns a palette that colours if on is set.
func Colors(on bool) Palette { return Palette{on} }

// Bold is for headings and the result.
func (p Palette) Bold(s string) string { return p.paint(s, color.Bold) }

// Faint is for what is rarely read.
func (p Palette) Faint(s string) string { return p.paint(s, color.Faint) }

// Good is green.
func (p Palette) Good(s string) string { return p.paint(s, color.FgGreen) }

// Warn is yellow.
func (p Palette) Warn(s string) string { return p.paint(s, color.FgYellow) }

// Bad is red.
func (p Palette) Bad(s string) string { return p.paint(s, color.FgRed) }

func (p Palette) paint(s string, a color.Attribute) string {
	if !p.on {
		return s
	}
	c := color.New(a)
	c.EnableColor() // whatever the library found in the environment
	return c.Sprint(s)
}
