package dataset

import (
	"cmp"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"squint/pkg/imageio"
)

// idxName matches train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz,
// emnist-letters-test-images-idx3-ubyte.gz and the like: set, part, content.
var idxName = regexp.MustCompile(`(?i)^(.*?)(train|training|t10k|test|testing|val|valid|validation)[-_.](images|labels)[-_.]idx[134][-_.]ubyte(?:\.gz)?$`)

// idxImages is an IDX file of pictures.
type idxImages struct {
	path, name string
	n, h, w, c int
}

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

	pixels := &idxImages{path: filepath.Join(dir, images), name: images}
	if err := pixels.readHeader(); err != nil {
		return nil, err
	}
	if pixels.n != len(classes) {
		return nil, unusablef(labels, "%d labels for %d images", len(classes), pixels.n)
	}
	all := make([]found, pixels.n)
	for i, c := range classes {
		all[i] = found{
			Item:  Item{File: images + "[" + strconv.Itoa(i) + "]", Part: part, idx: pixels, index: i},
			label: strconv.Itoa(int(c)),
		}
	}
	return all, nil
}

// readHeader fills in the dimensions.
func (x *idxImages) readHeader() error {
	f, err := os.Open(x.path)
	if err != nil {
		return fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	r, err := gunzip(f)
	if err != nil {
		return unusablef(x.name, "%v", err)
	}
	dims, _, err := readIDXHeader(r)
	if err != nil {
		return unusablef(x.name, "%v", err)
	}
	switch {
	case len(dims) == 3:
		x.c = 1
	case len(dims) == 4 && (dims[3] == 1 || dims[3] == 3):
		x.c = dims[3]
	default:
		return unusablef(x.name, "dimensions %v, want [n][height][width] or [n][height][width][3]", dims)
	}
	x.n, x.h, x.w = dims[0], dims[1], dims[2]
	if x.h == 0 || x.w == 0 {
		return unusablef(x.name, "images of %d×%d pixels", x.h, x.w)
	}
	return nil
}

// read returns the pixels of all images, [n][h][w][c].
func (x *idxImages) read(lim imageio.Limits) ([]uint8, error) {
	if most := cmp.Or(lim.Pixels, imageio.DefaultLimits.Pixels); int64(x.h)*int64(x.w) > most {
		return nil, unusablef(x.name, "images of %d×%d pixels, the limit is %d pixels", x.h, x.w, most)
	}
	f, err := os.Open(x.path)
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	dims, data, err := readIDX(f)
	if err != nil {
		return nil, unusablef(x.name, "%v", err)
	}
	if !slices.Equal(dims[:3], []int{x.n, x.h, x.w}) || len(data) != x.n*x.h*x.w*x.c {
		return nil, unusablef(x.name, "has changed while it was being read")
	}
	return data, nil
}

// image returns image i of the pixels, which it shares where it can.
func (x *idxImages) image(pixels []uint8, i int) image.Image {
	n := x.h * x.w * x.c
	pix := pixels[i*n : (i+1)*n : (i+1)*n]
	r := image.Rect(0, 0, x.w, x.h)
	if x.c == 1 {
		return &image.Gray{Pix: pix, Stride: x.w, Rect: r}
	}
	img := image.NewNRGBA(r)
	for i, j := 0, 0; i < len(pix); i, j = i+3, j+4 {
		img.Pix[j], img.Pix[j+1], img.Pix[j+2], img.Pix[j+3] = pix[i], pix[i+1], pix[i+2], 255
	}
	return img
}
