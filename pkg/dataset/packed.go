package dataset

import (
	"cmp"
	"image"
	"slices"
	"strconv"

	"squint/pkg/imageio"
)

// packed is pictures of one size in one array of a file.
type packed struct {
	kind       string // "idx" or "npz", which is their Info.Format
	name       string // of the file or array, to people
	n, h, w, c int
	load       func() (dims []int, data []uint8, err error)
}

// newPacked checks the dimensions that a header states.
func newPacked(kind, name string, dims []int, load func() ([]int, []uint8, error)) (*packed, error) {
	x := &packed{kind: kind, name: name, load: load}
	switch {
	case len(dims) == 3:
		x.c = 1
	case len(dims) == 4 && (dims[3] == 1 || dims[3] == 3):
		x.c = dims[3]
	default:
		return nil, unusablef(name, "dimensions %v, want [n][height][width] or [n][height][width][3]", dims)
	}
	x.n, x.h, x.w = dims[0], dims[1], dims[2]
	if x.h == 0 || x.w == 0 {
		return nil, unusablef(name, "images of %d×%d pixels", x.h, x.w)
	}
	return x, nil
}

// items lists the pictures, with as many labels as the array called labels holds.
func (x *packed) items(labels string, part Part, n int, label func(i int) string) ([]found, error) {
	if x.n != n {
		return nil, unusablef(labels, "%d labels for %d images", n, x.n)
	}
	all := make([]found, x.n)
	for i := range all {
		all[i] = found{
			Item:  Item{File: x.name + "[" + strconv.Itoa(i) + "]", Part: part, packed: x, index: i},
			label: label(i),
		}
	}
	return all, nil
}

// bytes is what read returns so many of.
func (x *packed) bytes() int64 { return int64(x.n) * int64(x.h) * int64(x.w) * int64(x.c) }

// read returns the pixels of all images, [n][h][w][c].
func (x *packed) read(lim imageio.Limits) ([]uint8, error) {
	if most := cmp.Or(lim.Pixels, imageio.DefaultLimits.Pixels); int64(x.h)*int64(x.w) > most {
		return nil, unusablef(x.name, "images of %d×%d pixels, the limit is %d pixels", x.h, x.w, most)
	}
	dims, data, err := x.load()
	if err != nil {
		return nil, unusablef(x.name, "%v", err)
	}
	if !slices.Equal(dims[:3], []int{x.n, x.h, x.w}) || int64(len(data)) != x.bytes() {
		return nil, unusablef(x.name, "has changed while it was being read")
	}
	return data, nil
}

// image returns image i of the pixels, which it shares where it can.
func (x *packed) image(pixels []uint8, i int) (image.Image, imageio.Info) {
	info := imageio.Info{Format: x.kind, Width: x.w, Height: x.h, Gray: x.c == 1, Orientation: 1}
	n := x.h * x.w * x.c
	pix := pixels[i*n : (i+1)*n : (i+1)*n]
	r := image.Rect(0, 0, x.w, x.h)
	if x.c == 1 {
		return &image.Gray{Pix: pix, Stride: x.w, Rect: r}, info
	}
	img := image.NewNRGBA(r)
	for i, j := 0, 0; i < len(pix); i, j = i+3, j+4 {
		img.Pix[j], img.Pix[j+1], img.Pix[j+2], img.Pix[j+3] = pix[i], pix[i+1], pix[i+2], 255
	}
	return img, info
}
