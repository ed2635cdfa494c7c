package mesh

import (
	"context"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// Box gives a mesh without texture coordinates the ones of a box around it: every triangle
// is seen along the axis it faces most. One unit of u or v is size long. Vertices between
// sides are split. The mesh is of no use once the context has ended.
func (m *Mesh) Box(ctx context.Context, size float64) error {
	old := *m
	middle, _ := m.Frame()
	index := newInterner(3 * len(m.Triangles))
	m.Triangles = make([][3]uint32, len(old.Triangles))
	for i, t := range old.Triangles {
		if ended(ctx, i) {
			return ctx.Err()
		}
		a := old.Position(t[0])
		side := old.Position(t[1]).Sub(a).Cross(old.Position(t[2]).Sub(a))
		for k, v := range t {
			p := old.Position(v).Sub(middle).Scale(1 / size)
			m.Triangles[i][k] = index.number(vertex{old.Positions[v], old.Normals[v], boxed(p, side)})
		}
	}
	m.Positions, m.Normals = make([][3]float32, len(index.all)), make([][3]float32, len(index.all))
	m.UVs = make([][2]float32, len(index.all))
	for i, v := range index.all {
		m.Positions[i], m.Normals[i], m.UVs[i] = v.position, v.normal, v.uv
	}
	return nil
}

func boxed(p, side vec.V) [2]float32 {
	x, y, z := max(side.X, -side.X), max(side.Y, -side.Y), max(side.Z, -side.Z)
	u, v, turned := p.X, -p.Y, side.Z < 0
	switch {
	case x >= y && x >= z:
		u, v, turned = -p.Z, -p.Y, side.X < 0
	case y >= z:
		u, v, turned = p.X, p.Z, side.Y < 0
	}
	if turned {
		u = -u
	}
	return [2]float32{float32(u + 0.5), float32(v + 0.5)}
}
