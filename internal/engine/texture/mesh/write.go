package mesh

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
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

// WriteGLB writes the mesh with its skin into one file. The mesh needs texture coordinates
// and tangents.
func (m *Mesh) WriteGLB(s Skin) []byte {
	w := &glbWriter{}
	low, high := m.Bounds()
	attributes := map[string]int{
		"POSITION":   w.accessor(m.Positions, len(m.Positions), 5126, "VEC3", 34962, map[string]any{"min": narrow(low), "max": narrow(high)}),
		"NORMAL":     w.accessor(m.Normals, len(m.Normals), 5126, "VEC3", 34962, nil),
		"TEXCOORD_0": w.accessor(m.UVs, len(m.UVs), 5126, "VEC2", 34962, nil),
		"TANGENT":    w.accessor(m.Tangents, len(m.Tangents), 5126, "VEC4", 34962, nil),
	}
	indices := w.accessor(m.Triangles, 3*len(m.Triangles), 5125, "SCALAR", 34963, nil)
	surface := w.texture(s.Surface)
	material := map[string]any{
		"pbrMetallicRoughness": map[string]any{"baseColorTexture": w.texture(s.Color), "metallicRoughnessTexture": surface},
		"occlusionTexture":     surface, "normalTexture": w.texture(s.Normal),
	}
	if len(s.Glow.Data) > 0 {
		material["emissiveTexture"], material["emissiveFactor"] = w.texture(s.Glow), [3]int{1, 1, 1}
	}
	return w.file(map[string]any{
		"asset": map[string]any{"version": "2.0", "generator": "Florin"},
		"scene": 0, "scenes": []any{map[string]any{"nodes": []int{0}}}, "nodes": []any{map[string]any{"mesh": 0}},
		"meshes":    []any{map[string]any{"primitives": []any{map[string]any{"attributes": attributes, "indices": indices, "material": 0}}}},
		"materials": []any{material}, "accessors": w.accessors, "bufferViews": w.views, "images": w.images, "textures": w.textures,
		"samplers": []any{map[string]any{"wrapS": 10497, "wrapT": 10497, "magFilter": 9729, "minFilter": 9987}},
	})
}

type glbWriter struct {
	body                               bytes.Buffer
	accessors, views, images, textures []any
}

func (w *glbWriter) view(add func()) (start, length int) {
	for w.body.Len()%4 != 0 {
		w.body.WriteByte(0)
	}
	start = w.body.Len()
	add()
	return start, w.body.Len() - start
}

func (w *glbWriter) accessor(data any, count, component int, kind string, target int, more map[string]any) int {
	start, length := w.view(func() {
		if err := binary.Write(&w.body, binary.LittleEndian, data); err != nil {
			panic(err) // lists of numbers of fixed size can be written
		}
	})
	w.views = append(w.views, map[string]any{"buffer": 0, "byteOffset": start, "byteLength": length, "target": target})
	a := map[string]any{"bufferView": len(w.views) - 1, "componentType": component, "count": count, "type": kind}
	for name, value := range more {
		a[name] = value
	}
	w.accessors = append(w.accessors, a)
	return len(w.accessors) - 1
}

func (w *glbWriter) texture(p Picture) map[string]any {
	start, length := w.view(func() { w.body.Write(p.Data) })
	w.views = append(w.views, map[string]any{"buffer": 0, "byteOffset": start, "byteLength": length})
	w.images = append(w.images, map[string]any{"bufferView": len(w.views) - 1, "mimeType": p.Type})
	w.textures = append(w.textures, map[string]any{"source": len(w.images) - 1, "sampler": 0})
	return map[string]any{"index": len(w.textures) - 1}
}

func (w *glbWriter) file(document map[string]any) []byte {
	for w.body.Len()%4 != 0 {
		w.body.WriteByte(0)
	}
	document["buffers"] = []any{map[string]any{"byteLength": w.body.Len()}}
	text, err := json.Marshal(document)
	if err != nil {
		panic(err) // maps, lists and finite numbers can be marshalled
	}
	for len(text)%4 != 0 {
		text = append(text, ' ')
	}
	out := make([]byte, 0, 28+len(text)+w.body.Len())
	word := func(values ...int) {
		for _, x := range values {
			out = binary.LittleEndian.AppendUint32(out, uint32(x))
		}
	}
	word(glbMagic, 2, 28+len(text)+w.body.Len(), len(text), jsonChunk)
	out = append(out, text...)
	word(w.body.Len(), binChunk)
	return append(out, w.body.Bytes()...)
}
