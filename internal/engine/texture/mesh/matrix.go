package mesh

import (
	"fmt"
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// matrix places points: three columns for the axes and one for the origin.
type matrix struct{ x, y, z, o vec.V }

func identity() matrix { return matrix{x: vec.V{X: 1}, y: vec.V{Y: 1}, z: vec.V{Z: 1}} }

func (m matrix) direction(v vec.V) vec.V {
	return m.x.Scale(v.X).Add(m.y.Scale(v.Y)).Add(m.z.Scale(v.Z))
}

func (m matrix) point(v vec.V) vec.V { return m.direction(v).Add(m.o) }

// times is the placing that first does n, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{m.direction(n.x), m.direction(n.y), m.direction(n.z), m.point(n.o)}
}

// turnsOver tells whether the placing mirrors, which turns triangles over.
func (m matrix) turnsOver() bool { return m.x.Cross(m.y).Dot(m.z) < 0 }

// normals is the placing for normals, up to their length.
func (m matrix) normals() matrix {
	s := 1.0
	if m.turnsOver() {
		s = -1
	}
	return matrix{x: m.y.Cross(m.z).Scale(s), y: m.z.Cross(m.x).Scale(s), z: m.x.Cross(m.y).Scale(s)}
}

// transform reads a node's matrix, or its translation, rotation and scale.
func (n *node) transform(at string) (matrix, error) {
	m := identity()
	for _, f := range []struct {
		name   string
		values list[float64]
		count  int
	}{{"matrix", n.Matrix, 16}, {"translation", n.Translation, 3}, {"rotation", n.Rotation, 4}, {"scale", n.Scale, 3}} {
		if f.values != nil && len(f.values) != f.count {
			return m, fmt.Errorf("%s.%s has %d numbers, allowed are %d", at, f.name, len(f.values), f.count)
		}
		for i, x := range f.values {
			if !(math.Abs(x) <= MaxCoordinate) {
				return m, fmt.Errorf("%s.%s[%d] is %g, allowed are numbers from %.0g to %.0g", at, f.name, i, x, -MaxCoordinate, MaxCoordinate)
			}
		}
	}
	if v := n.Matrix; v != nil {
		return matrix{vec.V{X: v[0], Y: v[1], Z: v[2]}, vec.V{X: v[4], Y: v[5], Z: v[6]}, vec.V{X: v[8], Y: v[9], Z: v[10]}, vec.V{X: v[12], Y: v[13], Z: v[14]}}, nil
	}
	if q := n.Rotation; q != nil {
		m = rotation(q[0], q[1], q[2], q[3])
	}
	if s := n.Scale; s != nil {
		m.x, m.y, m.z = m.x.Scale(s[0]), m.y.Scale(s[1]), m.z.Scale(s[2])
	}
	if t := n.Translation; t != nil {
		m.o = vec.V{X: t[0], Y: t[1], Z: t[2]}
	}
	return m, nil
}

// rotation is that of a quaternion, whatever its length.
func rotation(x, y, z, w float64) matrix {
	l := math.Sqrt(x*x + y*y + z*z + w*w)
	if l == 0 {
		return identity()
	}
	x, y, z, w = x/l, y/l, z/l, w/l
	return matrix{
		x: vec.V{X: 1 - 2*(y*y+z*z), Y: 2 * (x*y + z*w), Z: 2 * (x*z - y*w)},
		y: vec.V{X: 2 * (x*y - z*w), Y: 1 - 2*(x*x+z*z), Z: 2 * (y*z + x*w)},
		z: vec.V{X: 2 * (x*z + y*w), Y: 2 * (y*z - x*w), Z: 1 - 2*(x*x+y*y)},
	}
}
