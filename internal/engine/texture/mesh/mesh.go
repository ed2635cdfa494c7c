// Package mesh reads models from OBJ and GLB files, completes them, and writes GLB.
//
// It promises that a mesh it returns is sound: every index is in range, every number is
// finite, every vertex has a normal of length 1, and there is at least one triangle with
// an area. Files are untrusted: whatever their bytes, reading neither panics nor takes
// more than a small multiple of their size in memory, and a refusal names the place in
// the file and what is allowed. It reads shapes and texture coordinates only: no
// materials, pictures, skins, morphs or animations.
package mesh

import (
	"context"
	"fmt"
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// What a model file may be.
const (
	// MaxBytes is the largest file.
	MaxBytes = 50 << 20
	// MaxTriangles counts after polygons are cut into triangles.
	MaxTriangles = 500_000
	// MaxCoordinate bounds every coordinate, before and after a GLB's node transforms.
	MaxCoordinate = 1e9
)

// Mesh is a sound mesh of triangles. Texture coordinates are those of glTF: the origin is
// the picture's upper left corner and v goes down.
type Mesh struct {
	Positions [][3]float32
	Normals   [][3]float32
	// UVs has one entry for each vertex, or none at all if the file has no usable ones.
	UVs [][2]float32
	// Tangents point to where u grows; the fourth number is the handedness as in glTF.
	// They are empty until Tangle made them.
	Tangents  [][4]float32
	Triangles [][3]uint32
}

// Read reads a file in the format "obj" or "glb".
func Read(format string, data []byte) (*Mesh, error) {
	return ReadUntil(context.Background(), format, data)
}

// ReadUntil is Read, and fails with the context's error soon after that has ended.
func ReadUntil(ctx context.Context, format string, data []byte) (*Mesh, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("the file has %d bytes, at most %d are allowed", len(data), MaxBytes)
	}
	switch format {
	case "obj":
		return readOBJ(ctx, data)
	case "glb":
		return readGLB(ctx, data)
	}
	return nil, fmt.Errorf("the mesh's format is %.20q, allowed are \"obj\" and \"glb\"", format)
}

// Position is a vertex's place.
func (m *Mesh) Position(i uint32) vec.V { return wide(m.Positions[i]) }

// Normal is a vertex's normal.
func (m *Mesh) Normal(i uint32) vec.V { return wide(m.Normals[i]) }

// Bounds are the smallest and the largest coordinates of the vertices in use.
func (m *Mesh) Bounds() (low, high vec.V) {
	low = vec.V{X: math.Inf(1), Y: math.Inf(1), Z: math.Inf(1)}
	high = low.Scale(-1)
	for _, p := range m.Positions {
		v := wide(p)
		low = vec.V{X: math.Min(low.X, v.X), Y: math.Min(low.Y, v.Y), Z: math.Min(low.Z, v.Z)}
		high = vec.V{X: math.Max(high.X, v.X), Y: math.Max(high.Y, v.Y), Z: math.Max(high.Z, v.Z)}
	}
	return low, high
}

// Frame is the middle of the mesh and half the diagonal of its box.
func (m *Mesh) Frame() (middle vec.V, radius float64) {
	low, high := m.Bounds()
	return low.Add(high).Scale(0.5), high.Sub(low).Length() / 2
}

func wide(p [3]float32) vec.V {
	return vec.V{X: float64(p[0]), Y: float64(p[1]), Z: float64(p[2])}
}

func narrow(v vec.V) [3]float32 { return [3]float32{float32(v.X), float32(v.Y), float32(v.Z)} }

// inRange tells whether a coordinate is finite and within MaxCoordinate.
func inRange(x float32) bool { return x >= -MaxCoordinate && x <= MaxCoordinate }

// ended tells in the i-th turn of a long loop whether its work is no longer wanted. It
// looks every few thousand turns.
func ended(ctx context.Context, i int) bool { return i&0xfff == 0 && ctx.Err() != nil }
