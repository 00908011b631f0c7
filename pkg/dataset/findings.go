package dataset

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"slices"
	"strings"
)

// Level is how bad a finding is.
type Level string

// The levels, the worst first.
const (
	Blocks Level = "blocks" // training is refused
	Harms  Level = "harms"  // training works, and the network or its test will be worse for it
	Note   Level = "note"   // good to know
)

var severity = map[Level]int{Blocks: 0, Harms: 1, Note: 2}

// Finding is one thing that an Audit found. To look for one more, add a method
// here and call it in audit.
type Finding struct {
	Level Level  `json:"level"`
	Kind  string `json:"kind"`  // what it is, in one word, for programs: "leak"
	Text  string `json:"text"`  // a sentence that begins small and has no full stop
	Hint  string `json:"hint"`  // what to do about it; may be empty
	Cases []Case `json:"cases"` // all of them, in the order of the items
}

// Case is one instance of a finding.
type Case struct {
	Files []string `json:"files"`         // that belong together, such as the copies of a picture
	Why   string   `json:"why,omitempty"` // about them
}

// skipped finds what cannot be used.
func (a *Audit) skipped(s *Source, errs []error) {
	var cases []Case
	for _, k := range s.Skipped {
		cases = append(cases, Case{[]string{k.File}, k.Reason})
	}
	for i, it := range s.Items {
		if errs[i] != nil {
			cases = append(cases, Case{[]string{it.File}, reason(errs[i])})
		}
	}
	if len(cases) > 0 {
		a.add(Finding{Harms, "unreadable", pictures(len(cases), "", "cannot be used and is", "cannot be used and are") + " left out", "mend or remove them", cases})
	}
}

// layout finds what Scan wondered about, and folders that may have been meant
// as classes.
func (a *Audit) layout(s *Source) {
	for _, w := range s.Warnings {
		a.add(Finding{Level: Harms, Kind: "layout", Text: w})
	}
	depth := 1
	if s.Kind == "split folders" {
		depth = 2
	}
	var cases []Case
	for _, f := range s.Ignored {
		name := strings.TrimSuffix(f, "/")
		if name != f && strings.Count(f, "/") == depth && !ignored(name[strings.LastIndex(name, "/")+1:]) && strings.HasSuffix(s.Kind, "folders") {
			cases = append(cases, Case{Files: []string{f}})
		}
	}
	if n := len(cases); n > 0 {
		text := fmt.Sprintf("%d folders hold no pictures and are no classes", n)
		if n == 1 {
			text = fmt.Sprintf("folder %q holds no pictures and is no class", cases[0].Files[0])
		}
		a.add(Finding{Harms, "empty-class", text, "put pictures into it or remove it", cases})
	}
}

// group is pictures that are copies of each other.
type group struct {
	items   []int // indices into Source.Items, ascending
	exact   bool  // and not just nearly so
	classes int
	parts   map[Part]bool // that the source gives, "" counting as train
}

// groups collects the copies among the examples, by exact keys or by near ones.
func groups(examples []example, exact bool) (all []group) {
	sorted := slices.Clone(examples)
	id := func(e example) Key {
		if exact {
			return e.key
		}
		return e.group
	}
	slices.SortFunc(sorted, func(a, b example) int {
		x, y := id(a), id(b)
		return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a.item, b.item))
	})
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && id(sorted[n]) == id(sorted[0]) {
			n++
		}
		if n > 1 {
			g := group{exact: true, parts: map[Part]bool{}}
			classes := map[int]bool{}
			for _, e := range sorted[:n] {
				g.items = append(g.items, e.item)
				g.exact = g.exact && e.key == sorted[0].key
				classes[e.class] = true
				g.parts[cmp.Or(e.part, Train)] = true
			}
			g.classes = len(classes)
			all = append(all, g)
		}
		sorted = sorted[n:]
	}
	slices.SortFunc(all, func(a, b group) int { return cmp.Compare(a.items[0], b.items[0]) })
	return all
}

// copies finds exact copies and near duplicates where they do harm: in two
// classes, where one label must be wrong, and in two parts, where the network is
// tested on what it has learned. split keeps them together, so the latter only
// happens in parts that the source gives. The rest of them is noted.
func (a *Audit) copies(s *Source, examples []example) {
	name := func(g group) (c Case) {
		for _, i := range g.items {
			c.Files = append(c.Files, s.Items[i].File)
		}
		return c
	}
	given := map[int]Part{}
	for _, e := range examples {
		given[e.item] = cmp.Or(e.part, Train)
	}
	for _, exact := range []bool{true, false} {
		var mixed, rest []Case
		leaks := map[[2]Part][]Case{}
		leaked := map[[2]Part]int{}
		pairs := [][2]Part{{Val, Train}, {Test, Train}, {Test, Val}}
		extra := 0
		for _, g := range groups(examples, exact) {
			if !exact && g.exact {
				continue // told already
			}
			harmless := true
			if g.classes > 1 {
				mixed, harmless = append(mixed, name(g)), false
			}
			for _, p := range pairs {
				if !g.parts[p[0]] || !g.parts[p[1]] {
					continue
				}
				harmless = false
				leaks[p] = append(leaks[p], name(g))
				for _, i := range g.items {
					if given[i] == p[0] {
						leaked[p]++
					}
				}
			}
			if harmless {
				rest = append(rest, name(g))
				extra += len(g.items) - 1
			}
		}
		kind, mixing, leaking := "", [2]string{"is in more than one class", "are in more than one class"}, [2]string{"also occurs in", "also occur in"}
		if !exact {
			kind, mixing, leaking = "near-", [2]string{"is nearly the same in another class", "are nearly the same in another class"}, [2]string{"is nearly the same as one in", "are nearly the same as one in"}
		}
		if n := len(mixed); n > 0 {
			text := fmt.Sprintf("%s, for example %q and %q", pictures(n, "", mixing[0], mixing[1]), mixed[0].Files[0], contrary(s, mixed[0].Files))
			a.add(Finding{Harms, kind + "two-classes", text, "leave each in the class where it belongs", mixed})
		}
		for _, p := range pairs {
			if n := leaked[p]; n > 0 {
				text := fmt.Sprintf("%s %s", pictures(n, " of "+string(p[0]), leaking[0], leaking[1]), p[1])
				a.add(Finding{Harms, kind + "leak", text, fmt.Sprintf("remove them from %s: what was learned by heart proves nothing", p[0]), leaks[p]})
			}
		}
		if extra > 0 {
			text := fmt.Sprintf("%s of others in the same class; they stay in one part", pictures(extra, "", "is a copy", "are copies"))
			if !exact {
				text = fmt.Sprintf("%s of others in the same class; they stay in one part", pictures(extra, "", "is a near duplicate", "are near duplicates"))
			}
			a.add(Finding{Note, kind + "copies", text, "", rest})
		}
	}
	if a.Near == "off" {
		a.add(Finding{Harms, "alike", "the pictures are so much alike that near duplicates cannot be told: copies that were saved again may be in two parts",
			"if they are frames of films, give train/, val/ and test/ whole films each", nil})
	}
}

// contrary returns the first of files that is not of the first one's class.
func contrary(s *Source, files []string) string {
	class := map[string]int{}
	for _, it := range s.Items {
		class[it.File] = it.Class
	}
	for _, f := range files {
		if class[f] != class[files[0]] {
			return f
		}
	}
	return files[1]
}

// Where a class is called tiny, and sizes uneven.
const (
	tinyClass = 20 // pictures; nets learn little from fewer, and a tenth of them tests nothing
	uneven    = 10 // times as many pictures as in the smallest class
)

// balance finds classes that are too small, by themselves or beside others.
func (a *Audit) balance() {
	size := func(t Tally) int { return t.Train + t.Free }
	var cases []Case
	var least, most Tally
	for i, t := range a.Classes {
		if i == 0 || size(t) < size(least) {
			least = t
		}
		if i == 0 || size(t) > size(most) {
			most = t
		}
		if n := size(t); n < tinyClass {
			cases = append(cases, Case{[]string{t.Class}, pictures(n, "", "to train on", "to train on")})
		}
	}
	if n := len(cases); n > 0 {
		text := fmt.Sprintf("%d classes have fewer than %d pictures to train on, for example %q", n, tinyClass, cases[0].Files[0])
		if n == 1 {
			text = fmt.Sprintf("class %q has only %s", cases[0].Files[0], cases[0].Why)
		}
		a.add(Finding{Harms, "tiny-class", text, "add pictures: some 100 a class are a start", cases})
	}
	if size(least) > 0 && size(most) >= uneven*size(least) {
		a.add(Finding{Harms, "uneven", fmt.Sprintf("class %q has %d times as many pictures as %q", most.Class, size(most)/size(least), least.Class),
			"add pictures to the small classes, or train with --class-weights balanced", nil})
	}
}

// oddities notes what is handled, and may still be news.
func (a *Audit) oddities(s *Source, records []record, errs []error) {
	var lies, turned, stretched []Case
	for i, it := range s.Items {
		if errs[i] != nil {
			continue
		}
		r := &records[i]
		if r.lies(it.File) {
			lies = append(lies, Case{[]string{it.File}, "holds " + r.Info.Format})
		}
		if r.Info.Orientation > 1 {
			turned = append(turned, Case{[]string{it.File}, fmt.Sprintf("EXIF orientation %d", r.Info.Orientation)})
		}
		if long(image.Pt(r.Info.Width, r.Info.Height)) {
			stretched = append(stretched, Case{[]string{it.File}, fmt.Sprintf("%d×%d", r.Info.Width, r.Info.Height)})
		}
	}
	if n := len(lies); n > 0 {
		a.add(Finding{Note, "extension", pictures(n, "", "is of another format than its name says", "are of another format than their names say"), "nothing: content decides; other programs may stumble", lies})
	}
	if n := len(turned); n > 0 {
		a.add(Finding{Note, "orientation", pictures(n, "", "is stored on its side or mirrored, and is", "are stored on their side or mirrored, and are") + " set upright", "", turned})
	}
	if n := len(stretched); n > 0 {
		a.add(Finding{Note, "shape", pictures(n, "", "is", "are") + " more than four times as long as wide", "--resize pad keeps proportions", stretched})
	}
	if gray := a.Gray; gray > 0 && gray < a.Pictures {
		text := fmt.Sprintf("%s grey, the others are in colour", pictures(gray, "", "is", "are"))
		a.add(Finding{Note, "colour", text, "if classes differ in it, the network will learn that: --gray reads all in grey", nil})
	}
}

// warnings are the findings that precede a training, shortened: without those
// that Data.Skipped lists and those about what needs nobody's attention.
func (a *Audit) warnings() (texts []string) {
	for _, f := range a.Findings {
		if f.Level == Harms && f.Kind != "unreadable" {
			texts = append(texts, f.Text)
		}
	}
	return texts
}
