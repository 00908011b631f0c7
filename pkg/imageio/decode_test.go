package imageio

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"os"
	"reflect"
	"strings"
	"testing"
)

// decode fails the test on an error, and checks what Decode promises of every
// picture.
func decode(t testing.TB, data []byte) (image.Image, Info) {
	t.Helper()
	img, info, err := Decode(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	promised(t, data, img, info)
	return img, info
}

// promised checks a decoded picture against the doc comment of Decode.
func promised(t testing.TB, data []byte, img image.Image, info Info) {
	t.Helper()
	if got, want := img.Bounds(), image.Rect(0, 0, info.Width, info.Height); got != want {
		t.Errorf("bounds %v, Info says %v", got, want)
	}
	if id, err := Identify(data); err != nil || id != info {
		t.Errorf("Identify: %+v, %v; Decode: %+v", id, err, info)
	}
	_, gray := img.(*image.Gray)
	if gray != info.Gray {
		t.Errorf("%T where Info.Gray is %t", img, info.Gray)
	}
	switch m := img.(type) {
	case *image.Gray, *image.YCbCr:
	case *image.NRGBA:
		if !m.Opaque() {
			t.Error("not opaque")
		}
	default:
		t.Errorf("decoded to %T", img)
	}
}

// rgbAt reads a pixel as 8-bit red, green, blue.
func rgbAt(img image.Image, x, y int) [3]uint8 {
	r, g, b, _ := img.At(x, y).RGBA()
	return [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
}

func TestDecodeLossless(t *testing.T) {
	src := scene(19, 11)
	for _, format := range []string{"png", "bmp"} {
		img, info := decode(t, encode(t, format, src))
		if want := (Info{format, 19, 11, false, 1}); info != want {
			t.Errorf("%s: %+v, want %+v", format, info, want)
		}
		if !reflect.DeepEqual(img, src) {
			t.Errorf("%s: pixels changed", format)
		}
	}
	gray := grayScene(19, 11)
	for _, format := range []string{"png", "bmp"} { // a BMP stores grey as a palette
		img, info := decode(t, encode(t, format, gray))
		if !info.Gray || !bytes.Equal(img.(*image.Gray).Pix, gray.Pix) {
			t.Errorf("%s: grey changed, %+v", format, info)
		}
	}
}

func TestDecodeAlphaIsOverWhite(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 1))
	for x, c := range []color.NRGBA{{10, 20, 30, 255}, {10, 20, 30, 0}, {0, 0, 0, 128}, {255, 100, 0, 51}} {
		m.SetNRGBA(x, 0, c)
	}
	img, _ := decode(t, encode(t, "png", m))
	// c·a + 255·(1-a): (0·128+255·127)/255 = 127; 100·0.2+255·0.8 = 224; 0·0.2+255·0.8 = 204.
	want := []uint8{10, 20, 30, 255, 255, 255, 255, 255, 127, 127, 127, 255, 255, 224, 204, 255}
	if got := img.(*image.NRGBA).Pix; !bytes.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestDecodeDeep(t *testing.T) {
	gray := image.NewGray16(image.Rect(0, 0, 3, 1))
	deep := image.NewNRGBA64(image.Rect(0, 0, 3, 1))
	// 8-bit v is 257·v in 16 bits; the nearest of the last is 128.
	for x, v := range []uint16{0, 200 * 257, 128*257 - 128} {
		gray.SetGray16(x, 0, color.Gray16{v})
		deep.SetNRGBA64(x, 0, color.NRGBA64{v, v, v, 0xffff})
	}
	img, info := decode(t, encode(t, "png", gray))
	if got, want := img.(*image.Gray).Pix, []uint8{0, 200, 128}; !info.Gray || !bytes.Equal(got, want) {
		t.Errorf("grey: got %v, want %v", got, want)
	}
	img, _ = decode(t, encode(t, "png", deep))
	if got, want := img.(*image.NRGBA).Pix, []uint8{0, 0, 0, 255, 200, 200, 200, 255, 128, 128, 128, 255}; !bytes.Equal(got, want) {
		t.Errorf("colour: got %v, want %v", got, want)
	}
}

func TestDecodePalette(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.NRGBA{9, 8, 7, 255}, color.NRGBA{0, 0, 0, 0}})
	m.Pix[1] = 1
	for _, format := range []string{"png", "gif"} {
		img, info := decode(t, encode(t, format, m))
		if got, want := img.(*image.NRGBA).Pix, []uint8{9, 8, 7, 255, 255, 255, 255, 255}; info.Gray || !bytes.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", format, got, want)
		}
	}
	m.Palette = color.Palette{color.Gray{40}, color.Gray{200}}
	for _, format := range []string{"png", "gif", "bmp"} {
		img, info := decode(t, encode(t, format, m))
		if !info.Gray || !bytes.Equal(img.(*image.Gray).Pix, []uint8{40, 200}) {
			t.Errorf("%s: a palette of greys gave %+v", format, info)
		}
	}
}

func TestDecodeGIFFirstFrameOnItsCanvas(t *testing.T) {
	pal := color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	second := image.NewPaletted(image.Rect(0, 0, 4, 3), pal)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	var b bytes.Buffer
	err := gif.EncodeAll(&b, &gif.GIF{
		Image:  []*image.Paletted{image.NewPaletted(image.Rect(1, 1, 3, 2), pal), second},
		Delay:  []int{0, 0},
		Config: image.Config{Width: 4, Height: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	img, info := decode(t, b.Bytes())
	if info.Width != 4 || info.Height != 3 {
		t.Fatalf("%+v, want the canvas, 4×3", info)
	}
	for y := range 3 {
		for x := range 4 {
			want := [3]uint8{255, 255, 255}
			if y == 1 && (x == 1 || x == 2) {
				want = [3]uint8{255, 0, 0}
			}
			if got := rgbAt(img, x, y); got != want {
				t.Errorf("(%d,%d): %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestDecodeJPEGKinds(t *testing.T) {
	// Every sample is 128, so Adobe's inverted CMYK is C=M=Y=K=127, and red is
	// (255-127)·(255-127)/255 = 64; YCCK goes through RGB 128: (255-128)·128/255 = 63 or 64.
	for _, c := range []struct {
		name string
		f    flatJPEG
		want uint8
		gray bool
	}{
		{"grey", flatJPEG{sampling: []byte{0x11}}, 128, true},
		{"grey, odd factors", flatJPEG{sampling: []byte{0x22}}, 128, true},
		{"4:4:4", flatJPEG{sampling: []byte{0x11, 0x11, 0x11}}, 128, false},
		{"4:2:0", flatJPEG{sampling: []byte{0x22, 0x11, 0x11}}, 128, false},
		{"4:2:2", flatJPEG{sampling: []byte{0x21, 0x11, 0x11}}, 128, false},
		{"4:4:0", flatJPEG{sampling: []byte{0x12, 0x11, 0x11}}, 128, false},
		{"4:1:1", flatJPEG{sampling: []byte{0x41, 0x11, 0x11}}, 128, false},
		{"4:1:0", flatJPEG{sampling: []byte{0x42, 0x11, 0x11}}, 128, false},
		{"RGB", flatJPEG{sampling: []byte{0x11, 0x11, 0x11}, adobe: 1}, 128, false},
		{"CMYK", flatJPEG{sampling: []byte{0x11, 0x11, 0x11, 0x11}, adobe: 1}, 64, false},
		{"YCCK", flatJPEG{sampling: []byte{0x22, 0x11, 0x11, 0x22}, adobe: 3}, 64, false},
		{"extended", flatJPEG{frame: jpegSOF1, sampling: []byte{0x22, 0x11, 0x11}}, 128, false},
		{"progressive grey", flatJPEG{frame: jpegSOF2, sampling: []byte{0x11}, scans: 1}, 128, true},
		{"progressive 4:2:0", flatJPEG{frame: jpegSOF2, sampling: []byte{0x22, 0x11, 0x11}, scans: 1}, 128, false},
		{"film behind it", flatJPEG{sampling: []byte{0x11}, trailing: []byte("\xff\xda????ftypmp42")}, 128, true},
	} {
		c.f.w, c.f.h = 37, 21
		for _, turn := range []uint32{1, 6} { // every type also goes through turning
			c.f.exif = exifBlock(binary.BigEndian, 3, turn)
			img, info := decode(t, c.f.bytes())
			if info.Gray != c.gray || info.Width+info.Height != 37+21 {
				t.Errorf("%s: %+v", c.name, info)
			}
			for _, p := range []image.Point{{0, 0}, {info.Width - 1, info.Height - 1}} {
				if got := rgbAt(img, p.X, p.Y); !near(got[0], c.want, 1) || got[0] != got[1] || got[1] != got[2] {
					t.Errorf("%s, orientation %d: %v at %v, want %d", c.name, turn, got, p, c.want)
				}
			}
		}
	}
}

func near(a, b uint8, tol int) bool { return max(int(a)-int(b), int(b)-int(a)) <= tol }

func TestDecodeWebPLossless(t *testing.T) {
	for _, exif := range [][]byte{exifBlock(binary.LittleEndian, 3, 8), append([]byte("Exif\x00\x00"), exifBlock(binary.LittleEndian, 3, 8)...)} {
		data := riff(vp8x(16|8, 5, 3), vp8l(5, 3, 250, 100, 50, 51), append([]byte("EXIF"), exif...))
		img, info := decode(t, data)
		if want := (Info{"webp", 3, 5, false, 8}); info != want {
			t.Errorf("%+v, want %+v", info, want)
		}
		// Over white: 250·0.2+204 = 254, 100·0.2+204 = 224, 50·0.2+204 = 214.
		if got, want := rgbAt(img, 2, 4), [3]uint8{254, 224, 214}; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestFullRange: the ends and the middle of the video range (RFC 6386, section
// 9.2) are black, white and no colour; what lies outside is clamped.
func TestFullRange(t *testing.T) {
	m := &image.YCbCr{Y: []uint8{0, 16, 126, 235, 255}, Cb: []uint8{0, 16, 128, 240, 255}, Cr: []uint8{72, 184}}
	fullRange(m)
	// (126-16)·255/219 = 128.08; 128 ± 56·255/224 = 64.25, 191.75.
	for _, c := range []struct{ got, want []uint8 }{
		{m.Y, []uint8{0, 0, 128, 255, 255}}, {m.Cb, []uint8{0, 0, 128, 255, 255}}, {m.Cr, []uint8{64, 192}},
	} {
		// 240 is 128+127.5: both 255 and 256 clamped are 255; 16 is 0.5, rounded away from the middle.
		if !bytes.Equal(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	jpg, png := encode(t, "jpeg", scene(40, 30)), encode(t, "png", scene(40, 30))
	gif, bmp := encode(t, "gif", scene(40, 30)), encode(t, "bmp", scene(40, 30))
	webp := riff(vp8l(40, 30, 1, 2, 3, 255))
	gray := []byte{0x11}
	badIndex := bmpHead(4, 1, 8) // a palette of one colour, and pixels of colour 9
	badIndex[10], badIndex[46] = 58, 1
	badIndex = append(badIndex, 0, 0, 0, 0, 9, 9, 9, 9)
	animated := riff(vp8x(2, 4, 4), []byte("ANIM\x00\x00\x00\x00\x00\x00"))
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "empty file"},
		{"progressive JPEG without end marker", flatJPEG{frame: jpegSOF2, w: 8, h: 8, sampling: gray, scans: 1, noEnd: true}.bytes(), "truncated JPEG"},
		{"JPEG without its last scans", oneScanOfThree(), "truncated JPEG"},
		{"JPEG without a scan's data", flatJPEG{w: 800, h: 800, sampling: gray, noEntropy: true}.bytes(), "truncated JPEG"},
		{"JPEG of two bytes", []byte("\xff\xd8"), "corrupt JPEG"},
		{"JPEG, half", jpg[:len(jpg)/2], "truncated JPEG"},
		{"PNG, half", png[:len(png)/2], "truncated PNG"},
		{"PNG, header only", png[:40], "truncated PNG"},
		{"PNG, signature only", png[:8], "truncated PNG"},
		{"GIF, half", gif[:len(gif)/2], "truncated GIF"},
		{"GIF, header only", gif[:13], "truncated GIF"},
		{"BMP, half", bmp[:len(bmp)/2], "truncated BMP"},
		{"BMP, header only", bmp[:20], "truncated BMP"},
		{"WebP, half", webp[:len(webp)/2], "truncated WebP"},
		{"12-bit JPEG", flatJPEG{w: 8, h: 8, sampling: gray, bits: 12}.bytes(), "unsupported JPEG: 12 bits"},
		{"lossless JPEG", flatJPEG{w: 8, h: 8, sampling: gray, frame: 0xc3}.bytes(), "unsupported JPEG: lossless"},
		{"hierarchical JPEG", flatJPEG{w: 8, h: 8, sampling: gray, frame: 0xc5}.bytes(), "unsupported JPEG: hierarchical"},
		{"arithmetic JPEG", flatJPEG{w: 8, h: 8, sampling: gray, frame: 0xc9}.bytes(), "unsupported JPEG: arithmetic"},
		{"JPEG of 2 channels", flatJPEG{w: 8, h: 8, sampling: []byte{0x11, 0x11}}.bytes(), "unsupported JPEG: 2 channels"},
		{"JPEG of 5 channels", flatJPEG{w: 8, h: 8, sampling: []byte{0x11, 0x11, 0x11, 0x11, 0x11}}.bytes(), "unsupported JPEG: 5 channels"},
		{"JPEG with its height at the end", flatJPEG{w: 8, h: 0, sampling: gray}.bytes(), "corrupt JPEG: 8×0 pixels"},
		{"JPEG without width", flatJPEG{w: 0, h: 8, sampling: gray}.bytes(), "corrupt JPEG: 0×8 pixels"},
		{"CMYK JPEG of unknown kind", flatJPEG{w: 8, h: 8, sampling: []byte{0x11, 0x11, 0x11, 0x11}}.bytes(), "unsupported JPEG: unknown color model"},
		{"JPEG of markers only", []byte("\xff\xd8\xff\xd9"), "corrupt JPEG: no picture"},
		{"PNG with a wrong checksum", flip(png, len(png)-20), "corrupt PNG"},
		{"WebP, two sizes", riff(vp8x(0, 4, 4), vp8l(5, 5, 0, 0, 0, 255)), "corrupt WebP: a picture of 5×5 on a canvas of 4×4"},
		{"WebP, animated", animated, "unsupported WebP: animation"},
		{"WebP, nothing in it", riff(vp8x(0, 4, 4)), "corrupt WebP: no picture"},
		{"BMP with a colour outside its palette", badIndex, "corrupt BMP: invalid palette index"},
		{"BMP of 16 bits", append(bmpHead(2, 1, 16), 0, 0, 0, 0), "unsupported BMP"},
	} {
		img, _, err := Decode(c.data, Limits{})
		if err == nil || img != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestEveryCutIsTruncated: no picture, cut anywhere, decodes or is called by
// another name than truncated; before the magic is over it may look like anything.
func TestEveryCutIsTruncated(t *testing.T) {
	for name, data := range map[string][]byte{
		"jpeg":        encode(t, "jpeg", scene(20, 20)),
		"gray":        encode(t, "jpeg", grayScene(20, 20)),
		"progressive": flatJPEG{frame: jpegSOF2, w: 40, h: 40, sampling: []byte{0x22, 0x11, 0x11}, scans: 3}.bytes(),
		"png":         encode(t, "png", scene(20, 20)),
		"gif":         encode(t, "gif", grayScene(20, 20)),
		"bmp":         encode(t, "bmp", scene(20, 20)),
		"webp":        riff(vp8l(20, 20, 1, 2, 3, 255)),
	} {
		whole := len(data)
		if name == "png" {
			whole -= 12 // the last chunk is empty, and the decoder does not look for it
		}
		if name == "gif" {
			whole-- // nor for the trailer
		}
		if name == "jpeg" || name == "gray" {
			whole -= 2 // the end marker
		}
		for n := 12; n < whole; n++ {
			_, _, err := Decode(data[:n], Limits{})
			if err == nil || !strings.HasPrefix(err.Error(), "truncated ") {
				t.Fatalf("%s, %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

// oneScanOfThree is a colour JPEG of which only the first channel's scan is there.
func oneScanOfThree() []byte {
	data := flatJPEG{w: 8, h: 8, sampling: []byte{0x11, 0x11, 0x11}, noEntropy: true, noEnd: true}.bytes()
	at := bytes.Index(data, []byte{0xff, jpegSOS})
	return append(append(data[:at], segment(jpegSOS, 1, 1, 0, 0, 63, 0)...), 0x3f) // a block of two bits
}

// TestEndMarkerMissing: a picture that lacks only its end marker, or half of that,
// decodes as with it; and so it does with a film behind it, whether or not that
// looks like a segment.
func TestEndMarkerMissing(t *testing.T) {
	for _, src := range []image.Image{scene(37, 21), grayScene(37, 21)} {
		data := encode(t, "jpeg", src)
		want, _ := decode(t, data)
		for name, cut := range map[string][]byte{
			"no marker":     data[:len(data)-2],
			"half a marker": data[:len(data)-1],
			"a film":        append(append([]byte{}, data...), "\x00\x00\x00\x18ftypmp42\xff\xda\xff\xff\xff\xc2"...),
		} {
			got, _, err := Decode(cut, Limits{})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func flip(data []byte, at int) []byte {
	out := append([]byte{}, data...)
	out[at] ^= 0xff
	return out
}

// TestPanicIsAnError: whatever a decoder does in its own goroutine.
func TestPanicIsAnError(t *testing.T) {
	f := *formats[0]
	f.decode = func(source) (image.Image, error) { panic("index out of range") }
	img, _, err := f.read(flatJPEG{w: 8, h: 8, sampling: []byte{0x11}}.bytes(), Limits{}.orDefault())
	if img != nil || err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v, %v", img, err)
	}
	f.head = func([]byte) (header, error) { panic("index out of range") }
	if _, err := f.header(nil); err == nil {
		t.Error("the header reader's panic was no error")
	}
}

// TestSizeIsCheckedTwice: a decoder that reads another size than the header
// function, before or after decoding, does not get through.
func TestSizeIsCheckedTwice(t *testing.T) {
	data := flatJPEG{w: 8, h: 8, sampling: []byte{0x11}}.bytes()
	f := *formats[0]
	f.head = func(d []byte) (header, error) { h, err := jpegHeader(d); h.w--; return h, err }
	if _, _, err := f.read(data, Limits{}.orDefault()); err == nil || !strings.Contains(err.Error(), "two sizes") {
		t.Errorf("before: %v", err)
	}
	f = *formats[0]
	f.decode = func(source) (image.Image, error) { return image.NewGray(image.Rect(0, 0, 9, 8)), nil }
	if _, _, err := f.read(data, Limits{}.orDefault()); err == nil || !strings.Contains(err.Error(), "decoded to 9×8") {
		t.Errorf("after: %v", err)
	}
}

// TestContentDecides: neither the name nor a registration with package image
// has a say.
func TestContentDecides(t *testing.T) {
	image.RegisterFormat("evil", "EVIL", nil, nil)
	if _, _, err := Decode([]byte("EVIL bytes"), Limits{}); err == nil {
		t.Error("a registered format was decoded")
	}
	path := t.TempDir() + "/really a PNG.jpg"
	if err := os.WriteFile(path, encode(t, "png", scene(3, 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := ReadFile(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, info := decode(t, data); info.Format != "png" {
		t.Errorf("%+v", info)
	}
}
