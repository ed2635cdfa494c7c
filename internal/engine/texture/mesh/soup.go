package mesh

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/florin-studio/florin/internal/engine/texture/vec"
)

// none stands for an index that a corner does not have.
const none = -1

// corner is one corner of a triangle: numbers of a position, a texture coordinate and a
// normal, the last two perhaps none.
type corner struct{ p, t, n int32 }

// soup is what both readers gather: lists and, three by three, the corners of triangles.
// Its indexes are checked; its numbers are finite.
type soup struct {
	ctx       context.Context
	positions [][3]float32
	normals   [][3]float32
	uvs       [][2]float32
	corners   []corner
}

// room refuses more triangles than allowed, and makes place for them: twice as much each
// time, which costs less memory on the way than the usual quarter.
func (s *soup) room(more int) error {
	if len(s.corners)/3+more > MaxTriangles {
		return fmt.Errorf("the mesh has more than the %d triangles that are allowed", MaxTriangles)
	}
	if cap(s.corners)-len(s.corners) < 3*more {
		s.corners = slices.Grow(s.corners, max(3*more, len(s.corners)))
	}
	return nil
}

// smallestUVArea is the sum of the triangles' areas in texture space below which texture
// coordinates count as absent, such as those that are all zero.
const smallestUVArea = 1e-6

// largestUV bounds usable texture coordinates.
const largestUV = 1e4

// finish turns the soup into a sound mesh.
func (s *soup) finish() (*Mesh, error) {
	s.dropFlat()
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.corners) == 0 {
		return nil, errors.New("the mesh has no triangle with an area, at least one is needed")
	}
	textured := s.usableUVs()
	smooth := s.smoothNormals()
	m := &Mesh{Triangles: make([][3]uint32, len(s.corners)/3)}
	index := newInterner(len(s.corners))
	for i, c := range s.corners {
		if ended(s.ctx, i) {
			return nil, s.ctx.Err()
		}
		key := vertex{position: s.positions[c.p]}
		if textured {
			key.uv = s.uvs[c.t]
		}
		if key.normal = smooth[i]; key.normal == ([3]float32{}) {
			key.normal = narrow(wide(s.normals[c.n]).Unit())
		}
		m.Triangles[i/3][i%3] = index.number(key)
	}
	m.Positions = make([][3]float32, len(index.all))
	m.Normals = make([][3]float32, len(index.all))
	if textured {
		m.UVs = make([][2]float32, len(index.all))
	}
	for i, v := range index.all {
		m.Positions[i], m.Normals[i] = v.position, v.normal
		if textured {
			m.UVs[i] = v.uv
		}
	}
	return m, nil
}

// dropFlat leaves out triangles without an area, which have no normal and are never seen.
func (s *soup) dropFlat() {
	kept := s.corners[:0]
	for i := 0; i+2 < len(s.corners) && !ended(s.ctx, i/3); i += 3 {
		a, b, c := s.corners[i], s.corners[i+1], s.corners[i+2]
		if s.face(a, b, c).Length() > 0 {
			kept = append(kept, a, b, c)
		}
	}
	s.corners = kept
}

// face is the normal of a triangle, as long as twice its area.
func (s *soup) face(a, b, c corner) vec.V {
	p := wide(s.positions[a.p])
	return wide(s.positions[b.p]).Sub(p).Cross(wide(s.positions[c.p]).Sub(p))
}

// usableUVs tells whether every corner has texture coordinates and they span an area.
func (s *soup) usableUVs() bool {
	area := 0.0
	for i := 0; i < len(s.corners) && !ended(s.ctx, i/3); i += 3 {
		var uv [3][2]float32
		for k := range 3 {
			t := s.corners[i+k].t
			if t == none {
				return false
			}
			uv[k] = s.uvs[t]
			for _, x := range uv[k] {
				if !(x >= -largestUV && x <= largestUV) {
					return false
				}
			}
		}
		area += math.Abs(float64(uv[1][0]-uv[0][0])*float64(uv[2][1]-uv[0][1]) - float64(uv[2][0]-uv[0][0])*float64(uv[1][1]-uv[0][1]))
	}
	return area > smallestUVArea
}

// crease is the cosine of the angle between two faces above which the edge between them
// stays sharp when normals are missing.
var crease = math.Cos(48 * math.Pi / 180)

// crowd is how many faces may meet in a point before the angle between them is no longer
// looked at, which would take the square of their number.
const crowd = 128

// smoothNormals gives normals to the corners that have none; the others stay zero.
func (s *soup) smoothNormals() [][3]float32 {
	out := make([][3]float32, len(s.corners))
	if !slices.ContainsFunc(s.corners, s.lacksNormal) {
		return out
	}
	places := newInterner(len(s.corners))
	place := make([]uint32, len(s.corners))
	for i, c := range s.corners {
		if ended(s.ctx, i) {
			return out
		}
		place[i] = places.number(vertex{position: s.positions[c.p]})
	}
	start, list := gather(place, len(places.all))
	crowds := map[uint32]vec.V{}
	for i, c := range s.corners {
		if ended(s.ctx, i) {
			return out
		}
		if !s.lacksNormal(c) {
			continue
		}
		meeting := list[start[place[i]]:start[place[i]+1]]
		own := s.faceOf(i).Unit()
		sum, known := crowds[place[i]]
		if !known {
			for _, other := range meeting {
				if f := s.faceOf(int(other)); len(meeting) > crowd || f.Unit().Dot(own) >= crease {
					sum = sum.Add(f)
				}
			}
			if len(meeting) > crowd {
				crowds[place[i]] = sum
			}
		}
		if sum = sum.Unit(); sum.Length() < 0.5 {
			sum = own
		}
		out[i] = narrow(sum)
	}
	return out
}

func (s *soup) lacksNormal(c corner) bool {
	return c.n == none || wide(s.normals[c.n]).Length() < 1e-12
}

func (s *soup) faceOf(i int) vec.V {
	i -= i % 3
	return s.face(s.corners[i], s.corners[i+1], s.corners[i+2])
}

// gather lists, for each place, which corners lie there.
func gather(place []uint32, places int) (start, list []uint32) {
	start = make([]uint32, places+1)
	for _, p := range place {
		start[p+1]++
	}
	for i := range places {
		start[i+1] += start[i]
	}
	next := make([]uint32, places)
	copy(next, start)
	list = make([]uint32, len(place))
	for i, p := range place {
		list[next[p]] = uint32(i)
		next[p]++
	}
	return start, list
}
