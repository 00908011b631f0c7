package fetch

import (
	"encoding/hex"
	"net/url"
	"testing"
)

func TestSetsAreWellFormed(t *testing.T) {
	for _, s := range Sets() {
		if got, ok := Lookup(s.Name); !ok || got.Name != s.Name {
			t.Errorf("Lookup(%q) does not find it", s.Name)
		}
		if s.About == "" || s.Licence == "" || len(s.Mirrors) == 0 || len(s.Files) != 4 {
			t.Errorf("%s: incomplete", s.Name)
		}
		for _, m := range s.Mirrors {
			if u, err := url.Parse(m); err != nil || u.Host == "" {
				t.Errorf("%s: mirror %q: %v", s.Name, m, err)
			}
		}
		seen := map[string]bool{}
		for _, f := range s.Files {
			if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 || f.Size <= 0 || seen[f.SHA256] {
				t.Errorf("%s: %s: bad sum, size or a repeated sum", s.Name, f.Name)
			}
			seen[f.SHA256] = true
		}
	}
	if _, ok := Lookup("imagenet"); ok {
		t.Error("Lookup finds a set that does not exist")
	}
}
