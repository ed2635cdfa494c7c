package texture

import (
	"bytes"
	"errors"
	"testing"

	"github.com/florin-studio/florin/internal/engine"
	"github.com/florin-studio/florin/internal/engine/enginetest"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
)

// It counts the process's work, and so is not parallel. The meshes have almost as many
// triangles as may be; the OBJ is without texture coordinates and normals, which are then made.
func TestEveryOperationAttends(t *testing.T) {
	m := mesh.Vase(490)
	m.UVs, m.Normals = nil, nil
	var obj bytes.Buffer
	if err := m.WriteOBJ(&obj); err != nil {
		t.Fatal(err)
	}
	covered, err := mesh.ReadOBJ(obj.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(covered.Triangles); n < mesh.MaxTriangles*9/10 {
		t.Fatalf("%d triangles", n)
	}
	if err := errors.Join(covered.Box(t.Context(), 1), covered.Tangle(t.Context())); err != nil {
		t.Fatal(err)
	}
	glb, err := covered.WriteGLB(t.Context(), mesh.Skin{})
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]engine.Task{
		"preview": {Operation: engine.TexturePreview, Mesh: &engine.Mesh{Format: "obj", Data: obj.Bytes()}},
		"full":    {Operation: engine.Texture, Mesh: &engine.Mesh{Format: "glb", Data: glb}},
	} {
		k.Prompt, k.Seed = "mossy stone bricks", 1
		t.Run(name, func(t *testing.T) { enginetest.Attends(t, New, k) })
	}
}
