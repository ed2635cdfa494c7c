package builtin

import "math"

const (
	// terrainCells is the side of the height map, a power of two; it repeats at its edges.
	terrainCells = 512
	// terrainSize is the side in units of length; one unit is about half a kilometre.
	terrainSize = 32.0
	cellSize    = terrainSize / terrainCells
)

// terrain is a height map with a blurred copy that tells hollows from crests.
type terrain struct {
	h, wide []float32
	// steep marks cells too steep for trees.
	steep []bool
	top   float64
}

// newTerrain fills a height map from a function of map coordinates in 0..1, row by row.
func newTerrain(j *job, height func(u, v float64) float64) (*terrain, error) {
	t := &terrain{h: make([]float32, terrainCells*terrainCells)}
	err := j.rows(terrainCells, 0, 5, func(y int) {
		for x := range terrainCells {
			t.h[y*terrainCells+x] = float32(height(float64(x)/terrainCells, float64(y)/terrainCells))
		}
	})
	return t, err
}

// settle derives the blurred copy and the top; it must follow the last change of heights.
func (t *terrain) settle() {
	t.wide = make([]float32, len(t.h))
	copy(t.wide, t.h)
	line := make([]float32, terrainCells)
	const radius = 5
	for range 2 {
		for _, step := range [2][2]int{{1, terrainCells}, {terrainCells, 1}} {
			for row := range terrainCells {
				base, sum := row*step[1], float32(0)
				for i := -radius; i <= radius; i++ {
					sum += t.wide[base+(i&(terrainCells-1))*step[0]]
				}
				for i := range terrainCells {
					line[i] = sum / (2*radius + 1)
					sum += t.wide[base+((i+radius+1)&(terrainCells-1))*step[0]] - t.wide[base+((i-radius)&(terrainCells-1))*step[0]]
				}
				for i, v := range line {
					t.wide[base+i*step[0]] = v
				}
			}
		}
	}
	t.steep = make([]bool, len(t.h))
	for i := range t.h {
		x, y := i&(terrainCells-1), i&^(terrainCells-1)
		dx := t.h[y+(x+1)&(terrainCells-1)] - t.h[i]
		dy := t.h[(y+terrainCells)&(len(t.h)-1)+x] - t.h[i]
		t.steep[i] = dx*dx+dy*dy > 0.62*cellSize*cellSize
	}
	t.top = 0
	for _, v := range t.h {
		t.top = math.Max(t.top, float64(v))
	}
}

// lower shifts all heights so that a share of the map lies below zero.
func (t *terrain) lower(share float64) {
	var counts [1024]int
	low, high := t.h[0], t.h[0]
	for _, v := range t.h {
		low, high = min(low, v), max(high, v)
	}
	scale := 1023 / max(high-low, 1e-6)
	for _, v := range t.h {
		counts[int((v-low)*scale)]++
	}
	seen, i := 0, 0
	for ; i < 1023 && float64(seen) < share*float64(len(t.h)); i++ {
		seen += counts[i]
	}
	level := low + float32(i)/scale
	for k := range t.h {
		t.h[k] -= level
	}
}

// erode lets drops run downhill, carrying ground away from steep places and leaving it
// in flat ones, which carves valleys and fans.
func (t *terrain) erode(j *job, r *rng, drops int) error {
	const mask = terrainCells - 1
	for i := range drops {
		if i&511 == 0 && j.stopped() {
			return j.ctx.Err()
		}
		x, y := r.float()*terrainCells, r.float()*terrainCells
		dx, dy, speed, water, load := 0.0, 0.0, 1.0, 1.0, 0.0
		for range 36 {
			xi, xf := floor(x)
			yi, yf := floor(y)
			x0, x1, y0, y1 := xi&mask, (xi+1)&mask, (yi&mask)*terrainCells, ((yi+1)&mask)*terrainCells
			a, b, c, d := float64(t.h[y0+x0]), float64(t.h[y0+x1]), float64(t.h[y1+x0]), float64(t.h[y1+x1])
			gx, gy := (b-a)*(1-yf)+(d-c)*yf, (c-a)*(1-xf)+(d-b)*xf
			old := (a*(1-xf)+b*xf)*(1-yf) + (c*(1-xf)+d*xf)*yf
			dx, dy = dx*0.35-gx*0.65, dy*0.35-gy*0.65
			l := math.Sqrt(dx*dx + dy*dy)
			if l < 1e-7 {
				break
			}
			dx, dy = dx/l, dy/l
			x, y = x+dx, y+dy
			fall := t.cell(x, y) - old
			hold := math.Max(-fall, 0.0008) * speed * water * 5
			var change float64
			if fall > 0 || load > hold {
				change = (load - hold) * 0.25
				if fall > 0 {
					change = math.Min(fall, load)
				}
				load -= change
			} else {
				change = -math.Min((hold-load)*0.3, -fall)
				load -= change
			}
			t.h[y0+x0] += float32(change * (1 - xf) * (1 - yf))
			t.h[y0+x1] += float32(change * xf * (1 - yf))
			t.h[y1+x0] += float32(change * (1 - xf) * yf)
			t.h[y1+x1] += float32(change * xf * yf)
			speed = math.Sqrt(math.Max(0.04, speed*speed-fall*4))
			water *= 0.965
		}
	}
	return nil
}

// cell is the height between cells, in cell coordinates.
func (t *terrain) cell(x, y float64) float64 {
	const mask = terrainCells - 1
	xi, xf := floor(x)
	yi, yf := floor(y)
	x0, x1, y0, y1 := xi&mask, (xi+1)&mask, (yi&mask)*terrainCells, ((yi+1)&mask)*terrainCells
	a, b, c, d := float64(t.h[y0+x0]), float64(t.h[y0+x1]), float64(t.h[y1+x0]), float64(t.h[y1+x1])
	top, bottom := a+(b-a)*xf, c+(d-c)*xf
	return top + (bottom-top)*yf
}

// at is the height at a place, without corners at the cells' borders.
func (t *terrain) at(x, z float64) float64 {
	const mask = terrainCells - 1
	xi, xf := floor(x/cellSize + 0.5)
	zi, zf := floor(z/cellSize + 0.5)
	wx := [3]float64{0.5 * (1 - xf) * (1 - xf), 0.5 + xf*(1-xf), 0.5 * xf * xf}
	wz := [3]float64{0.5 * (1 - zf) * (1 - zf), 0.5 + zf*(1-zf), 0.5 * zf * zf}
	x0, x1, x2 := (xi-1)&mask, xi&mask, (xi+1)&mask
	sum := 0.0
	for k := range 3 {
		row := t.h[((zi+k-1)&mask)*terrainCells:]
		sum += wz[k] * (wx[0]*float64(row[x0]) + wx[1]*float64(row[x1]) + wx[2]*float64(row[x2]))
	}
	return sum
}

// hollow is how much a place lies below its surroundings.
func (t *terrain) hollow(x, z float64) float64 {
	const mask = terrainCells - 1
	i := (int(math.Floor(z/cellSize+0.5))&mask)*terrainCells + int(math.Floor(x/cellSize+0.5))&mask
	return float64(t.wide[i] - t.h[i])
}
