package dataset

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// idxName matches train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz,
// emnist-letters-test-images-idx3-ubyte.gz and the like: set, part, content.
var idxName = regexp.MustCompile(`(?i)^(.*?)(train|training|t10k|test|testing|val|valid|validation)[-_.](images|labels)[-_.]idx[134][-_.]ubyte(?:\.gz)?$`)

// scanIDX reads the labels and the headers of the IDX files among names, the
// files of a folder. It answers nil where there are none.
func scanIDX(dir string, names []string) (*Source, []found, error) {
	type pair struct{ images, labels string }
	pairs := map[Part]*pair{}
	src := &Source{Root: dir, Kind: "idx"}
	set := ""
	for _, name := range names {
		m := idxName.FindStringSubmatch(name)
		if m == nil {
			src.Ignored = append(src.Ignored, name)
			continue
		}
		if len(pairs) > 0 && m[1] != set {
			return nil, nil, unusablef(dir, "holds two IDX sets, %q and %q: keep each in a folder of its own", set, m[1])
		}
		set = m[1]
		part := Test // t10k
		if p, ok := partNamed(m[2]); ok {
			part = p
		}
		if pairs[part] == nil {
			pairs[part] = &pair{}
		}
		file := &pairs[part].images
		if strings.EqualFold(m[3], "labels") {
			file = &pairs[part].labels
		}
		switch {
		case *file == "":
			*file = name
		case strings.EqualFold(*file+".gz", name): // unpacked, and the packed one kept
			src.Ignored = append(src.Ignored, name)
		default:
			return nil, nil, unusablef(dir, "%q and %q are the same part of an IDX set", *file, name)
		}
	}
	if len(pairs) == 0 {
		return nil, nil, nil
	}
	var all []found
	for _, part := range []Part{Train, Val, Test} {
		p := pairs[part]
		if p == nil {
			continue
		}
		if p.images == "" || p.labels == "" {
			return nil, nil, unusablef(cmp.Or(p.images, p.labels), "has no images or labels file beside it, want both for the %s part", part)
		}
		items, err := scanIDXPair(dir, p.images, p.labels, part)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, items...)
	}
	return src, all, nil
}

func scanIDXPair(dir, images, labels string, part Part) ([]found, error) {
	f, err := os.Open(filepath.Join(dir, labels))
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	dims, classes, err := readIDX(f)
	if err != nil {
		return nil, unusablef(labels, "%v", err)
	}
	if len(dims) != 1 {
		return nil, unusablef(labels, "dimensions %v, want one for labels", dims)
	}

	pixels, err := idxPictures(dir, images)
	if err != nil {
		return nil, err
	}
	return pixels.items(labels, part, len(classes), func(i int) string { return strconv.Itoa(int(classes[i])) })
}

// idxPictures reads the header of an IDX file of pictures.
func idxPictures(dir, name string) (*packed, error) {
	path := filepath.Join(dir, name)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	r, err := gunzip(f)
	if err != nil {
		return nil, unusablef(name, "%v", err)
	}
	dims, _, err := readIDXHeader(r)
	if err != nil {
		return nil, unusablef(name, "%v", err)
	}
	return newPacked("idx", name, dims, func() ([]int, []uint8, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		return readIDX(f)
	})
}
