package mesh

import (
	"encoding/binary"
	"fmt"
	"math"
)

// component is a kind of number in a GLB's binary part.
type component struct {
	size int64
	read func(b []byte) float64
	// full is what a normalised number is divided by; 0 for kinds that can't be normalised.
	full float64
}

var components = map[int]component{
	5120: {1, func(b []byte) float64 { return float64(int8(b[0])) }, 127},
	5121: {1, func(b []byte) float64 { return float64(b[0]) }, 255},
	5122: {2, func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) }, 32767},
	5123: {2, func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) }, 65535},
	5125: {4, func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) }, 0},
	5126: {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) }, 0},
}

var widths = map[string]int64{"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}

// column is an accessor whose place in the binary part has been checked.
type column struct {
	component
	normalized    bool
	count, stride int
	data          []byte
}

// at is a number of an entry.
func (c *column) at(entry, k int) float64 {
	x := c.read(c.data[entry*c.stride+k*int(c.size):])
	if c.normalized {
		return math.Max(x/c.full, -1)
	}
	return x
}

// column checks an accessor against its buffer view and the binary part, and finds it.
func (g *glbReader) column(from string, number int, kind string) (*column, error) {
	if number < 0 || number >= len(g.Accessors) {
		return nil, fmt.Errorf("%s names accessor %d, the file has %d", from, number, len(g.Accessors))
	}
	a := &g.Accessors[number]
	at := fmt.Sprintf("accessors[%d]", number)
	c, known := components[a.Component]
	switch {
	case !known:
		return nil, fmt.Errorf("%s.componentType is %d, allowed are 5120 to 5123, 5125 and 5126", at, a.Component)
	case a.Type != kind:
		return nil, fmt.Errorf("%s.type is %.20q, %s needs %q", at, a.Type, from, kind)
	case a.Normalized && c.full == 0:
		return nil, fmt.Errorf("%s is normalized, allowed only for componentType 5120 to 5123", at)
	case a.Sparse != nil:
		return nil, fmt.Errorf("%s is sparse; only accessors without \"sparse\" are read", at)
	case a.View == nil:
		return nil, fmt.Errorf("%s has no bufferView, one is needed", at)
	case a.Count < 1 || a.Count > int64(len(g.binary)):
		return nil, fmt.Errorf("%s.count is %d, allowed are 1 to as many as fit the file", at, a.Count)
	}
	v, data, err := g.view(at, *a.View)
	if err != nil {
		return nil, err
	}
	entry := c.size * widths[kind]
	stride := entry
	if v.Stride != 0 {
		stride = v.Stride
	}
	if stride < entry || stride > 252 {
		return nil, fmt.Errorf("bufferViews[%d].byteStride is %d, allowed are %d (an entry of %s) to 252", *a.View, stride, entry, at)
	}
	// Count is below the file's size and stride below 253, so that nothing overflows.
	if a.Offset < 0 || a.Offset > int64(len(data)) || (a.Count-1)*stride+entry > int64(len(data))-a.Offset {
		return nil, fmt.Errorf("%s reaches beyond bufferViews[%d]: byteOffset %d and %d entries of %d bytes do not fit into %d bytes",
			at, *a.View, a.Offset, a.Count, stride, len(data))
	}
	return &column{c, a.Normalized, int(a.Count), int(stride), data[a.Offset:]}, nil
}

// view finds the bytes of a buffer view.
func (g *glbReader) view(from string, number int) (*view, []byte, error) {
	if number < 0 || number >= len(g.BufferViews) {
		return nil, nil, fmt.Errorf("%s.bufferView is %d, the file has %d", from, number, len(g.BufferViews))
	}
	v := &g.BufferViews[number]
	at := fmt.Sprintf("bufferViews[%d]", number)
	if v.Extensions.Meshopt != nil || v.Extensions.MeshoptKHR != nil {
		return nil, nil, compressed(at, "meshopt")
	}
	if v.Buffer < 0 || v.Buffer >= len(g.Buffers) {
		return nil, nil, fmt.Errorf("%s.buffer is %d, the file has %d", at, v.Buffer, len(g.Buffers))
	}
	if v.Buffer != 0 || g.Buffers[v.Buffer].URI != nil {
		return nil, nil, fmt.Errorf("buffers[%d] lies outside the file's binary part; only buffer 0 without \"uri\" is read: export it as one GLB file", v.Buffer)
	}
	size := int64(len(g.binary))
	if v.Offset < 0 || v.Length < 1 || v.Offset > size || v.Length > size-v.Offset {
		return nil, nil, fmt.Errorf("%s has byteOffset %d and byteLength %d, which do not fit into the binary part of %d bytes", at, v.Offset, v.Length, size)
	}
	return v, g.binary[v.Offset : v.Offset+v.Length], nil
}
