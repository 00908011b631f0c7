package sorter

import (
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestKey(t *testing.T) {
	for _, same := range [][]string{
		{"IMG_1.JPG", "img_1.jpg"},
		{"caf\u00e9.jpg", "cafe\u0301.jpg", "CAFE\u0301.JPG", "CAF\u00c9.jpg"},
		{"stra\u00dfe", "STRASSE"},
		{"\u03a3.jpg", "\u03c3.jpg", "\u03c2.jpg"}, // three sigmas
		{"\u212b", "\u00e5", "A\u030a"},            // the sign for Ångström
		{"K.jpg", "\u212a.jpg"},                    // the sign for Kelvin
		{"a", "a.", "a .", "A. "},                  // Windows drops what is at the end
		{"bad\xff\u00c9", "bad\xff\u00e9"},
	} {
		for _, s := range same {
			if key(s) != key(same[0]) {
				t.Errorf("%q and %q are two: %q, %q", s, same[0], key(s), key(same[0]))
			}
		}
	}
	for _, two := range [][2]string{{"a", "b"}, {"a.jpg", "a.png"}, {"\xff", "\xfe"}, {"\xff", "\ufffd"}, {"\u00e9", "e"}, {" a", "a"}} {
		if key(two[0]) == key(two[1]) {
			t.Errorf("%q and %q are one: %q", two[0], two[1], key(two[0]))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "s"))
		if rapid.Bool().Draw(t, "text") {
			s = rapid.String().Draw(t, "text")
		}
		if k := key(s); key(k) != k {
			t.Fatalf("key(%q) = %q, again %q", s, k, key(k))
		}
		if u := strings.ToUpper(s); utf8.ValidString(s) && plain(s) && key(u) != key(s) {
			t.Fatalf("%q and %q are two", s, u)
		}
	})
}

func TestVariant(t *testing.T) {
	long := strings.Repeat("n", 251)
	for _, c := range []struct {
		names []string
		n     int
		want  []string
	}{
		{[]string{"a.jpg"}, 1, []string{"a.jpg"}},
		{[]string{"a.jpg"}, 2, []string{"a (2).jpg"}},
		{[]string{"a.jpg", "a.jpg.xmp", "A.MOV"}, 12, []string{"a (12).jpg", "a (12).jpg.xmp", "A (12).MOV"}},
		{[]string{"noext"}, 2, []string{"noext (2)"}},
		{[]string{long + ".jpg"}, 2, []string{long[:247] + " (2).jpg"}},
		{[]string{long + ".jpg", long + ".jpeg"}, 2, []string{long[:246] + " (2).jpg", long[:246] + " (2).jpeg"}},
		{[]string{strings.Repeat("\u00e9", 125) + ".jpg"}, 2, []string{strings.Repeat("\u00e9", 123) + " (2).jpg"}}, // never half a letter
	} {
		if got := variant(c.names, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%q, %d: got %q, want %q", c.names, c.n, got, c.want)
		}
	}
}

func TestFolderNames(t *testing.T) {
	labels := []string{
		"cat", "Cat", "../../etc", "/abs", "a/b", "..", ".", "", "CON", "nul.txt", "caf\u00e9", "cafe\u0301", "a:b*?", "dot.", "\x1b[2J", "\u202eoverride",
		"unsure", ".squint", "bad\xff", strings.Repeat("x", 300), " ", "golden retriever", "\u732b",
	}
	want := []string{
		"cat", "Cat (2)", "_.", "_abs", "a_b", "_", "_ (2)", "_ (3)", "CON_", "nul.txt_", "caf\u00e9", "cafe\u0301 (2)", "a_b__", "dot", "_[2J", "_override",
		"unsure (2)", "_squint", "bad_", strings.Repeat("x", 200), "_ (4)", "golden retriever", "\u732b",
	}
	got := FolderNames(labels, "unsure")
	for i := range want {
		if i == 2 {
			continue // below: what matters is where it leads
		}
		if got[i] != want[i] {
			t.Errorf("%q is %q, want %q", labels[i], got[i], want[i])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom(labels)), 0, 10).Draw(t, "labels")
		seen := map[string]bool{key("unsure"): true}
		for i, name := range FolderNames(labels, "unsure") {
			if err := checkPath(name); err != nil || strings.Contains(name, "/") || path.Clean(name) != name || strings.HasPrefix(name, ".") || len(name) > maxName {
				t.Fatalf("%q is %q: %v", labels[i], name, err)
			}
			if seen[key(name)] {
				t.Fatalf("%q twice in %q", name, labels)
			}
			seen[key(name)] = true
		}
	})
}

func TestCheckPath(t *testing.T) {
	for _, p := range []string{"a", "a/b.jpg", "...", "a b/\xff", "-", "a\\b"} {
		if err := checkPath(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []string{"", "/", "/a", "..", ".", "../a", "a/..", "a/../b", "a//b", "a/", "./a", "a/./b", "a\x00"} {
		if checkPath(p) == nil {
			t.Errorf("%q passes", p)
		}
	}
}
