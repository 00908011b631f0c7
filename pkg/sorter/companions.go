package sorter

import (
	"path"
	"slices"
	"strings"
)

// sidecars say something about the picture whose name, with or without its own
// ending, they carry: IMG_1.xmp (Adobe), IMG_1.jpg.xmp (darktable), IMG_1.aae
// (Apple), IMG_1.jpg.json and IMG_1.jpg.supplemental-metadata.json (Google),
// IMG_1.thm (cameras), and what RAW converters leave.
var sidecars = []string{".xmp", ".aae", ".json", ".thm", ".pp3", ".dop", ".cos", ".arp", ".nks", ".on1", ".vrd", ".acr"}

// twins are other forms of one shot with the name of the picture: the film of a
// Live Photo, the RAW file, the HEIC of which the picture is an export.
var twins = []string{
	".mov", ".mp4", ".m4v",
	".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".dng", ".raf", ".orf", ".rw2", ".rwl", ".pef", ".srw", ".x3f",
	".3fr", ".fff", ".iiq", ".erf", ".mef", ".mos", ".mrw", ".kdc", ".dcr", ".raw",
	".heic", ".heif", ".avif",
}

// A Photo is a picture below a source and the files that belong to it.
type Photo struct {
	Picture    string   // slash separated, below the source
	Companions []string // in the same folder, in order of name
}

// group divides the files of one folder (names, in order) into photos and
// others. isPicture tells what may be one.
func group(dir string, names []string, isPicture func(string) bool) (photos []Photo, others []string) {
	byName := map[string]int{} // full name, lower case
	byStem := map[string]int{}
	for _, name := range names {
		if isPicture(name) && !hasEnding(name, twins) {
			full, s := strings.ToLower(name), strings.ToLower(stem(name))
			if _, taken := byName[full]; !taken {
				byName[full] = len(photos)
			}
			if _, taken := byStem[s]; !taken { // of a.jpg and a.png the first has a.xmp
				byStem[s] = len(photos)
			}
			photos = append(photos, Photo{Picture: path.Join(dir, name)})
		}
	}
	for _, name := range names {
		if isPicture(name) && !hasEnding(name, twins) {
			continue
		}
		if i, ok := owner(name, byName, byStem); ok && travels(photos[i].Picture, name) {
			photos[i].Companions = append(photos[i].Companions, path.Join(dir, name))
			continue
		}
		if isPicture(name) { // a HEIC alone
			photos = append(photos, Photo{Picture: path.Join(dir, name)})
			continue
		}
		others = append(others, path.Join(dir, name))
	}
	slices.SortStableFunc(photos, func(a, b Photo) int { return strings.Compare(a.Picture, b.Picture) })
	return photos, others
}

// owner finds the picture that a file belongs to.
func owner(name string, byName, byStem map[string]int) (int, bool) {
	s := strings.ToLower(stem(name))
	switch {
	case hasEnding(name, sidecars):
		s = strings.TrimSuffix(s, ".supplemental-metadata")
		if i, ok := byName[s]; ok {
			return i, true
		}
	case !hasEnding(name, twins):
		return 0, false
	}
	i, ok := byStem[s]
	return i, ok
}

// travels tells whether a companion's name can change as its picture's does: it
// begins with the same stem, but perhaps for the case of its letters.
func travels(picture, name string) bool {
	s := stem(path.Base(picture))
	return len(name) > len(s) && strings.EqualFold(name[:len(s)], s)
}

func hasEnding(name string, endings []string) bool {
	return slices.Contains(endings, strings.ToLower(path.Ext(name)))
}
