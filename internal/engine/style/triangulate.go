package style

import (
	"math"
	"sort"
)

// face is a triangle: the numbers of its corners, and across each corner its neighbour
// (-1 for none).
type face struct {
	corner [3]int32
	across [3]int32
	dead   bool
}

// triangulate gives the Delaunay triangles of the spots: those whose circumcircles hold no
// other spot. It adds one spot after the other (Bowyer and Watson), in rows that run to and
// fro so that the triangle sought is near the last one.
func (w *work) triangulate(spots []spot) [][3]int32 {
	n := len(spots)
	span := 10.0
	for _, p := range spots {
		span = max(span, math.Abs(p.x), math.Abs(p.y))
	}
	all := append(append([]spot{}, spots...), spot{-2000 * span, -1800 * span}, spot{2200 * span, -1900 * span}, spot{span / 3, 2400 * span})
	m := &mesh{spots: all, faces: []face{{corner: [3]int32{int32(n), int32(n + 1), int32(n + 2)}, across: [3]int32{-1, -1, -1}}}}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	row := span/math.Sqrt(float64(n)+1)*1.5 + 1e-9
	key := func(i int) (int, float64) {
		r := int(math.Floor(spots[i].y / row))
		if r&1 == 1 {
			return r, -spots[i].x
		}
		return r, spots[i].x
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, x := key(order[i])
		b, y := key(order[j])
		return a < b || a == b && x < y
	})
	for k, i := range order {
		if k&255 == 0 && w.stopped() {
			return nil
		}
		m.insert(int32(i))
	}
	var out [][3]int32
	for _, f := range m.faces {
		if !f.dead && f.corner[0] < int32(n) && f.corner[1] < int32(n) && f.corner[2] < int32(n) {
			out = append(out, f.corner)
		}
	}
	return out
}

type mesh struct {
	spots []spot
	faces []face
	last  int32
}

// side is positive if p lies left of the line from a to b.
func side(a, b, p spot) float64 { return (b.x-a.x)*(p.y-a.y) - (b.y-a.y)*(p.x-a.x) }

// within tells whether p lies in the circumcircle of a face.
func (m *mesh) within(f *face, p spot) bool {
	a, b, c := m.spots[f.corner[0]], m.spots[f.corner[1]], m.spots[f.corner[2]]
	ax, ay, bx, by, cx, cy := a.x-p.x, a.y-p.y, b.x-p.x, b.y-p.y, c.x-p.x, c.y-p.y
	d := (ax*ax+ay*ay)*(bx*cy-cx*by) - (bx*bx+by*by)*(ax*cy-cx*ay) + (cx*cx+cy*cy)*(ax*by-bx*ay)
	return d > 0
}

// find walks to the face that holds p.
func (m *mesh) find(p spot) int32 {
	at := m.last
walk:
	for range len(m.faces) + 3 {
		f := &m.faces[at]
		for k := range 3 {
			if side(m.spots[f.corner[(k+1)%3]], m.spots[f.corner[(k+2)%3]], p) < 0 && f.across[k] >= 0 {
				at = f.across[k]
				continue walk
			}
		}
		return at
	}
	return at
}

// insert removes the faces whose circumcircle holds the spot and fans new ones around it.
func (m *mesh) insert(i int32) {
	p := m.spots[i]
	first := m.find(p)
	type edge struct{ a, b, outside int32 }
	var border []edge
	hole := []int32{first}
	m.faces[first].dead = true
	for k := 0; k < len(hole); k++ {
		f := m.faces[hole[k]]
		for c := range 3 {
			next := f.across[c]
			if next >= 0 && m.faces[next].dead {
				continue
			}
			if next >= 0 && m.within(&m.faces[next], p) {
				m.faces[next].dead = true
				hole = append(hole, next)
				continue
			}
			border = append(border, edge{f.corner[(c+1)%3], f.corner[(c+2)%3], next})
		}
	}
	// A face found later may have closed what was a border before; the hole is star-shaped
	// around the spot, so each corner begins exactly one edge of the true border.
	starts := map[int32]int32{}
	for _, e := range border {
		if e.outside >= 0 && m.faces[e.outside].dead {
			continue
		}
		at := int32(len(m.faces))
		m.faces = append(m.faces, face{corner: [3]int32{i, e.a, e.b}, across: [3]int32{e.outside, -1, -1}})
		if e.outside >= 0 {
			o := &m.faces[e.outside]
			for c := range 3 {
				if o.corner[(c+1)%3] == e.b && o.corner[(c+2)%3] == e.a {
					o.across[c] = at
				}
			}
		}
		starts[e.a] = at
		m.last = at
	}
	for _, at := range starts {
		f := &m.faces[at]
		if next, ok := starts[f.corner[2]]; ok {
			f.across[1] = next
			m.faces[next].across[2] = at
		}
	}
}
