package sorter

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is in the destination, by any spelling, is seen by the plan.
func TestPlanBesideWhatIsThere(t *testing.T) {
	src, dst := t.TempDir(), t.TempDir()
	write(t, src, "a.jpg", "cat 1", "b.jpg", "cat 2", "c.jpg", "dog 1", "d.jpg", "unsure 1", "d.xmp", "side", "e.jpg", "pets/big 1")
	write(t, dst, "Cat/A.JPG", "cat other", "Cat/a (2).jpg", "cat other", "Cat/a (3).jpg", "cat 1", "Cat/b.jpg", "cat 2", "dog", "a file", "unsure/d.xmp", "other")
	must(t, os.Symlink(t.TempDir(), filepath.Join(dst, "pets")))
	p := plan(t, src, dst, Copy)
	var got []string
	for _, u := range p.Units {
		for _, f := range u {
			got = append(got, f.From+" > "+f.To)
		}
	}
	for _, e := range p.Rest {
		got = append(got, fmt.Sprintf("%s %s %s: %s", e.Outcome, e.File, e.To, e.Reason))
	}
	want := []string{
		"d.jpg > unsure/d (2).jpg", "d.xmp > unsure/d (2).xmp",
		"kept a.jpg Cat/a (3).jpg: the same file is there already", "kept b.jpg Cat/b.jpg: the same file is there already",
		`failed c.jpg dog: "dog" is a file, where a folder is wanted`,
		`failed e.jpg pets/big: "pets" is a link, and links are not followed below the destination`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// 3,000 pictures of one name get 3,000 names, without trying all of them each time.
func TestManyOfOneName(t *testing.T) {
	p, err := NewPlan(t.TempDir(), t.TempDir(), Copy)
	must(t, err)
	for i := range 3000 {
		p.Add([]File{{From: fmt.Sprintf("%d/a.jpg", i)}}, "cat")
	}
	if last := p.Units[2999][0].To; last != "cat/a (3000).jpg" {
		t.Errorf("the last is %q", last)
	}
}

func TestPlanRefuses(t *testing.T) {
	src, dst := t.TempDir(), t.TempDir()
	p, err := NewPlan(src, dst, Move)
	must(t, err)
	f := []File{{From: "a.jpg"}}
	for _, folder := range []string{"", "..", "../x", "/etc", "a/../../b", ".squint", ".SQUINT/x", "a//b"} {
		p.Add(f, folder)
	}
	p.Add(f, "cat")
	p.Add(f, "dog")
	if len(p.Units) != 1 || len(p.Rest) != 9 || p.Rest[8].Reason != "listed twice" {
		t.Errorf("%+v, %+v", p.Units, p.Rest)
	}
	if _, err := NewPlan(src, dst, "steal"); err == nil {
		t.Error("mode steal passes")
	}
}

// Sorting a folder into itself: what is in its place stays.
func TestInPlace(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.jpg", "cat 1", "cat/b.jpg", "cat 2", "dog/c.jpg", "cat 3")
	all := contents(t, dir)
	for range 2 {
		_, err := sortAll(t, dir, dir, Move, nil)
		must(t, err)
		if got := names(t, dir); got != "cat/a.jpg cat/b.jpg cat/c.jpg" {
			t.Errorf("got %s", got)
		}
	}
	if got := contents(t, dir); strings.Join(got, " ") != strings.Join(all, " ") {
		t.Errorf("%q, want %q", got, all)
	}
}

func TestTemplate(t *testing.T) {
	day := time.Date(2024, 3, 9, 12, 0, 0, 0, time.UTC)
	for tmpl, want := range map[string]string{
		"{label}": "cat", "{label}/{year}-{month}": "cat/2024-03", "{year}/{month}/{day}/{label}": "2024/03/09/cat", "sorted": "sorted", "a {label} b": "a cat b",
	} {
		if got := Template(tmpl).Folder("cat", day); got != want || Template(tmpl).Check() != nil {
			t.Errorf("%s: got %q, want %q, %v", tmpl, got, want, Template(tmpl).Check())
		}
		if got := Template(tmpl).Dated(); got != strings.Contains(tmpl, "{year}") {
			t.Errorf("%s: dated is %v", tmpl, got)
		}
	}
	for _, tmpl := range []string{"", "{lable}", "{label}/..", "/{label}", "../{label}", "{label}/", "a//b"} {
		if Template(tmpl).Check() == nil {
			t.Errorf("%q passes", tmpl)
		}
	}
}

// exifJPEG is a photo whose EXIF block (EXIF 2.32, 4.5 and 4.6) says when it was
// taken: DateTimeOriginal in the EXIF directory, DateTime in the first.
func exifJPEG(t *testing.T, original, changed string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil))
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	le := binary.LittleEndian
	entry := func(tag, kind uint16, n, value uint32) {
		tiff = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(tiff, tag), kind), n), value)
	}
	tiff = le.AppendUint16(tiff, 2)
	entry(0x0132, 2, 20, 56) // DateTime
	entry(0x8769, 4, 1, 38)  // the EXIF directory
	tiff = le.AppendUint32(tiff, 0)
	tiff = le.AppendUint16(tiff, 1)
	entry(0x9003, 2, 20, 76) // DateTimeOriginal
	tiff = le.AppendUint32(tiff, 0)
	tiff = append(append(tiff, changed+"\x00"...), original+"\x00"...)
	app1 := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(app1)+2))
	return append(append(head, app1...), b.Bytes()[2:]...)
}

func TestTaken(t *testing.T) {
	got, ok := Taken(exifJPEG(t, "2019:07:04 18:30:01", "2021:01:02 03:04:05"))
	if want := time.Date(2019, 7, 4, 18, 30, 1, 0, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("got %v, %v, want %v", got, ok, want)
	}
	got, ok = Taken(exifJPEG(t, "0000:00:00 00:00:00", "2021:01:02 03:04:05"))
	if want := time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC); !ok || !got.Equal(want) {
		t.Errorf("a camera without a clock: got %v, %v, want %v", got, ok, want)
	}
	for _, data := range [][]byte{nil, []byte("GIF89a"), exifJPEG(t, "                   ", "yesterday, at noon.")} {
		if got, ok := Taken(data); ok {
			t.Errorf("%.10q was taken %v", data, got)
		}
	}
}

func FuzzTaken(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II*\x00\x08\x00\x00\x00"))
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, data []byte) { Taken(data) })
}

func TestCSV(t *testing.T) {
	rows := []Row{
		{File: "a,b \"c\".jpg", To: "cat", Label: "cat", Score: "0.9", With: []string{"x.xmp", "x.mov"}, Sum: strings.Repeat("ab", 32)},
		{File: "new\nline.jpg", Reason: "truncated"}, {File: "bad\xff.jpg", To: "pets/dog"},
	}
	var b bytes.Buffer
	must(t, WriteCSV(&b, rows))
	got, err := ReadCSV(strings.NewReader("\ufeff" + b.String()))
	must(t, err)
	for i, r := range rows {
		if got[i].File != r.File || got[i].To != r.To || got[i].Sum != r.Sum {
			t.Errorf("got %+v, want %+v", got[i], r)
		}
	}
	for _, bad := range []string{"", "a,b\n1,2\n", "file\nx\n", "file,to\nx\n", "file,to\n\"x"} {
		if rows, err := ReadCSV(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is %+v", bad, rows)
		}
	}
}

// A number that a picture has in its own name is not given to another.
func TestPlanGivesEachNameOnce(t *testing.T) {
	src := t.TempDir()
	write(t, src, "a (2).jpg", "cat 1", "a.jpg", "cat 2", "x/a.jpg", "cat 3", "y/A (3).jpg", "cat 4")
	var got []string
	for _, u := range plan(t, src, t.TempDir(), Copy).Units {
		got = append(got, u[0].To)
	}
	if want := "cat/a (2).jpg cat/a.jpg cat/a (3).jpg cat/A (3) (2).jpg"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}
