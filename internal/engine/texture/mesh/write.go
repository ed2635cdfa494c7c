package mesh

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
)

// Skin is what a written mesh is covered with: encoded pictures. Glow may be empty.
type Skin struct {
	Color, Normal, Surface, Glow Picture
}

// Picture is an encoded picture with its media type.
type Picture struct {
	Type string
	Data []byte
}

// WriteGLB writes the mesh with its skin into one file, and fails with the context's error
// soon after that has ended. The mesh needs texture coordinates and tangents.
func (m *Mesh) WriteGLB(ctx context.Context, s Skin) ([]byte, error) {
	w := &glbWriter{}
	low, high := m.Bounds()
	attributes := map[string]int{
		"POSITION":   w.accessor(floats(ctx, m.Positions), len(m.Positions), 5126, "VEC3", 34962, map[string]any{"min": narrow(low), "max": narrow(high)}),
		"NORMAL":     w.accessor(floats(ctx, m.Normals), len(m.Normals), 5126, "VEC3", 34962, nil),
		"TEXCOORD_0": w.accessor(floats(ctx, m.UVs), len(m.UVs), 5126, "VEC2", 34962, nil),
		"TANGENT":    w.accessor(floats(ctx, m.Tangents), len(m.Tangents), 5126, "VEC4", 34962, nil),
	}
	order := w.accessor(indices(ctx, m.Triangles), 3*len(m.Triangles), 5125, "SCALAR", 34963, nil)
	surface := w.texture(s.Surface)
	material := map[string]any{
		"pbrMetallicRoughness": map[string]any{"baseColorTexture": w.texture(s.Color), "metallicRoughnessTexture": surface},
		"occlusionTexture":     surface, "normalTexture": w.texture(s.Normal),
	}
	if len(s.Glow.Data) > 0 {
		material["emissiveTexture"], material["emissiveFactor"] = w.texture(s.Glow), [3]int{1, 1, 1}
	}
	return w.file(ctx, map[string]any{
		"asset": map[string]any{"version": "2.0", "generator": "Florin"},
		"scene": 0, "scenes": []any{map[string]any{"nodes": []int{0}}}, "nodes": []any{map[string]any{"mesh": 0}},
		"meshes":    []any{map[string]any{"primitives": []any{map[string]any{"attributes": attributes, "indices": order, "material": 0}}}},
		"materials": []any{material}, "accessors": w.accessors, "bufferViews": w.views, "images": w.images, "textures": w.textures,
		"samplers": []any{map[string]any{"wrapS": 10497, "wrapT": 10497, "magFilter": 9729, "minFilter": 9987}},
	})
}

// glbWriter gathers the parts of the binary chunk. Each begins at a multiple of four.
type glbWriter struct {
	parts                              [][]byte
	length                             int
	accessors, views, images, textures []any
}

// view adds a part and describes it.
func (w *glbWriter) view(data []byte, more map[string]any) int {
	v := map[string]any{"buffer": 0, "byteOffset": w.length, "byteLength": len(data)}
	maps.Copy(v, more)
	w.views = append(w.views, v)
	w.parts = append(w.parts, data)
	w.length += len(data) + padding(len(data))
	return len(w.views) - 1
}

// padding is how many bytes lead to the next multiple of four.
func padding(n int) int { return -n & 3 }

// floats and indices are lists as bytes. Reflection would take ten times as long. They are
// cut short once the context has ended.
func floats[V [2]float32 | [3]float32 | [4]float32](ctx context.Context, list []V) []byte {
	var none V
	out := make([]byte, 0, 4*len(none)*len(list))
	for i, v := range list {
		if ended(ctx, i) {
			return out
		}
		for k := range len(v) {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v[k]))
		}
	}
	return out
}

func indices(ctx context.Context, list [][3]uint32) []byte {
	out := make([]byte, 0, 12*len(list))
	for i, v := range list {
		if ended(ctx, i) {
			return out
		}
		for _, x := range v {
			out = binary.LittleEndian.AppendUint32(out, x)
		}
	}
	return out
}

func (w *glbWriter) accessor(data []byte, count, component int, kind string, target int, more map[string]any) int {
	a := map[string]any{"bufferView": w.view(data, map[string]any{"target": target}), "componentType": component, "count": count, "type": kind}
	maps.Copy(a, more)
	w.accessors = append(w.accessors, a)
	return len(w.accessors) - 1
}

func (w *glbWriter) texture(p Picture) map[string]any {
	w.images = append(w.images, map[string]any{"bufferView": w.view(p.Data, nil), "mimeType": p.Type})
	w.textures = append(w.textures, map[string]any{"source": len(w.images) - 1, "sampler": 0})
	return map[string]any{"index": len(w.textures) - 1}
}

// piece is how many bytes are copied between two looks at the context.
const piece = 1 << 20

func (w *glbWriter) file(ctx context.Context, document map[string]any) ([]byte, error) {
	document["buffers"] = []any{map[string]any{"byteLength": w.length}}
	text, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	out := make([]byte, 0, 28+len(text)+w.length)
	word := func(values ...int) {
		for _, x := range values {
			out = binary.LittleEndian.AppendUint32(out, uint32(x))
		}
	}
	word(glbMagic, 2, 28+len(text)+w.length, len(text), jsonChunk)
	out = append(out, text...)
	word(w.length, binChunk)
	for _, part := range w.parts {
		for some := range slices.Chunk(part, piece) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			out = append(out, some...)
		}
		out = append(out, make([]byte, padding(len(part)))...)
	}
	return out, ctx.Err()
}
