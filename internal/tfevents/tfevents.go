// Package tfevents writes event files as TensorBoard reads them: numbers by name
// and step. A file is a list of records (TFRecord), each a length, its checksum,
// a message Event of tensorflow/core/util/event.proto and its checksum.
package tfevents

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Scalar is one number under a name, "loss/train".
type Scalar struct {
	Tag   string
	Value float64
}

// Writer appends events to a file.
type Writer struct{ w io.Writer }

// Create makes a new event file in dir, which it makes where it is missing.
// Files of earlier runs and of the beginning of this one stay: TensorBoard reads
// all of a folder together.
func Create(dir string, now time.Time) (*Writer, *os.File, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, fmt.Errorf("tfevents: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	path := filepath.Join(dir, fmt.Sprintf("events.out.tfevents.%d.%s.%d", now.Unix(), host, now.Nanosecond()))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, nil, fmt.Errorf("tfevents: %w", err)
	}
	w, err := New(f, now)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return w, f, nil
}

// New starts an event file on w.
func New(w io.Writer, now time.Time) (*Writer, error) {
	e := event(now, 0)
	e = protowire.AppendTag(e, 3, protowire.BytesType) // file_version
	e = protowire.AppendString(e, "brain.Event:2")
	out := &Writer{w}
	return out, out.record(e)
}

// Add appends one event with the numbers of a step, in one Write.
func (w *Writer) Add(now time.Time, step int, values ...Scalar) error {
	var summary []byte
	for _, s := range values {
		var v []byte
		v = protowire.AppendTag(v, 1, protowire.BytesType) // tag
		v = protowire.AppendString(v, s.Tag)
		v = protowire.AppendTag(v, 2, protowire.Fixed32Type) // simple_value
		v = protowire.AppendFixed32(v, math.Float32bits(float32(s.Value)))
		summary = protowire.AppendTag(summary, 1, protowire.BytesType) // value
		summary = protowire.AppendBytes(summary, v)
	}
	e := event(now, step)
	e = protowire.AppendTag(e, 5, protowire.BytesType) // summary
	return w.record(protowire.AppendBytes(e, summary))
}

// event returns what every Event begins with: wall_time in seconds, and step.
func event(now time.Time, step int) []byte {
	e := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	e = protowire.AppendFixed64(e, math.Float64bits(float64(now.UnixNano())/1e9))
	if step == 0 { // which is what a field that is left out means
		return e
	}
	e = protowire.AppendTag(e, 2, protowire.VarintType)
	return protowire.AppendVarint(e, uint64(step))
}

func (w *Writer) record(data []byte) error {
	var b []byte
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, data...)
	b = binary.LittleEndian.AppendUint32(b, masked(data))
	if _, err := w.w.Write(b); err != nil {
		return fmt.Errorf("tfevents: %w", err)
	}
	return nil
}

// masked is the checksum of records: CRC-32C, turned and moved so that a
// checksum of data with checksums in it does not come out as a constant.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (c>>15 | c<<17) + 0xa282ead8
}
