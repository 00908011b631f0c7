package dataset

import (
	"archive/zip"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// npzName matches the names of arrays: x_train and y_train as Keras has them,
// train_images and train_labels as MedMNIST, and images and labels alone.
var npzName = regexp.MustCompile(`(?i)^(?:(train|training|test|testing|val|valid|validation)_)?(x|images?|data|y|labels?|targets?)(?:_(train|training|test|testing|val|valid|validation))?\.npy$`)

// scanNPZ reads the labels and the headers of the arrays in an npz file, which
// is a zip archive of NPY files.
func scanNPZ(path string) (*Source, []found, error) {
	name := filepath.Base(path)
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, unusablef(name, "%v", err)
	}
	defer z.Close()
	src := &Source{Root: filepath.Dir(path), Kind: "npz"}
	type pair struct{ pictures, labels *zip.File }
	pairs := map[Part]*pair{}
	for _, f := range z.File {
		m := npzName.FindStringSubmatch(f.Name)
		if m == nil || m[1] != "" && m[3] != "" {
			src.Ignored = append(src.Ignored, name+"/"+f.Name)
			continue
		}
		part, _ := partNamed(cmp.Or(m[1], m[3]))
		if pairs[part] == nil {
			pairs[part] = &pair{}
		}
		array := &pairs[part].pictures
		switch strings.ToLower(m[2])[0] {
		case 'y', 'l', 't':
			array = &pairs[part].labels
		}
		if *array != nil {
			return nil, nil, unusablef(name, "%q and %q are the same part of a set", (*array).Name, f.Name)
		}
		*array = f
	}
	var all []found
	for _, part := range []Part{"", Train, Val, Test} {
		p := pairs[part]
		if p == nil {
			continue
		}
		if p.pictures == nil || p.labels == nil {
			return nil, nil, unusablef(name, "%q has no labels or pictures beside it, want x_train and y_train, or images and labels", cmp.Or(p.pictures, p.labels).Name)
		}
		items, err := scanNPZPair(path, p.pictures, p.labels, part)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, items...)
	}
	if len(all) == 0 {
		return nil, nil, unusablef(name, "no arrays of pictures, want x_train and y_train, or images and labels")
	}
	return src, all, nil
}

func scanNPZPair(path string, pictures, labels *zip.File, part Part) ([]found, error) {
	name := func(f *zip.File) string { return filepath.Base(path) + "/" + strings.TrimSuffix(f.Name, ".npy") }
	r, err := labels.Open()
	if err != nil {
		return nil, unusablef(name(labels), "%v", err)
	}
	defer r.Close()
	classes, err := readNPYLabels(r)
	if err != nil {
		return nil, unusablef(name(labels), "%v", err)
	}
	p, err := pictures.Open()
	if err != nil {
		return nil, unusablef(name(pictures), "%v", err)
	}
	defer p.Close()
	h, err := readNPYHeader(p)
	if err == nil && !h.pixels() {
		err = fmt.Errorf("values of %d bytes, want unsigned bytes from 0 to 255 (numpy.uint8)", h.size)
	}
	if err != nil {
		return nil, unusablef(name(pictures), "%v", err)
	}
	x, err := newPacked("npz", name(pictures), h.dims, func() ([]int, []uint8, error) { return readNPZ(path, pictures.Name) })
	if err != nil {
		return nil, err
	}
	return x.items(name(labels), part, len(classes), func(i int) string { return strconv.FormatInt(classes[i], 10) })
}

// readNPZ reads an array of bytes.
func readNPZ(path, array string) (dims []int, data []uint8, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	z, err := zip.NewReader(f, st.Size())
	if err != nil {
		return nil, nil, err
	}
	r, err := z.Open(array)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	h, err := readNPYHeader(r)
	if err != nil {
		return nil, nil, err
	}
	data, err = readExactly(r, h.count()*h.size)
	return h.dims, data, err
}
