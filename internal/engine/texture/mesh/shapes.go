package mesh

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
)

// Ball is a sphere of radius 1 with texture coordinates, rings around and half as many from
// pole to pole.
func Ball(rings int) *Mesh {
	return revolve(rings, max(3, rings/2), func(t float64) (r, y float64) {
		s, c := math.Sincos(math.Pi * t)
		return s, c
	})
}

// Vase is a turned vase with texture coordinates.
func Vase(rings int) *Mesh {
	return revolve(rings, rings, func(t float64) (r, y float64) {
		// From the inside of the neck over the lip, down the outside, to the foot's middle.
		outline := [...][2]float64{
			{0.02, 0.42}, {0.20, 0.46}, {0.24, 0.72}, {0.30, 0.93}, {0.37, 1.0}, {0.38, 0.97}, {0.31, 0.86}, {0.26, 0.68}, {0.34, 0.48},
			{0.56, 0.22}, {0.66, -0.08}, {0.62, -0.40}, {0.46, -0.70}, {0.36, -0.84}, {0.38, -0.92}, {0.42, -0.98}, {0.40, -1.0}, {0.02, -1.0},
		}
		return curve(outline[:], t)
	})
}

// Torus is a ring with texture coordinates.
func Torus(rings int) *Mesh {
	return revolve(rings, max(3, rings/2), func(t float64) (r, y float64) {
		s, c := math.Sincos(2 * math.Pi * t)
		return 0.72 + 0.28*c, -0.28 * s
	})
}

// Cube is a cube of side 2 without texture coordinates, each side cut into squares.
func Cube(squares int) *Mesh {
	s := &soup{ctx: context.Background()}
	at := func(side, i, j int) [3]float32 {
		a, b := 2*float32(i)/float32(squares)-1, 2*float32(j)/float32(squares)-1
		c := float32(1 - side%2*2)
		switch side / 2 {
		case 0:
			return [3]float32{c, a * c, b}
		case 1:
			return [3]float32{b, c, a * c}
		}
		return [3]float32{a * c, b, c}
	}
	for side := range 6 {
		for i := range squares {
			for j := range squares {
				first := int32(len(s.positions))
				s.positions = append(s.positions, at(side, i, j), at(side, i+1, j), at(side, i+1, j+1), at(side, i, j+1))
				for _, k := range [6]int32{0, 1, 2, 0, 2, 3} {
					s.corners = append(s.corners, corner{first + k, none, none})
				}
			}
		}
	}
	return mustFinish(s)
}

// mustFinish finishes a soup that this package made itself.
func mustFinish(s *soup) *Mesh {
	m, err := s.finish()
	if err != nil {
		panic(err)
	}
	return m
}

// curve goes smoothly through points; t is 0..1.
func curve(points [][2]float64, t float64) (x, y float64) {
	t *= float64(len(points) - 1)
	i := min(int(t), len(points)-2)
	t -= float64(i)
	get := func(k int) [2]float64 { return points[min(max(k, 0), len(points)-1)] }
	a, b, c, d := get(i-1), get(i), get(i+1), get(i+2)
	var out [2]float64
	for k := range 2 {
		out[k] = 0.5 * (2*b[k] + (c[k]-a[k])*t + (2*a[k]-5*b[k]+4*c[k]-d[k])*t*t + (3*b[k]-a[k]-3*c[k]+d[k])*t*t*t)
	}
	return math.Max(out[0], 0), out[1]
}

// revolve turns an outline, from top to bottom, around the upright axis.
func revolve(around, along int, outline func(t float64) (r, y float64)) *Mesh {
	s := &soup{ctx: context.Background()}
	for j := range along + 1 {
		r, y := outline(float64(j) / float64(along))
		for i := range around + 1 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i%around) / float64(around))
			s.positions = append(s.positions, [3]float32{float32(r * sin), float32(y), float32(r * cos)})
			s.uvs = append(s.uvs, [2]float32{float32(i) / float32(around), float32(j) / float32(along)})
		}
	}
	for j := range along {
		for i := range around {
			a := int32(j*(around+1) + i)
			b := a + int32(around) + 1
			for _, k := range [6]int32{a, b, b + 1, a, b + 1, a + 1} {
				s.corners = append(s.corners, corner{k, k, none})
			}
		}
	}
	return mustFinish(s)
}

// WriteOBJ writes the mesh as an OBJ file.
func (m *Mesh) WriteOBJ(to io.Writer) error {
	w := bufio.NewWriter(to)
	for _, p := range m.Positions {
		fmt.Fprintf(w, "v %.4g %.4g %.4g\n", p[0], p[1], p[2])
	}
	for _, t := range m.UVs {
		fmt.Fprintf(w, "vt %.4g %.4g\n", t[0], 1-t[1])
	}
	for _, t := range m.Triangles {
		if m.UVs == nil {
			fmt.Fprintf(w, "f %d %d %d\n", t[0]+1, t[1]+1, t[2]+1)
			continue
		}
		fmt.Fprintf(w, "f %d/%d %d/%d %d/%d\n", t[0]+1, t[0]+1, t[1]+1, t[1]+1, t[2]+1, t[2]+1)
	}
	return w.Flush()
}
