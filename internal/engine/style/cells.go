package style

import (
	"math"

	"github.com/florin-studio/florin/internal/engine/colour"
)

// bayer is the order in which the pixels of a 4×4 block take the second colour.
var bayer = [16]float32{0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5}

// pixelArt averages blocks, draws them in a small palette with ordered dots between two
// colours, and lines dark edges.
func pixelArt(w *work, in *canvas, weight float64) *canvas {
	block := max(2, int(math.Round((1+5*math.Min(weight, 2))*w.unit)))
	nx, ny := (in.w+block-1)/block, (in.h+block-1)/block
	smooth := w.dabs(in, math.Max(2, float64(block)*0.5))
	small := w.each(nx, ny, func(x, y int) rgb {
		sum, n := rgb{}, float32(0)
		for yy := y * block; yy < min((y+1)*block, in.h); yy++ {
			for xx := x * block; xx < min((x+1)*block, in.w); xx++ {
				sum = sum.add(smooth.at(xx, yy))
				n++
			}
		}
		return sum.scale(1 / n).saturated(1.2)
	})
	soft := w.softened(small, 1.2)
	small = w.each(nx, ny, func(x, y int) rgb { // crisp edges between blocks
		a, b := small.at(x, y), soft.at(x, y)
		return rgb{clamp(a.r+0.7*(a.r-b.r), 0, 1), clamp(a.g+0.7*(a.g-b.g), 0, 1), clamp(a.b+0.7*(a.b-b.b), 0, 1)}
	})
	inks := w.palette(small, max(8, 32-int(8*weight)))
	labs := make([]colour.Lab, len(inks))
	for i, v := range inks {
		labs[i] = lab(v)
	}
	drawn := w.each(nx, ny, func(x, y int) rgb {
		c := lab(small.at(x, y))
		first := colour.Nearest(labs, c)
		d := bayer[y&3*4+x&3]/16 - 0.47
		// The other colour is the nearest one to the far side of the wish.
		far := colour.Lab{L: 2*c.L - labs[first].L, A: 2*c.A - labs[first].A, B: 2*c.B - labs[first].B}
		second := colour.Nearest(labs, far)
		d1, d2 := colour.Distance(c, labs[first]), colour.Distance(c, labs[second])
		if share := d1 / (d1 + d2 + 1e-6); float32(share) > 0.36+0.3*(d+0.47) && colour.Distance(labs[first], labs[second]) < 0.16 {
			return inks[second]
		}
		return inks[first]
	})
	return w.each(in.w, in.h, func(x, y int) rgb { return drawn.at(x/block, y/block) })
}

// spot is a place in pixels.
type spot struct{ x, y float64 }

// scatter finds about count places, more of them where the picture has detail, none too
// close to another.
func (w *work) scatter(detail *plane, count, salt int) []spot {
	area := float64(detail.w * detail.h)
	mean, _ := w.spread(detail)
	wide := math.Sqrt(area / float64(count) * 1.25)
	cell := wide / 2
	nx, ny := int(float64(detail.w)/cell)+1, int(float64(detail.h)/cell)+1
	taken := make([][]spot, nx*ny)
	var list []spot
	for i := range count * 14 {
		if i&1023 == 0 && w.stopped() {
			break
		}
		p := spot{float64(hash(i, 1, salt)) * float64(detail.w-1), float64(hash(i, 2, salt)) * float64(detail.h-1)}
		here := float64(detail.near(int(p.x), int(p.y)) / max(mean, 1e-6))
		gap := wide * (0.30 + 1.0/(1+here*here))
		cx, cy := int(p.x/cell), int(p.y/cell)
		free := true
		for y := max(0, cy-3); y <= min(ny-1, cy+3) && free; y++ {
			for x := max(0, cx-3); x <= min(nx-1, cx+3) && free; x++ {
				for _, o := range taken[y*nx+x] {
					if (o.x-p.x)*(o.x-p.x)+(o.y-p.y)*(o.y-p.y) < gap*gap {
						free = false
						break
					}
				}
			}
		}
		if free {
			taken[cy*nx+cx] = append(taken[cy*nx+cx], p)
			list = append(list, p)
		}
	}
	return list
}

// busy is where the picture has edges.
func (w *work) busy(l *plane, sigma float64) *plane {
	s := w.blurred(l, sigma*0.7)
	e := w.map1(l.w, l.h, func(x, y int) float32 {
		dx, dy := s.near(x+1, y)-s.near(x-1, y), s.near(x, y+1)-s.near(x, y-1)
		return float32(math.Sqrt(math.Sqrt(float64(dx*dx + dy*dy))))
	})
	return w.blurred(e, sigma)
}

// nearby finds the two spots nearest to a pixel, through a grid.
type nearby struct {
	cell   float64
	nx, ny int
	homes  [][]int32
	spots  []spot
}

func newNearby(spots []spot, width, height int) *nearby {
	cell := math.Sqrt(float64(width*height)/float64(max(len(spots), 1))) * 1.2
	n := &nearby{cell: cell, nx: int(float64(width)/cell) + 1, ny: int(float64(height)/cell) + 1, spots: spots}
	n.homes = make([][]int32, n.nx*n.ny)
	for i, p := range spots {
		k := int(p.y/cell)*n.nx + int(p.x/cell)
		n.homes[k] = append(n.homes[k], int32(i))
	}
	return n
}

// two gives the nearest spot, the second nearest and how far the border between lies.
func (n *nearby) two(x, y float64) (first, second int, border float64) {
	cx, cy := int(x/n.cell), int(y/n.cell)
	d1, d2 := math.Inf(1), math.Inf(1)
	first, second = -1, -1
	for ring := 1; ring <= 3; ring++ {
		d1, d2, first, second = math.Inf(1), math.Inf(1), -1, -1
		for yy := max(0, cy-ring); yy <= min(n.ny-1, cy+ring); yy++ {
			for xx := max(0, cx-ring); xx <= min(n.nx-1, cx+ring); xx++ {
				for _, i := range n.homes[yy*n.nx+xx] {
					p := n.spots[i]
					d := (p.x-x)*(p.x-x) + (p.y-y)*(p.y-y)
					if d < d1 {
						d1, d2, first, second = d, d1, int(i), first
					} else if d < d2 {
						d2, second = d, int(i)
					}
				}
			}
		}
		if second >= 0 && d2 < float64(ring)*n.cell*float64(ring)*n.cell {
			break
		}
	}
	if second < 0 {
		return max(first, 0), max(first, 0), 99
	}
	a, b := n.spots[first], n.spots[second]
	between := math.Hypot(a.x-b.x, a.y-b.y)
	return first, second, (d2 - d1) / (2 * math.Max(between, 1e-6))
}

// stainedGlass is panes of one colour each, streaked and glowing, held by lead. The lead
// follows the things of the picture; large ones are cut into several panes.
func stainedGlass(w *work, in *canvas, weight float64) *canvas {
	g := grow(max(weight, 1)) * w.unit // where the picture shows through, small panes would look like cracks
	c := w.softened(w.dabs(in, 7*g), g)
	things := w.areas(c, w.palette(c, 14), 260*g*g, 3*g, 0.13)
	panes := w.panes(things, w.busy(w.luma(c), 5*g), c, g)
	tones, middles := w.means(panes, c)
	for k, v := range tones {
		v = v.saturated(1.75)
		l := v.luma()
		tones[k] = v.scale((0.05 + 1.08*l) / max(l, 0.03))
	}
	lead, near := w.ridge(panes, 1.35*g), w.ridge(panes, 4.5*g)
	thick := w.ridge(things, 2.1*g)
	return w.each(in.w, in.h, func(x, y int) rgb {
		k := int(panes.of[y*in.w+x])
		s, co := math.Sincos(float64(hash(k, 3, 5)) * math.Pi)
		u, v := (float64(x)*co+float64(y)*s)/(5*g), (-float64(x)*s+float64(y)*co)/(26*g)
		streak := clouds(u, v, 3, 23+k%64) - 0.5
		dx, dy := (float32(x)-float32(middles[k].x))/float32(17*g), (float32(y)-float32(middles[k].y))/float32(17*g)
		light := 1.14 + 0.34*streak + 0.26*(hash(k, 4, 5)-0.5) - 0.05*min(dx*dx+dy*dy, 4) - 0.05*clamp(dx+dy, -2, 2)
		glass := tones[k].scale(light * (1 - 0.34*near.at(x, y)))
		bar := max(lead.at(x, y), thick.at(x, y))
		round := clamp((bar-0.5)*2, 0, 1)
		metal := rgb{0.07, 0.07, 0.085}.add(rgb{0.16, 0.16, 0.18}.scale(round * round * hash(x/3, y/3, 7)))
		return blend(glass, metal, step(0.40, 0.62, bar))
	})
}

// panes cuts things along the middles between scattered places, of which there are more
// where the picture has detail. No pane is a splinter.
func (w *work) panes(things *areas, detail *plane, c *canvas, g float64) *areas {
	count := max(12, int(float64(c.w*c.h)/(1500*g*g)))
	spots := w.scatter(detail, count, 19)
	if len(spots) == 0 {
		return things
	}
	grid, home := newNearby(spots, c.w, c.h), make([]int32, c.w*c.h)
	w.rows(c.h, func(y int) {
		for x := range c.w {
			first, _, _ := grid.two(float64(x)+0.5, float64(y)+0.5)
			home[y*c.w+x] = int32(first)
		}
	})
	cut := w.connected(c.w, c.h, func(i, k int) bool { return things.of[i] == things.of[k] && home[i] == home[k] })
	borders := w.borders(cut, c, max(1, int(3*g)))
	return w.joinedAreas(cut, borders, 170*g*g, 0)
}

// lowPoly is triangles between places on the outlines, each in its mean colour.
func lowPoly(w *work, in *canvas, weight float64) *canvas {
	g := grow(weight) * w.unit
	c := w.dabs(in, 4*g)
	count := max(30, int(float64(in.w*in.h)/(1000*g*g)))
	detail := w.busy(w.luma(c), 2.2*g)
	spots := w.scatter(detail, count, 27)
	fx, fy := float64(in.w-1), float64(in.h-1)
	side := 9
	for i := range side + 1 {
		t := float64(i) / float64(side)
		spots = append(spots, spot{t * fx, -0.5}, spot{t*fx + 0.01, fy + 1.5}, spot{-0.5, t*fy + 0.013}, spot{fx + 1.5, t*fy + 0.017})
	}
	faces := w.triangulate(spots)
	owner := make([]int32, in.w*in.h)
	for i := range owner {
		owner[i] = -1
	}
	sums := make([]rgb, len(faces))
	counts := make([]float32, len(faces))
	for k, f := range faces {
		if k&255 == 0 && w.stopped() {
			return in
		}
		fillFace(spots[f[0]], spots[f[1]], spots[f[2]], in.w, in.h, func(x, y int) {
			owner[y*in.w+x] = int32(k)
			sums[k] = sums[k].add(c.at(x, y))
			counts[k]++
		})
	}
	for k, f := range faces {
		v := sums[k].scale(1 / max(counts[k], 1)).saturated(1.22)
		// A facet that faces the light is a little brighter.
		a, b, q := spots[f[0]], spots[f[1]], spots[f[2]]
		tilt := float32(math.Sin(math.Atan2(b.y-a.y+q.y-a.y, b.x-a.x+q.x-a.x)*2)) * 0.045
		sums[k] = v.scale(1 + tilt + 0.08*(hash(k, 1, 9)-0.5))
	}
	even := w.each(in.w, in.h, func(x, y int) rgb {
		if k := owner[y*in.w+x]; k >= 0 {
			return sums[k]
		}
		return c.at(x, y)
	})
	return w.softened(even, 0.5)
}

// fillFace visits the pixels whose middles lie in a triangle.
func fillFace(a, b, c spot, width, height int, visit func(x, y int)) {
	low := max(0, int(math.Floor(min(a.y, b.y, c.y))))
	high := min(height-1, int(math.Ceil(max(a.y, b.y, c.y))))
	for y := low; y <= high; y++ {
		py := float64(y) + 0.5
		left, right := math.Inf(1), math.Inf(-1)
		for _, e := range [3][2]spot{{a, b}, {b, c}, {c, a}} {
			if (e[0].y <= py) == (e[1].y <= py) {
				continue
			}
			x := e[0].x + (py-e[0].y)/(e[1].y-e[0].y)*(e[1].x-e[0].x)
			left, right = math.Min(left, x), math.Max(right, x)
		}
		for x := max(0, int(math.Ceil(left-0.5))); float64(x)+0.5 < right && x < width; x++ {
			visit(x, y)
		}
	}
}
