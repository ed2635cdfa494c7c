package builtin

import "math"

// facets redraws a scene as flat triangles, each with the scene's colour at its middle.
type facets struct {
	f      frame
	nx, ny int
	salt   int
	points [][2]float64
	inks   []vec
}

// newFacets samples the scene once per triangle, row by row.
func newFacets(j *job, s scene, w *wish, f frame) (*facets, error) {
	const across = 34.0
	k := &facets{f: f, salt: w.rng.below(99999)}
	k.nx = max(3, int(math.Round(across*2*f.right)))
	k.ny = max(3, int(math.Round(across*2*f.top)))
	k.points = make([][2]float64, (k.nx+5)*(k.ny+5))
	err := j.rows(k.ny+5, 12, 20, func(row int) {
		for col := range k.nx + 5 {
			k.points[row*(k.nx+5)+col] = k.corner(s, col-2, row-2)
		}
	})
	if err != nil {
		return nil, err
	}
	rows := k.ny + 4
	k.inks = make([]vec, rows*(k.nx+4)*2)
	err = j.rows(rows, 20, 30, func(row int) {
		for col := range k.nx + 4 {
			for half := range 2 {
				a, b, c := k.corners(col, row, half)
				sum := vec{}
				for _, m := range [4][3]float64{{1, 1, 1}, {2.2, 0.4, 0.4}, {0.4, 2.2, 0.4}, {0.4, 0.4, 2.2}} {
					x := (a[0]*m[0] + b[0]*m[1] + c[0]*m[2]) / 3
					y := (a[1]*m[0] + b[1]*m[1] + c[1]*m[2]) / 3
					sum = sum.add(tame(s.shade(clamp(x, -f.right, f.right), clamp(y, -f.top, f.top))))
				}
				tilt := 0.95 + 0.1*hash(col, row*2+half, k.salt+2)
				k.inks[(row*(k.nx+4)+col)*2+half] = saturate(untame(sum.scale(0.25)), 1.15).scale(tilt)
			}
		}
	})
	return k, err
}

// corner moves a point of the grid onto the strongest edge of the scene near it, so that
// triangles follow outlines; where there is none it moves by chance.
func (k *facets) corner(s scene, x, y int) [2]float64 {
	place := func(dx, dy float64) [2]float64 {
		return [2]float64{((float64(x)+dx)/float64(k.nx)*2 - 1) * k.f.right, ((float64(y)+dy)/float64(k.ny)*2 - 1) * k.f.top}
	}
	var lights [5][5]vec
	for b := range 5 {
		for a := range 5 {
			p := place(float64(a-2)*0.21, float64(b-2)*0.21)
			lights[b][a] = tame(s.shade(clamp(p[0], -k.f.right, k.f.right), clamp(p[1], -k.f.top, k.f.top)))
		}
	}
	dx, dy := 0.6*(hash(x, y, k.salt)-0.5), 0.6*(hash(x, y, k.salt+1)-0.5)
	best := 0.035
	for b := 1; b < 4; b++ {
		for a := 1; a < 4; a++ {
			step := lights[b][a+1].sub(lights[b][a-1]).length() + lights[b+1][a].sub(lights[b-1][a]).length()
			if step > best {
				best, dx, dy = step, float64(a-2)*0.21, float64(b-2)*0.21
			}
		}
	}
	return place(dx, dy)
}

// corners are the points of a triangle: each cell is cut in two along one of its diagonals.
func (k *facets) corners(col, row, half int) (a, b, c [2]float64) {
	at := func(x, y int) [2]float64 { return k.points[(row+y)*(k.nx+5)+col+x] }
	if (col+row)&1 == 0 {
		if half == 0 {
			return at(0, 0), at(1, 0), at(0, 1)
		}
		return at(1, 1), at(1, 0), at(0, 1)
	}
	if half == 0 {
		return at(0, 0), at(1, 0), at(1, 1)
	}
	return at(0, 0), at(0, 1), at(1, 1)
}

func (k *facets) shade(x, y float64) vec {
	col, _ := floor((x/k.f.right + 1) / 2 * float64(k.nx))
	row, _ := floor((y/k.f.top + 1) / 2 * float64(k.ny))
	for _, d := range [9][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}} {
		c, r := min(max(col+2+d[0], 0), k.nx+3), min(max(row+2+d[1], 0), k.ny+3)
		for half := range 2 {
			p, q, s := k.corners(c, r, half)
			if within(x, y, p, q, s) {
				return k.inks[(r*(k.nx+4)+c)*2+half]
			}
		}
	}
	return k.inks[(min(max(row+2, 0), k.ny+3)*(k.nx+4)+min(max(col+2, 0), k.nx+3))*2]
}

// within tells whether a place lies in a triangle.
func within(x, y float64, a, b, c [2]float64) bool {
	side := func(p, q [2]float64) bool { return (q[0]-p[0])*(y-p[1])-(q[1]-p[1])*(x-p[0]) >= 0 }
	s := side(a, b)
	return s == side(b, c) && s == side(c, a)
}
