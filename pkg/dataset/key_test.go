package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"testing"

	"squint/pkg/imageio"
)

// Golden keys from Python's hashlib: sha256(b"pix1" + struct.pack(">III", w, h,
// kind) + samples).
func TestKeyOfGolden(t *testing.T) {
	gray := &image.Gray{Pix: []uint8{0, 1, 2, 3, 4, 5}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
	rgb := &image.NRGBA{Pix: []uint8{1, 2, 3, 255, 4, 5, 6, 255}, Stride: 8, Rect: image.Rect(0, 0, 2, 1)}
	ycc := &image.YCbCr{
		Y: []uint8{0, 1, 2, 99, 3, 4, 5, 99, 6, 7, 8, 99}, YStride: 4,
		Cb: []uint8{10, 11, 99, 12, 13, 99}, Cr: []uint8{20, 21, 99, 22, 23, 99}, CStride: 3,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, 3, 3),
	}
	for _, test := range []struct {
		name string
		img  image.Image
		want string
	}{
		{"grey", gray, "5d277f3041b3fab6592867d21abefabe2e4d308451b1db55043c44836a141b6d"},
		{"RGB", rgb, "b9777069937d26b43bf41bfbb9c20eccbe83d29fcacab9d1697bf2dc769a63b0"},
		{"YCbCr with padded planes", ycc, "73d2ded5ffb53050c885ec039c7ae7bc22d0c27af4de38a3b424fbac8e004078"},
	} {
		if got := KeyOf(test.img).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// One grey picture in every way that Go can hold it has one key.
func TestKeyOfSamePicture(t *testing.T) {
	const w, h = 7, 5
	gray := randomGray(rand.New(rand.NewPCG(1, 2)), w, h)
	want := KeyOf(gray)

	nrgba, gray16 := image.NewNRGBA(gray.Rect), image.NewGray16(gray.Rect)
	palette := make(color.Palette, 256)
	for i := range palette {
		palette[i] = color.Gray{uint8(i)}
	}
	paletted := image.NewPaletted(gray.Rect, palette)
	ycc := image.NewYCbCr(gray.Rect, image.YCbCrSubsampleRatio420)
	for i := range ycc.Cb {
		ycc.Cb[i], ycc.Cr[i] = 128, 128
	}
	large := image.NewGray(image.Rect(-3, -2, w+4, h+1)) // gray is its middle
	for y := range h {
		for x := range w {
			v := gray.GrayAt(x, y)
			nrgba.Set(x, y, v)
			gray16.Set(x, y, v)
			paletted.SetColorIndex(x, y, v.Y)
			ycc.Y[ycc.YOffset(x, y)] = v.Y
			large.Set(x, y, v)
		}
	}
	for name, img := range map[string]image.Image{
		"NRGBA": nrgba, "Gray16": gray16, "Paletted": paletted, "YCbCr": ycc, "part of a larger one": large.SubImage(gray.Rect),
	} {
		if KeyOf(img) != want {
			t.Errorf("%s: another key than Gray", name)
		}
		var file bytes.Buffer
		if err := png.Encode(&file, img); err != nil {
			t.Fatal(err)
		}
		decoded, _, err := imageio.Decode(file.Bytes(), imageio.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if KeyOf(decoded) != want {
			t.Errorf("%s: another key after a PNG", name)
		}
	}
}

// A part of a JPEG's planes has the key of a copy of that part.
func TestKeyOfSubYCbCr(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
	} {
		big := image.NewYCbCr(image.Rect(0, 0, 16, 16), ratio)
		fill(rand.New(rand.NewPCG(3, 4)), big.Y, big.Cb, big.Cr)
		part := big.SubImage(image.Rect(4, 4, 13, 11)).(*image.YCbCr)
		alone := image.NewYCbCr(image.Rect(0, 0, 9, 7), ratio)
		for y := range 7 {
			for x := range 9 {
				alone.Y[alone.YOffset(x, y)] = part.Y[part.YOffset(x+4, y+4)]
				alone.Cb[alone.COffset(x, y)] = part.Cb[part.COffset(x+4, y+4)]
				alone.Cr[alone.COffset(x, y)] = part.Cr[part.COffset(x+4, y+4)]
			}
		}
		if KeyOf(part) != KeyOf(alone) {
			t.Errorf("%v: a part and its copy have different keys", ratio)
		}
		for _, m := range []*image.YCbCr{big, alone} { // and the same without colour
			for i := range m.Cb {
				m.Cb[i], m.Cr[i] = 128, 128
			}
		}
		if KeyOf(part) != KeyOf(alone) {
			t.Errorf("%v: a grey part and its copy have different keys", ratio)
		}
	}
}

// Whatever can be seen to differ has another key: each byte of each plane, the
// shape, the kind.
func TestKeyOfDiffers(t *testing.T) {
	seen := map[Key]string{}
	add := func(name string, img image.Image) {
		k := KeyOf(img)
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[k] = name
	}
	gray := image.NewGray(image.Rect(0, 0, 6, 4))
	add("black", gray)
	add("black, other shape", image.NewGray(image.Rect(0, 0, 4, 6)))
	for i := range gray.Pix {
		gray.Pix[i]++
		add("grey", gray)
		gray.Pix[i]--
	}
	rgb := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range rgb.Pix {
		rgb.Pix[i] = 255
	}
	add("white", rgb)
	for i := range rgb.Pix {
		rgb.Pix[i]--
		add("RGBA", rgb)
		rgb.Pix[i]++
	}
	veiled, opaque := image.NewNRGBA(rgb.Rect), image.NewNRGBA(rgb.Rect)
	for i := 0; i < len(veiled.Pix); i += 4 {
		copy(veiled.Pix[i:], []uint8{255, 255, 255, 254})
		copy(opaque.Pix[i:], []uint8{254, 254, 254, 255})
	}
	add("transparent white", veiled)
	add("what it looks like on black", opaque)
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420} {
		ycc := image.NewYCbCr(image.Rect(0, 0, 4, 4), ratio)
		for _, plane := range [][]uint8{ycc.Y, ycc.Cb, ycc.Cr} {
			for i := range plane {
				plane[i]++
				add("YCbCr", ycc)
				plane[i]--
			}
		}
	}
}

func BenchmarkKeyOf(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	photo := image.NewYCbCr(image.Rect(0, 0, 500, 375), image.YCbCrSubsampleRatio420)
	fill(r, photo.Y, photo.Cb, photo.Cr)
	rgb := image.NewNRGBA(photo.Rect)
	fill(r, rgb.Pix)
	for _, bench := range []struct {
		name string
		img  image.Image
	}{{"digit", randomGray(r, 28, 28)}, {"photo YCbCr", photo}, {"photo NRGBA", rgb}} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(bench.img.Bounds().Dx() * bench.img.Bounds().Dy()))
			b.ReportAllocs()
			for b.Loop() {
				KeyOf(bench.img)
			}
		})
	}
}

func randomGray(r *rand.Rand, w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	fill(r, m.Pix)
	return m
}

func fill(r *rand.Rand, planes ...[]uint8) {
	for _, p := range planes {
		for i := range p {
			p[i] = uint8(r.Uint32())
		}
	}
}
