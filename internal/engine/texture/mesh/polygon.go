package mesh

import "math"

// mostEars is the largest polygon that is cut by looking for ears; larger ones, which only
// programs make, are cut as a fan.
const mostEars = 64

// polygon adds the triangles of a polygon to the soup. Polygons with a dent are cut so
// that no triangle lies outside.
func (s *soup) polygon(ring []corner) error {
	if err := s.room(len(ring) - 2); err != nil {
		return err
	}
	if len(ring) == 3 {
		s.corners = append(s.corners, ring...)
		return nil
	}
	flat, ok := s.flatten(ring)
	if !ok || len(ring) > mostEars {
		for i := 2; i < len(ring); i++ {
			s.corners = append(s.corners, ring[0], ring[i-1], ring[i])
		}
		return nil
	}
	s.clipEars(ring, flat)
	return nil
}

// flatten lays a polygon into a plane, counter-clockwise.
func (s *soup) flatten(ring []corner) ([][2]float64, bool) {
	var n [3]float64 // twice the areas as seen along the axes
	for i, c := range ring {
		a, b := s.positions[c.p], s.positions[ring[(i+1)%len(ring)].p]
		n[0] += float64(a[1]-b[1]) * (float64(a[2]) + float64(b[2]))
		n[1] += float64(a[2]-b[2]) * (float64(a[0]) + float64(b[0]))
		n[2] += float64(a[0]-b[0]) * (float64(a[1]) + float64(b[1]))
	}
	axis := 0
	for k := range 3 {
		if math.Abs(n[k]) > math.Abs(n[axis]) {
			axis = k
		}
	}
	if n[axis] == 0 {
		return nil, false
	}
	x, y := (axis+1)%3, (axis+2)%3
	if n[axis] < 0 {
		x, y = y, x
	}
	flat := make([][2]float64, len(ring))
	for i, c := range ring {
		p := s.positions[c.p]
		flat[i] = [2]float64{float64(p[x]), float64(p[y])}
	}
	return flat, true
}

// clipEars cuts off one corner after the other that has no other corner in its triangle.
func (s *soup) clipEars(ring []corner, flat [][2]float64) {
	left := make([]int, len(ring))
	for i := range left {
		left[i] = i
	}
	for len(left) > 3 {
		best, bestAngle := 0, math.Inf(-1)
		for i := range left {
			a, b, c := left[(i+len(left)-1)%len(left)], left[i], left[(i+1)%len(left)]
			if turn(flat[a], flat[b], flat[c]) <= 0 || holds(flat, left, a, b, c) {
				continue
			}
			// The roundest ear gives the least slivers.
			if q := roundness(flat[a], flat[b], flat[c]); q > bestAngle {
				best, bestAngle = i, q
			}
		}
		a, b, c := left[(best+len(left)-1)%len(left)], left[best], left[(best+1)%len(left)]
		s.corners = append(s.corners, ring[a], ring[b], ring[c])
		left = append(left[:best], left[best+1:]...)
	}
	s.corners = append(s.corners, ring[left[0]], ring[left[1]], ring[left[2]])
}

// turn is positive where a, b, c goes counter-clockwise.
func turn(a, b, c [2]float64) float64 {
	return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0])
}

// holds tells whether another corner lies inside the triangle a, b, c.
func holds(flat [][2]float64, left []int, a, b, c int) bool {
	for _, i := range left {
		p := flat[i]
		if p == flat[a] || p == flat[b] || p == flat[c] {
			continue
		}
		if turn(flat[a], flat[b], p) >= 0 && turn(flat[b], flat[c], p) >= 0 && turn(flat[c], flat[a], p) >= 0 {
			return true
		}
	}
	return false
}

// roundness is a triangle's area over the square of its longest side.
func roundness(a, b, c [2]float64) float64 {
	side := func(p, q [2]float64) float64 { return (p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) }
	return turn(a, b, c) / math.Max(side(a, b), math.Max(side(b, c), side(c, a)))
}
