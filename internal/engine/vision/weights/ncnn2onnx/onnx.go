package main

import (
	"encoding/binary"
	"fmt"
	"math"
)

// message writes one protocol buffers message, field by field in the caller's order.
type message []byte

func (m *message) varint(v uint64) { *m = binary.AppendUvarint(*m, v) }

// number writes a whole-numbered field.
func (m *message) number(field int, v uint64) {
	m.varint(uint64(field) << 3)
	m.varint(v)
}

// bytes writes a field that has a length: a text, raw data or another message.
func (m *message) bytes(field int, b []byte) {
	m.varint(uint64(field)<<3 | 2)
	m.varint(uint64(len(b)))
	*m = append(*m, b...)
}

func (m *message) text(field int, s string) { m.bytes(field, []byte(s)) }

// ONNX's kinds of elements and of attributes.
const (
	float32Kind, float16Kind = 1, 10
	intAttribute             = 2
	stringAttribute          = 3
	intsAttribute            = 7
	// opset 13 has every operator used here in its present form; IR version 7 is its time's.
	opset, irVersion = 13, 7
)

// graph gathers nodes and weights.
type graph struct {
	nodes, tensors []message
}

// tensor adds weights under a name.
func (g *graph) tensor(name string, kind uint64, dims []int, raw []byte) {
	var t message
	for _, d := range dims {
		t.number(1, uint64(d))
	}
	t.number(2, kind)
	t.text(8, name)
	t.bytes(9, raw)
	g.tensors = append(g.tensors, t)
}

// half adds 16-bit weights and a node that widens them; the runtime folds it at load.
func (g *graph) half(name string, dims []int, raw []byte) string {
	g.tensor(name+"_half", float16Kind, dims, raw)
	g.node("Cast", []string{name + "_half"}, name, whole("to", float32Kind))
	return name
}

// node adds an operator.
func (g *graph) node(kind string, inputs []string, output string, attributes ...message) {
	var n message
	for _, in := range inputs {
		n.text(1, in)
	}
	n.text(2, output)
	n.text(3, output)
	n.text(4, kind)
	for _, a := range attributes {
		n.bytes(5, a)
	}
	g.nodes = append(g.nodes, n)
}

// whole, wholes and word make attributes.
func whole(name string, v int) message {
	var a message
	a.text(1, name)
	a.number(3, uint64(v))
	a.number(20, intAttribute)
	return a
}

func wholes(name string, values ...int) message {
	var a message
	a.text(1, name)
	for _, v := range values {
		a.number(8, uint64(v))
	}
	a.number(20, intsAttribute)
	return a
}

func word(name, value string) message {
	var a message
	a.text(1, name)
	a.text(4, value)
	a.number(20, stringAttribute)
	return a
}

// port describes the network's input or output: a batch of one picture of any size.
func port(name string) message {
	var shape message
	for i, d := range []string{"1", "3", "height", "width"} {
		var dim message
		if i < 2 {
			dim.number(1, uint64(d[0]-'0'))
		} else {
			dim.text(2, name+"_"+d)
		}
		shape.bytes(1, dim)
	}
	var tensor, kind, p message
	tensor.number(1, float32Kind)
	tensor.bytes(2, shape)
	kind.bytes(1, tensor)
	p.text(1, name)
	p.bytes(2, kind)
	return p
}

// model puts the file together.
func (g *graph) model() []byte {
	var body, set, m message
	for _, n := range g.nodes {
		body.bytes(1, n)
	}
	body.text(2, "upscaler")
	for _, t := range g.tensors {
		body.bytes(5, t)
	}
	body.bytes(11, port("input"))
	body.bytes(12, port("output"))
	set.text(1, "")
	set.number(2, opset)
	m.number(1, irVersion)
	m.text(2, "florin ncnn2onnx")
	m.bytes(7, body)
	m.bytes(8, set)
	return m
}

// floatBytes are the bytes of 32-bit floats.
func floatBytes(values ...float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// convert makes an ONNX file of the two ncnn files.
func convert(param, bin []byte) ([]byte, error) {
	layers, err := parseParam(string(param))
	if err != nil {
		return nil, err
	}
	c := &converter{weights: weights{bin}, blobs: map[string]blob{}}
	for i, l := range layers {
		if err := c.layer(l, i == len(layers)-1); err != nil {
			return nil, err
		}
	}
	if rest := len(c.weights.rest); rest != 0 {
		return nil, fmt.Errorf("%d bytes of weights are left over", rest)
	}
	return c.graph.model(), nil
}
