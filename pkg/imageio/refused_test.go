package imageio

import (
	"strings"
	"testing"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "HEIC is not supported: convert"},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "AVIF"},
		{"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "AVIF"},
		{"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "film"},
		{"II*\x00\xff\xff\xff\xff", "TIFF"}, // 4 GB in old decoders: CVE-2026-33809
		{"MM\x00*\x00\x00\x00\x08", "TIFF"},
		{"\xff\x0a\xfa\x1f", "JPEG XL"},
		{"8BPS\x00\x01", "Photoshop"},
		{"\x00\x00\x01\x00\x02\x00\x10\x10", "icons"},
		{"P6 3 3 255\n", "PNM"},
		{"\x89PNG\n\x1a\n\x00\x00\x00\rIHDR", "corrupt PNG: its signature"},
		{"\x00\x00\x00\x00\x00\x00\x00\x00", "only zero bytes"},
		{"version https://git-lfs.github.com/spec/v1\n", "Git LFS"},
		{"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "AppleDouble"},
		{"<!DOCTYPE html><html>", "HTML"},
		{"\ufeff \n<HTML>", "HTML"},
		{"<svg xmlns='http://www.w3.org/2000/svg'>", "SVG"},
		{"<?xml version='1.0'?>\n<!-- x -->\n<svg>", "SVG"},
		{"<?xml version='1.0'?><rss>", "XML"},
		{`{"error":"not found"}`, "JSON"},
		{"%PDF-1.7", "PDF"},
		{"PK\x03\x04\x14\x00", "zip"},
		{"\x1f\x8b\x08\x00", "gzip"},
		{"\x7fELF\x02\x01", "program"},
		{"MZ\x90\x00", "program"},
		{"RIFF\x24\x00\x00\x00WAVEfmt ", "sound"},
		{"Not Found", "text"},
		{"Größe unbekannt", "text"},
		{"BMW is a car", "text"}, // begins like a BMP
		{"\x01\x02\x03\x04\xfe\xff\x00\x99", `begins with "\x01\x02\x03`},
	} {
		for _, err := range []error{second(Identify([]byte(c.data))), third(Decode([]byte(c.data), Limits{}))} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%.12q: %v, want %q", c.data, err, c.want)
			}
		}
	}
}

func second[A any](_ A, err error) error        { return err }
func third[A, B any](_ A, _ B, err error) error { return err }
