package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is the fields of one protocol buffer message, in their wire form.
// Field numbers are those of onnx.proto3
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3).
type message []byte

func (m message) integer(field protowire.Number, v int) message {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

func (m message) text(field protowire.Number, s string) message {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func (m message) bytes(field protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), b)
}

// Data types of tensors and values.
const (
	typeFloat = 1
	typeInt64 = 7
)

// floats is the TensorProto of these values.
func floats(name string, dims []int, values []float32) message {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return tensorProto(name, dims, typeFloat, raw)
}

func tensorProto(name string, dims []int, dataType int, raw []byte) message {
	var m message
	for _, d := range dims {
		m = m.integer(1, d)
	}
	return m.integer(2, dataType).text(8, name).bytes(9, raw)
}

// valueInfo is the ValueInfoProto of a float tensor whose first axis, the
// examples of a batch, is free.
func valueInfo(name string, dims ...int) message {
	shape := message{}.bytes(1, message{}.text(2, "batch"))
	for _, d := range dims {
		shape = shape.bytes(1, message{}.integer(1, d))
	}
	tensorType := message{}.integer(1, typeFloat).bytes(2, shape)
	return message{}.text(1, name).bytes(2, message{}.bytes(1, tensorType))
}

// attribute is an AttributeProto.
type attribute message

func integer(name string, v int) attribute {
	return attribute(message{}.text(1, name).integer(3, v).integer(20, 2))
}

func integers(name string, vs ...int) attribute {
	m := message{}.text(1, name)
	for _, v := range vs {
		m = m.integer(8, v)
	}
	return attribute(m.integer(20, 7))
}
