// Package raster draws textured meshes on the processor.
//
// It promises an anti-aliased picture with perspective-correct textures, normal mapping,
// three lights, a soft room that metals mirror, and a soft shadow on the ground. It stops
// soon after its context ends. It knows no transparency and no shadows of the mesh on itself.
package raster

import (
	"context"
	"image"
	"math"

	"github.com/florin-studio/florin/internal/engine/texture/material"
	"github.com/florin-studio/florin/internal/engine/texture/mesh"
	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// View is from where the mesh is seen: Turn around it and Lift above it, in radians. At
// turn 0 the camera looks at the front, which is +Z as in glTF.
type View struct{ Turn, Lift float64 }

// fine is how many samples a pixel has on each side.
const fine = 2

// distance is the camera's from the mesh's middle, in radii.
const distance = 4.2

type scene struct {
	m              *mesh.Mesh
	maps           *material.Maps
	n              int // samples on each side
	middle, eye    vec.V
	right, up, fwd vec.V
	radius, zoom   float64
	screen         []([3]float64) // x, y in samples and 1/depth of each vertex
	depth          []float32
	owner          []int32
	shadow         []float64
	floor          float64
}

// Draw draws a square picture. The mesh needs texture coordinates and tangents.
func Draw(ctx context.Context, m *mesh.Mesh, maps *material.Maps, view View, size int) (*image.RGBA, error) {
	s := &scene{m: m, maps: maps, n: size * fine}
	s.place(view)
	s.depth, s.owner = make([]float32, s.n*s.n), make([]int32, s.n*s.n)
	for i := range m.Triangles {
		if i&255 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.fill(ctx, i)
	}
	if err := s.castShadow(ctx); err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	err := material.Rows(ctx, size, nil, func(y int) {
		for x := range size {
			if x&63 == 0 && ctx.Err() != nil {
				return
			}
			c := s.pixel(x, y)
			i := img.PixOffset(x, y)
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = c[0], c[1], c[2], 255
		}
	})
	return img, err
}

func (s *scene) place(view View) {
	s.middle, s.radius = s.m.Frame()
	low, _ := s.m.Bounds()
	s.floor = (low.Y - s.middle.Y) / s.radius
	st, ct := math.Sincos(view.Turn)
	sl, cl := math.Sincos(view.Lift)
	s.fwd = vec.V{X: -st * cl, Y: -sl, Z: -ct * cl}
	s.right = vec.V{X: ct, Z: -st}
	s.up = s.right.Cross(s.fwd)
	s.eye = s.fwd.Scale(-distance)
	s.zoom = float64(s.n) * 0.47 * math.Sqrt(distance*distance-1)
	s.screen = make([][3]float64, len(s.m.Positions))
	for i := range s.screen {
		p := s.local(uint32(i)).Sub(s.eye)
		w := 1 / p.Dot(s.fwd)
		s.screen[i] = [3]float64{float64(s.n)/2 + p.Dot(s.right)*w*s.zoom, float64(s.n)/2 - p.Dot(s.up)*w*s.zoom, w}
	}
}

// local is a vertex in radii from the middle.
func (s *scene) local(i uint32) vec.V {
	return s.m.Position(i).Sub(s.middle).Scale(1 / s.radius)
}

// fill writes a triangle into the depth buffer.
func (s *scene) fill(ctx context.Context, number int) {
	t := s.m.Triangles[number]
	a, b, c := s.screen[t[0]], s.screen[t[1]], s.screen[t[2]]
	area := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
	if math.Abs(area) < 1e-12 {
		return
	}
	x0, x1 := s.span(a[0], b[0], c[0])
	y0, y1 := s.span(a[1], b[1], c[1])
	for y := y0; y <= y1; y++ {
		if y&31 == 0 && ctx.Err() != nil {
			return
		}
		py := float64(y) + 0.5
		for x := x0; x <= x1; x++ {
			px := float64(x) + 0.5
			u := ((c[0]-b[0])*(py-b[1]) - (c[1]-b[1])*(px-b[0])) / area
			v := ((a[0]-c[0])*(py-c[1]) - (a[1]-c[1])*(px-c[0])) / area
			if u < 0 || v < 0 || u+v > 1 {
				continue
			}
			w := float32(u*a[2] + v*b[2] + (1-u-v)*c[2])
			if i := y*s.n + x; w > s.depth[i] {
				s.depth[i], s.owner[i] = w, int32(number+1)
			}
		}
	}
}

func (s *scene) span(a, b, c float64) (low, high int) {
	return max(0, int(math.Min(a, math.Min(b, c))-0.5)), min(s.n-1, int(math.Max(a, math.Max(b, c))+0.5))
}

// pixel shades each triangle in a pixel once and averages over the samples.
func (s *scene) pixel(x, y int) [3]uint8 {
	var seen [fine * fine]int32
	var light [fine * fine]vec.V
	var sum vec.V
	for k := range fine * fine {
		sx, sy := x*fine+k%fine, y*fine+k/fine
		seen[k] = s.owner[sy*s.n+sx]
		known := -1
		for j := range k {
			if seen[j] == seen[k] {
				known = j
				break
			}
		}
		if known >= 0 {
			light[k] = light[known]
		} else {
			px, py := float64(x*fine)+fine/2.0, float64(y*fine)+fine/2.0
			if seen[k] == 0 {
				light[k] = s.ground(px, py)
			} else {
				light[k] = tone(s.shade(int(seen[k]-1), float64(sx)+0.5, float64(sy)+0.5))
			}
		}
		sum = sum.Add(light[k])
	}
	sum = sum.Scale(1.0 / (fine * fine))
	return [3]uint8{material.Byte(vec.FromLinear(sum.X)), material.Byte(vec.FromLinear(sum.Y)), material.Byte(vec.FromLinear(sum.Z))}
}

// tone is a film curve: strong light does not burn out.
func tone(c vec.V) vec.V {
	f := func(x float64) float64 { return x * (2.51*x + 0.03) / (x*(2.43*x+0.59) + 0.14) }
	return vec.V{X: f(c.X * 0.72), Y: f(c.Y * 0.72), Z: f(c.Z * 0.72)}
}
