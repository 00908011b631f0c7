package sorter

import "strings"

// badPart tells names that would not stay within a folder on Windows.
func badPart(part string) bool {
	return strings.ContainsAny(part, `\:`) || deviceNames[strings.ToLower(part)]
}
