package sorter

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxName is how many bytes a name may have on all usual file systems.
const maxName = 255

// key is the same for names that some file system takes for one: those that
// differ by case or Unicode form only (macOS, Windows, memory cards), or by dots
// and spaces at the end (Windows).
func key(name string) string {
	if plain(name) {
		return strings.TrimRight(strings.ToLower(name), " .")
	}
	// Unicode 15, D146: canonical caseless matching. Bytes that are no UTF-8
	// stay as they are.
	var b strings.Builder
	for len(name) > 0 {
		n := 0
		for n < len(name) {
			r, size := utf8.DecodeRuneInString(name[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		b.WriteString(norm.NFC.String(cases.Fold().String(norm.NFD.String(name[:n]))))
		if name = name[n:]; name != "" {
			b.WriteByte(name[0])
			name = name[1:]
		}
	}
	return strings.TrimRight(b.String(), " .")
}

func plain(name string) bool {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// keyOf is key for a path.
func keyOf(p string) string {
	parts := strings.Split(p, "/")
	for i, s := range parts {
		parts[i] = key(s)
	}
	return strings.Join(parts, "/")
}

// stem is a name without what says its kind: "IMG_1" of "IMG_1.jpg".
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// variant returns the names of a unit's files with " (n)" behind the stem of
// the first, which all of them begin with: for n = 2 "IMG_1 (2).jpg" and
// "IMG_1 (2).jpg.xmp". For n = 1 these are names; a name that would be too long
// loses the end of its stem.
func variant(names []string, n int) []string {
	suffix := ""
	if n > 1 {
		suffix = fmt.Sprintf(" (%d)", n)
	}
	s := len(stem(names[0]))
	longest := 0
	for _, name := range names {
		longest = max(longest, len(name)-s)
	}
	keep := s
	if over := s + len(suffix) + longest - maxName; over > 0 && n > 1 {
		for keep = max(0, s-over); keep > 0 && !utf8.RuneStart(names[0][keep]); keep-- {
		}
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name[:keep] + suffix + name[s:]
	}
	return out
}

// FolderNames returns a folder name for each label: the label itself where any
// file system takes it, and distinct from all others and from reserved ones where
// case and Unicode form are ignored. Labels come from model files: "../x" and "CON"
// are labels too.
func FolderNames(labels []string, reserved ...string) []string {
	taken := map[string]bool{}
	for _, r := range reserved {
		taken[keyOf(r)] = true
	}
	out := make([]string, len(labels))
	for i, label := range labels {
		base := folderName(label)
		name := base
		for n := 2; taken[key(name)]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		taken[key(name)] = true
		out[i] = name
	}
	return out
}

// deviceNames are no names for files on Windows, whatever follows a dot.
var deviceNames = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

func init() {
	for _, port := range []string{"com", "lpt"} {
		for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"} {
			deviceNames[port+n] = true
		}
	}
}

func folderName(label string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsGraphic(r) || r == utf8.RuneError {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(label, "_"))
	for len(name) > 200 { // leaves room for a suffix
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if strings.HasPrefix(name, ".") { // hidden; and .squint is the journal's
		name = "_" + name[1:]
	}
	if first, _, _ := strings.Cut(strings.ToLower(name), "."); name == "" || deviceNames[strings.TrimSpace(first)] {
		name += "_"
	}
	return name
}

// checkPath errs unless p is a path below a folder, in the one form that is used
// here: no "..", no empty part, nothing absolute. Journals and edited plans come
// from outside.
func checkPath(p string) error {
	if p == "" || strings.HasPrefix(p, "/") || strings.ContainsRune(p, 0) || p != path.Clean(p) {
		return fmt.Errorf("path %q: want one below the folder, such as cat/a.jpg", p)
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." || badPart(part) {
			return fmt.Errorf("path %q: %q cannot be a name in it", p, part)
		}
	}
	return nil
}
