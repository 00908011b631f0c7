package dataset

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParseManifest(t *testing.T) {
	cat := row{"a/1.png", "cat", ""}
	for _, test := range []struct {
		name, text string
		want       []row
	}{
		{"nothing", "", nil},
		{"no header", "a/1.png,cat\n", []row{cat}},
		{"header", "path,label\na/1.png,cat", []row{cat}},
		{"Windows, with a byte order mark", "\ufeffPath, Label\r\na/1.png, cat\r\n", []row{cat}},
		{"split", "a/1.png,cat,VALID\nb,dog,training\nc,3,test\nd,4,\n", []row{{"a/1.png", "cat", Val}, {"b", "dog", Train}, {"c", "3", Test}, {"d", "4", ""}}},
		{"split.csv of a run", "file,class,part,group\na/1.png,cat,test,5d27\n", []row{{"a/1.png", "cat", Test}}},
		{"columns in another order", "id,label,path\n7,cat,a/1.png\n", []row{cat}},
		{"quotes", "\"a,\"\"1\"\".png\",\"big\ncat\"\n", []row{{`a,"1".png`, "big\ncat", ""}}},
		{"no label", "a/1.png,\n", []row{{"a/1.png", "", ""}}},
		{"JSON", `{"path":"a/1.png","label":"cat"}` + "\n\n" + `{"label":7,"split":"val","path":"b","more":[1]}`, []row{cat, {"b", "7", Val}}},
		{"JSON without label", `{"path":"a/1.png","label":null}`, []row{{"a/1.png", "", ""}}},
	} {
		got, err := parseManifest([]byte(test.text))
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v, want %q", test.name, got, err, test.want)
		}
	}
}

func TestParseManifestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a/1.png\n", "line 1: 1 columns, want path,label"},
		{"a,cat\n\nb\n", "line 3: 1 columns"},
		{"path,name\na,b\n", `line 1: no column "label"`},
		{"a,cat\n,dog\n", "line 2: no path"},
		{"a,cat,dev\n", `line 1: split "dev", want train, val, test or nothing`},
		{"a,cat\nb,\"dog\n", "line 2"},
		{`{"path":"a","label":"cat"}` + "\n{", "line 2: unexpected EOF"},
		{`{"path":"a","label":"cat"} {}`, "line 1: more than one JSON object"},
		{`{"path":"a","label":["cat"]}`, `line 1: "label" is neither text nor a number`},
		{`{"label":"cat"}`, "line 1: no path"},
		{"\x1f\x8b\x08\x00,\x00", "no text"},
	} {
		_, err := parseManifest([]byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want …%s…", test.text, err, test.want)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	for _, seed := range []string{
		"", "a,cat\nb,dog,test\n", "path,label,split\na,cat,\n", "file,class,part,group\n\"a,b\",c,val,0\n", "a\n", "\ufeffa,b\r\n",
		`{"path":"a","label":1}` + "\n" + `{"path":"b","label":"x","split":"val"}`, `{"path":1}`, "{", "\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := parseManifest(text)
		if err != nil {
			if rows != nil || !utf8.ValidString(err.Error()) {
				t.Fatalf("%d rows beside %q", len(rows), err)
			}
			return
		}
		if len(rows) > len(text) {
			t.Fatalf("%d rows of %d bytes", len(rows), len(text))
		}
		for _, r := range rows {
			if r.file == "" || strings.TrimSpace(r.label) != r.label || !slices.Contains([]Part{"", Train, Val, Test}, r.part) {
				t.Fatalf("row %+v", r)
			}
		}
	})
}
