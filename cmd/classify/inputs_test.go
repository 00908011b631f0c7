package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// However small the chunks, a folder comes in order of name and each entry once.
func TestSortedInChunks(t *testing.T) {
	root := t.TempDir()
	dirs := 0
	rapid.Check(t, func(t *rapid.T) {
		dirs++
		dir := filepath.Join(root, fmt.Sprint(dirs))
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]{1,4}`), 0, 40, rapid.ID).Draw(t, "names")
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, n := range names {
			if err := os.WriteFile(filepath.Join(dir, n), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			if n[0] != 'b' {
				want = append(want, n)
			}
		}
		slices.Sort(want)
		var got []string
		keep := func(e fs.DirEntry) bool { return e.Name()[0] != 'b' }
		err := sortedBy(rapid.IntRange(1, 12).Draw(t, "chunk"), dir, keep, func(e entry) bool {
			got = append(got, e.name)
			return true
		})
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	})
}

func TestSortedStops(t *testing.T) {
	dir := t.TempDir()
	for i := range 10 {
		os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o666)
	}
	n := 0
	err := sortedBy(2, dir, func(fs.DirEntry) bool { return true }, func(entry) bool { n++; return n < 3 })
	if n != 3 || err != nil {
		t.Errorf("%d entries after a stop at 3, %v", n, err)
	}
	if err := sorted(filepath.Join(dir, "none"), nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func collect(r io.Reader) (got []string, err error) {
	err = names(r, "list", func(n string) bool { got = append(got, n); return true })
	return got, err
}

func TestNamesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end, kind := "\n", `[^\n\r\x00]{1,9}`
		if rapid.Bool().Draw(t, "nul") {
			end, kind = "\x00", `[^\x00]{1,9}`
		}
		want := rapid.SliceOfN(rapid.StringMatching(kind), 1, 50).Draw(t, "names")
		if strings.HasPrefix(want[0], "\ufeff") {
			t.Skip("a byte order mark")
		}
		list := strings.Join(want, end)
		if rapid.Bool().Draw(t, "ended") || end == "\x00" {
			list += end
		}
		got, err := collect(strings.NewReader(list))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	})
}

func TestNamesFromSlowOrBrokenReaders(t *testing.T) {
	if got, err := collect(strings.NewReader("a\nb.png\x00c\nd.png\x00")); err != nil || !slices.Equal(got, []string{"a\nb.png", "c\nd.png"}) {
		t.Errorf("a line break in the first name: %q, %v", got, err)
	}
	for _, end := range []string{"\n", "\x00"} {
		got, err := collect(iotest.OneByteReader(strings.NewReader("a.png" + end + "b.png" + end)))
		if err != nil || !slices.Equal(got, []string{"a.png", "b.png"}) {
			t.Errorf("one byte at a time: %q, %v", got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := collect(io.MultiReader(strings.NewReader("a.png\nb"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error of the reader: %v", err)
	}
	if _, err := collect(bytes.NewReader(bytes.Repeat([]byte("x"), 1<<20))); err == nil || !strings.Contains(err.Error(), "a name of more than 32768 bytes") {
		t.Errorf("a list that is none: %v", err)
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "a\nb\r\n\n", "a\x00b\nc\x00", "\ufeffa", "\xff\xfea\x00", "\n\x00\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		got, err := collect(bytes.NewReader(list))
		total := 0
		for _, n := range got {
			if total += len(n); n == "" || strings.Contains(n, "\x00") && bytes.IndexByte(list, 0) < 0 {
				t.Fatalf("name %q in %q", n, list)
			}
		}
		if err == nil && total > len(list) {
			t.Fatalf("%d bytes of names in %d bytes", total, len(list))
		}
	})
}

func TestShards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 9).Draw(t, "n")
		name := rapid.String().Draw(t, "name")
		in := 0
		for i := range n {
			if (shard{i + 1, n}).has(name) {
				in++
			}
		}
		if in != 1 {
			t.Fatalf("%q is in %d of %d shards", name, in, n)
		}
	})
	counts := make([]int, 4)
	for k := range 10_000 {
		for i := range counts {
			if (shard{uint64(i) + 1, 4}).has(fmt.Sprintf("img%d.png", k)) {
				counts[i]++
			}
		}
	}
	for _, c := range counts { // 2500 ± 43 is one standard deviation of chance; five are allowed
		if c < 2500-217 || c > 2500+217 {
			t.Errorf("shards are uneven: %v", counts)
		}
	}
}
