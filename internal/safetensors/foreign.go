package safetensors

import (
	"bytes"
	"encoding/binary"
)

// magics are the beginnings of files that people take for model files.
var magics = []struct {
	at    int
	magic string
	kind  string
}{
	{0, "PK\x03\x04", "a PyTorch or Keras model (a zip archive)"},
	{0, "\x80\x02", "a PyTorch model (a Python pickle)"},
	{0, "\x80\x03", "a Python pickle"},
	{0, "\x80\x04", "a Python pickle"},
	{0, "\x80\x05", "a Python pickle"},
	{0, "GGUF", "a GGUF model"},
	{0, "\x89HDF\r\n\x1a\n", "a Keras model (HDF5)"},
	{4, "TFL3", "a TensorFlow Lite model"},
	{0, "\x93NUMPY", "a NumPy array"},
	{0, "\x1f\x8b", "a gzip archive (unpack it first)"},
	{0, "version https://git-lfs", "a Git LFS pointer (the model itself was not downloaded)"},
	{0, "\x89PNG", "a PNG picture"},
	{0, "\xff\xd8\xff", "a JPEG picture"},
	{0, "%PDF", "a PDF document"},
	{0, "\x7fELF", "a program"},
	{0, "MZ", "a program"},
	{0, "{", "a JSON text"},
}

const foreignSafetensors = "a safetensors file of another program"

// Foreign says what a file that is not one of squint's seems to be; "" where
// nothing is recognised.
func Foreign(b []byte) string {
	if len(b) > 8 && binary.LittleEndian.Uint64(b) < 1<<32 && b[8] == '{' {
		if _, ok := sumPlace(b); !ok {
			return foreignSafetensors
		}
		return "" // one of ours, damaged
	}
	for _, m := range magics {
		if len(b) >= m.at && bytes.HasPrefix(b[m.at:], []byte(m.magic)) {
			return m.kind
		}
	}
	text := bytes.ToLower(bytes.TrimSpace(b[:min(len(b), 512)]))
	if bytes.HasPrefix(text, []byte("<!doctype")) || bytes.HasPrefix(text, []byte("<html")) {
		return "an HTML page (a download that went wrong?)"
	}
	if len(b) > 3 && b[0] == 0x08 && b[1] < 32 && b[2] == 0x12 { // ir_version, then producer_name
		return "an ONNX model"
	}
	return ""
}
