package mesh

import (
	"context"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// Tangle makes the tangents from the texture coordinates, which must exist. A vertex
// between mirrored charts keeps the handedness of the larger one.
func (m *Mesh) Tangle(ctx context.Context) error {
	along := make([]vec.V, len(m.Positions))
	down := make([]vec.V, len(m.Positions))
	for i, t := range m.Triangles {
		if ended(ctx, i) {
			return ctx.Err()
		}
		du, dv, ok := m.slopes(t)
		if !ok {
			continue
		}
		for _, i := range t {
			along[i], down[i] = along[i].Add(du), down[i].Add(dv)
		}
	}
	m.Tangents = make([][4]float32, len(m.Positions))
	for i := range m.Tangents {
		if ended(ctx, i) {
			return ctx.Err()
		}
		n := m.Normal(uint32(i))
		t := along[i].Sub(n.Scale(n.Dot(along[i])))
		if t.Length() < 1e-20 {
			t = across(n)
		}
		t = t.Unit()
		// The bitangent of glTF points up in the picture, where v falls.
		hand := float32(1)
		if n.Cross(t).Dot(down[i]) > 0 {
			hand = -1
		}
		m.Tangents[i] = [4]float32{float32(t.X), float32(t.Y), float32(t.Z), hand}
	}
	return nil
}

// slopes are how the place changes with u and v, weighted with the triangle's area.
func (m *Mesh) slopes(t [3]uint32) (du, dv vec.V, ok bool) {
	p := m.Position(t[0])
	e, f := m.Position(t[1]).Sub(p), m.Position(t[2]).Sub(p)
	o, a, b := m.UVs[t[0]], m.UVs[t[1]], m.UVs[t[2]]
	au, av := float64(a[0]-o[0]), float64(a[1]-o[1])
	bu, bv := float64(b[0]-o[0]), float64(b[1]-o[1])
	det := au*bv - bu*av
	if det > -1e-18 && det < 1e-18 {
		return du, dv, false
	}
	area := e.Cross(f).Length()
	du = e.Scale(bv).Sub(f.Scale(av)).Scale(1 / det)
	dv = f.Scale(au).Sub(e.Scale(bu)).Scale(1 / det)
	return du.Unit().Scale(area), dv.Unit().Scale(area), true
}

// across is any direction at a right angle to n.
func across(n vec.V) vec.V {
	axis := vec.V{X: 1}
	if n.X > 0.7 || n.X < -0.7 {
		axis = vec.V{Y: 1}
	}
	return axis.Sub(n.Scale(n.Dot(axis))).Unit()
}

// Stretch is how many units of length one unit of u and of v cover, as a mean over the
// surface. It says how often a texture should repeat.
func (m *Mesh) Stretch() (u, v float64) {
	total := 0.0
	for _, t := range m.Triangles {
		p := m.Position(t[0])
		e, f := m.Position(t[1]).Sub(p), m.Position(t[2]).Sub(p)
		o, a, b := m.UVs[t[0]], m.UVs[t[1]], m.UVs[t[2]]
		au, av := float64(a[0]-o[0]), float64(a[1]-o[1])
		bu, bv := float64(b[0]-o[0]), float64(b[1]-o[1])
		det := au*bv - bu*av
		if det > -1e-18 && det < 1e-18 {
			continue
		}
		area := e.Cross(f).Length()
		u += area * e.Scale(bv).Sub(f.Scale(av)).Length() / max(det, -det)
		v += area * f.Scale(au).Sub(e.Scale(bu)).Length() / max(det, -det)
		total += area
	}
	if total == 0 {
		return 1, 1
	}
	return u / total, v / total
}
