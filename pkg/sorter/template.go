package sorter

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A Template makes a picture's folder of its label and date: "{label}",
// "{label}/{year}-{month}".
type Template string

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// Dated tells whether the date is asked for.
func (t Template) Dated() bool {
	return strings.Contains(strings.ReplaceAll(string(t), "{label}", ""), "{")
}

// Check errs for a template that no folder can come of.
func (t Template) Check() error {
	for _, p := range placeholder.FindAllString(string(t), -1) {
		switch p {
		case "{label}", "{year}", "{month}", "{day}":
		default:
			return fmt.Errorf("template %q: %s is not known, want {label}, {year}, {month} or {day}", t, p)
		}
	}
	return checkPath(t.Folder("x", time.Unix(0, 0)))
}

// Folder fills the template in. label must be a folder name (FolderNames).
func (t Template) Folder(label string, taken time.Time) string {
	return placeholder.ReplaceAllStringFunc(string(t), func(p string) string {
		switch p {
		case "{label}":
			return label
		case "{year}":
			return taken.Format("2006")
		case "{month}":
			return taken.Format("01")
		case "{day}":
			return taken.Format("02")
		}
		return p
	})
}
