package sorter

import (
	"slices"
	"strings"
	"testing"
)

func TestGroup(t *testing.T) {
	for _, c := range []struct{ names, photos, others string }{
		{"a.jpg b.png", "a.jpg|b.png", ""},
		{"a.jpg a.xmp a.jpg.xmp a.aae a.jpg.json", "a.jpg a.aae a.jpg.json a.jpg.xmp a.xmp", ""},
		{"IMG_1.JPG IMG_1.MOV img_1.xmp", "IMG_1.JPG IMG_1.MOV img_1.xmp", ""},                   // a Live Photo
		{"a.jpg a.CR2 a.dng", "a.jpg a.CR2 a.dng", ""},                                           // RAW twins
		{"a.jpg a.heic", "a.jpg a.heic", ""},                                                     // exported
		{"a.heic a.mov", "a.heic", "a.mov"},                                                      // alone it is a picture, if one that cannot be read
		{"a.jpg a.jpg.supplemental-metadata.json", "a.jpg a.jpg.supplemental-metadata.json", ""}, // Google
		{"a.jpg a.png a.xmp a.png.xmp", "a.jpg a.xmp|a.png a.png.xmp", ""},                       // of two the first, or the one named
		{"a.jpg a.txt a.doc b.mov c.xmp d.nef", "a.jpg", "a.doc a.txt b.mov c.xmp d.nef"},        // orphans
		{"a.jpg a-edited.jpg a-edited.xmp", "a-edited.jpg a-edited.xmp|a.jpg", ""},               //
		{"a_(2).jpg a_(2).jpg.xmp a.jpg a.xmp", "a.jpg a.xmp|a_(2).jpg a_(2).jpg.xmp", ""},       //
	} {
		list := strings.Fields(c.names)
		slices.Sort(list)
		photos, others := group(".", list, isPicture)
		var got []string
		for _, p := range photos {
			got = append(got, strings.Join(append([]string{p.Picture}, p.Companions...), " "))
		}
		if strings.Join(got, "|") != strings.Join(sorted(c.photos), "|") || strings.Join(others, " ") != c.others {
			t.Errorf("%s:\ngot  %q, %q\nwant %q, %q", c.names, got, others, c.photos, c.others)
		}
	}
}

// sorted sorts the companions of each photo by their bytes.
func sorted(photos string) []string {
	var out []string
	for p := range strings.SplitSeq(photos, "|") {
		f := strings.Split(p, " ")
		slices.Sort(f[1:])
		out = append(out, strings.Join(f, " "))
	}
	return out
}
